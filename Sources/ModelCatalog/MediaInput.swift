/// One media input of a model: a role, and the fields that can fill it (any one of them).
public struct MediaInput: Hashable, Sendable {
    /// What the input is for, such as `image` or `reference_image`.
    public let role: String
    /// What has to be in it.
    public let kind: MediaKind
    /// Whether a request without it is refused.
    public let isRequired: Bool
    /// The field to send inline data (a data URL) in.
    public let inlineField: String
    /// The field to send a URL in.
    public let urlField: String
    /// Other spellings that clients use for the same input.
    public let aliases: [String]
    /// What the documents say besides.
    public let note: String?
    /// Which documents say so.
    public let basis: String?
    /// Whether a list of files is taken too, as the live catalogue says of references.
    var takesList = false

    /// Every spelling, those that are sent first.
    public var spellings: [String] {
        (inlineField == urlField ? [inlineField] : [inlineField, urlField]) + aliases
    }
}
