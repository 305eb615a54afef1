/// The parameters of `jobs.retry`.
public struct RetryParams: MethodParameters {
    /// The job's id.
    public var id: String
    /// Whether an unconfirmed job may be submitted again although it may have been charged.
    public var acceptCharge: Bool

    /// Takes the values of a call whose parameters have been checked.
    ///
    /// - Parameter reader: Hands out the parameters.
    public init(_ reader: ParameterReader) {
        id = reader.string("id") ?? ""
        acceptCharge = reader.flag("accept_charge")
    }
}
