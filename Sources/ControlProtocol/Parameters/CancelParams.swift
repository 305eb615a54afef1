/// The parameters of `jobs.cancel`.
public struct CancelParams: MethodParameters {
    /// The job's id.
    public var id: String
    /// Whether to give up the file of a run that is paid already.
    public var discard: Bool

    /// Takes the values of a call whose parameters have been checked.
    ///
    /// - Parameter reader: Hands out the parameters.
    public init(_ reader: ParameterReader) {
        id = reader.string("id") ?? ""
        discard = reader.flag("discard")
    }
}
