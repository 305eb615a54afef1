/// The parameters of `jobs.get` and `jobs.remove`.
public struct GetParams: MethodParameters {
    /// The job's id.
    public var id: String

    /// Takes the values of a call whose parameters have been checked.
    ///
    /// - Parameter reader: Hands out the parameters.
    public init(_ reader: ParameterReader) {
        id = reader.string("id") ?? ""
    }
}
