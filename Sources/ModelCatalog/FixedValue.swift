public import JSON

/// A value that a model always has, whatever is sent.
public struct FixedValue: Hashable, Sendable {
    /// The field's name.
    public let field: String
    /// The value.
    public let value: JSONValue
}
