public import JSON

/// A message of the daemon that answers no call.
public struct ControlNotification: Sendable {
    /// What it is about, for example `events.event`.
    public let method: String
    /// Its parameters.
    public let params: JSONValue
    /// The whole message as it came.
    public let json: JSONValue
}
