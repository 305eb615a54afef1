public import JSON

/// What is known about one parameter of a method.
public struct ParameterDescription: Hashable, Sendable {
    /// Its name.
    public var name: String
    /// Its shape.
    public var schema: JSONSchema
    /// Whether it has to be given.
    public var isRequired: Bool
    /// One sentence for people.
    public var summary: String
    /// What counts when it is not given.
    public var defaultValue: JSONValue?

    /// Describes a parameter.
    ///
    /// - Parameters:
    ///   - name: Its name; a question mark at its end means that it may be left out.
    ///   - schema: Its shape.
    ///   - summary: One sentence for people.
    ///   - defaultValue: What counts when it is not given.
    public init(
        _ name: String,
        _ schema: JSONSchema,
        _ summary: String,
        defaultValue: JSONValue? = nil
    ) {
        isRequired = !name.hasSuffix("?")
        self.name = isRequired ? name : String(name.dropLast())
        self.schema = schema
        self.summary = summary
        self.defaultValue = defaultValue
    }
}
