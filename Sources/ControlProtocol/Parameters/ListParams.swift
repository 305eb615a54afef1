/// The parameters of `jobs.list`.
public struct ListParams: MethodParameters {
    /// Only jobs in these states; empty means all.
    public var states: [String]
    /// Only jobs with this label.
    public var label: String?
    /// Only jobs of this user.
    public var owner: OwnerFilter?
    /// How many at most, 1 to 1 000.
    public var limit: Int
    /// The `next_cursor` of the page before.
    public var cursor: String?

    /// Takes the values of a call whose parameters have been checked.
    ///
    /// - Parameter reader: Hands out the parameters.
    public init(_ reader: ParameterReader) {
        states = reader.strings("states")
        label = reader.string("label")
        owner = OwnerFilter(reader["owner"])
        limit = reader.integer("limit") ?? 100
        cursor = reader.string("cursor")
    }
}
