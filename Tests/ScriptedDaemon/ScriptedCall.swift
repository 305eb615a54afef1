public import JSON

/// A call that a scripted daemon received.
public struct ScriptedCall: Sendable {
    /// Its id; null when it has none.
    public let id: JSONValue
    /// Its method; empty when the line was no call.
    public let method: String
    /// Its parameters; an empty object when it has none.
    public let params: JSONValue
    /// The how manieth call of this method it is, from 1.
    public let number: Int
    /// The descriptor of the connection that it came on.
    public let connection: Int32
}
