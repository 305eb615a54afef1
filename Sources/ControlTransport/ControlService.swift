public import ControlProtocol
public import JSON

/// What answers calls.
public protocol ControlService: Sendable {
    /// Answers a call from memory; called on the event loop, so it must neither block nor wait.
    ///
    /// - Parameters:
    ///   - call: The call.
    ///   - peer: Who calls.
    ///   - writer: Takes the value of `result`; empty when this is called. What was written is discarded
    ///     unless the method returns `true`.
    /// - Returns: Whether the result was written; `false` sends the call to ``perform(_:for:)``.
    /// - Throws: `RPCError`, the answer.
    func answer(
        _ call: ControlCall,
        from peer: ControlPeer,
        into writer: inout JSONWriter
    ) throws(RPCError) -> Bool

    /// Carries out a call that changes something or waits; runs in a child task of the server.
    ///
    /// Its task is cancelled when the connection closes if the method's description says so
    /// (`endsWithConnection`); any other call goes on to its end.
    ///
    /// - Parameters:
    ///   - call: The call.
    ///   - connection: Where it came from.
    /// - Returns: The JSON text of `result`.
    /// - Throws: `RPCError`, the answer.
    func perform(
        _ call: ControlCall,
        for connection: ControlConnection
    ) async throws(RPCError) -> [UInt8]
}
