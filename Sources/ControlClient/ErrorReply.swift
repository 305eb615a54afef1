public import JSON

/// The error object of a reply, its known members within reach (CONTRACT section 3, "Errors").
public struct ErrorReply: Sendable {
    /// JSON-RPC's number, or a small positive one of the daemon.
    public let code: Int
    /// The daemon's sentence.
    public let message: String
    /// The whole object as it came.
    public let json: JSONValue

    /// Reads an error object; what is missing or of another type is left out.
    ///
    /// - Parameter json: The value of the reply's member `error`.
    public init(_ json: JSONValue) {
        code = json["code"]?.intValue ?? 0
        message = json["message"]?.stringValue ?? "The daemon refused the call without a message."
        self.json = json
    }

    /// The stable word for what is wrong.
    public var kind: String? {
        json["data"]?["kind"]?.stringValue
    }

    /// Whether the call was paid for: `no`, `yes` or `unknown`.
    public var charged: String? {
        json["data"]?["charged"]?.stringValue
    }

    /// Whether the same call may succeed later.
    public var isRetryable: Bool {
        json["data"]?["retryable"]?.boolValue ?? false
    }

    /// The parameter that is at fault.
    public var field: String? {
        json["data"]?["field"]?.stringValue
    }

    /// What to do about it.
    public var hint: String? {
        json["data"]?["hint"]?.stringValue
    }
}
