/// The parameters of `runs.list`.
public struct RunsListParams: MethodParameters {
    /// Only runs of this model.
    public var model: String?
    /// How many at most, 1 to 50.
    public var limit: Int

    /// Takes the values of a call whose parameters have been checked.
    ///
    /// - Parameter reader: Hands out the parameters.
    public init(_ reader: ParameterReader) {
        model = reader.string("model")
        limit = reader.integer("limit") ?? 50
    }
}
