public import JSON

/// What a check of a request found.
public struct ValidationResult: Sendable {
    /// Why it must not be sent.
    public let errors: [ValidationIssue]
    /// What the client should know.
    public let warnings: [ValidationIssue]
    /// What will be sent, without `conversationUUID`; `nil` when there are errors.
    public let body: JSONObject?
    /// The inline media in it.
    public let media: [MediaItem]
    /// What it will cost, where that is known.
    public let price: CataloguePrice?

    /// Whether it can be sent.
    public var isValid: Bool { errors.isEmpty }
}
