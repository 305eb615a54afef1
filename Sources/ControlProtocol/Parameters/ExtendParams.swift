/// The parameters of `jobs.extend`.
public struct ExtendParams: MethodParameters {
    /// The job's id.
    public var id: String
    /// Which video of the run, from 0.
    public var index: Int

    /// Takes the values of a call whose parameters have been checked.
    ///
    /// - Parameter reader: Hands out the parameters.
    public init(_ reader: ParameterReader) {
        id = reader.string("id") ?? ""
        index = reader.integer("index") ?? 0
    }
}
