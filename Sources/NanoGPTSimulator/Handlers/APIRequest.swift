import HTTPTypes

/// A request as the handlers see it: read, and with nothing of the connection in it.
struct APIRequest: Sendable {
    var method: HTTPRequest.Method = .get
    /// The path without the query, percent-encoded as sent.
    var path = "/"
    var query: [String: String] = [:]
    /// The key of `x-api-key` or `Authorization: Bearer`.
    var apiKey: String?
    /// The `X-Request-ID` that was sent, or a new one.
    var requestID = ""
    /// The address of the client.
    var peer = ""
    /// Whether the client is on this machine.
    var isLocal = true
    var range: String?
    var ifRange: String?
    /// The body; nil without one.
    var body: [UInt8]?
    /// The body as JSON; nil without one or if it is not JSON.
    var json: JSONValue?
    /// Whether the body is larger than the limit, and was not kept.
    var isTooLarge = false
}
