/// The parameters of `runs.adopt`.
public struct AdoptParams: MethodParameters {
    /// The provider's name of the run.
    public var runID: String

    /// Takes the values of a call whose parameters have been checked.
    ///
    /// - Parameter reader: Hands out the parameters.
    public init(_ reader: ParameterReader) {
        runID = reader.string("run_id") ?? ""
    }
}
