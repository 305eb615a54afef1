/// The parameters of a method that takes none.
public struct NoParams: MethodParameters {
    /// Takes nothing.
    ///
    /// - Parameter reader: Has checked that there is nothing.
    public init(_ reader: ParameterReader) {}
}
