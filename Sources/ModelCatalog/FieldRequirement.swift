public import JSON

/// A value of one field that needs a value of another, for example sora-2's `1792x1024` its pro mode.
public struct FieldRequirement: Hashable, Sendable {
    /// The field whose value needs another.
    public let field: String
    /// That value.
    public let value: JSONValue
    /// The other field.
    public let neededField: String
    /// The value that it must have.
    public let neededValue: JSONValue
    /// What the documents say.
    public let text: String
}
