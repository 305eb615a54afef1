/// The parameters of one call as plain values.
public protocol MethodParameters: Hashable, Sendable {
    /// Takes the values of a call whose parameters have been checked.
    ///
    /// - Parameter reader: Hands out the parameters.
    /// - Throws: `RPCError` for what a description cannot say.
    init(_ reader: ParameterReader) throws(RPCError)
}
