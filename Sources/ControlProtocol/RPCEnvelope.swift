/// One request as byte ranges of the line that it came in; nothing is copied.
public struct RPCEnvelope: Hashable, Sendable {
    /// What stands in `params`.
    public enum Parameters: Hashable, Sendable {
        /// Nothing: absent, `{}` or `[]`.
        case none
        /// An object that is not empty.
        case named
        /// An array that is not empty.
        case positional
    }

    /// Where the id's JSON text is; nil for a notification, which is never answered.
    public var id: Range<Int>?
    /// The method, nil when the name is not known.
    public var method: ControlMethod?
    /// Where the method's name is, without its quotes.
    public var methodName: Range<Int>
    /// What stands in `params`.
    public var parameters: Parameters
    /// Where the value of `params` is; empty for none.
    public var parameterBytes: Range<Int>
}

/// What one line is.
public enum RPCMessage: Hashable, Sendable {
    /// A request or a notification.
    case call(RPCEnvelope)
    /// No request; the id's place where it could be told.
    case invalid(RPCFault, id: Range<Int>?)
    /// A batch: calls and faults in their order, 1 or more.
    case batch([RPCMessage])
}
