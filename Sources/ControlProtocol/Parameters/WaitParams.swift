/// The parameters of `jobs.wait`.
public struct WaitParams: MethodParameters {
    /// The job's id.
    public var id: String
    /// How long to wait.
    public var timeout: Duration

    /// Takes the values of a call whose parameters have been checked.
    ///
    /// - Parameter reader: Hands out the parameters.
    public init(_ reader: ParameterReader) {
        id = reader.string("id") ?? ""
        timeout = .milliseconds(reader.integer("timeout_ms") ?? 3_600_000)
    }
}
