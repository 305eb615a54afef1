/// The parameters of `events.unsubscribe`.
public struct UnsubscribeParams: MethodParameters {
    /// The number that `events.subscribe` gave.
    public var subscription: Int

    /// Takes the values of a call whose parameters have been checked.
    ///
    /// - Parameter reader: Hands out the parameters.
    public init(_ reader: ParameterReader) {
        subscription = reader.integer("subscription") ?? 0
    }
}
