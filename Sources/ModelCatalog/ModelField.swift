public import JSON

/// One field that a model takes besides its prompt and its media.
public struct ModelField: Hashable, Sendable {
    /// The spelling that is sent.
    public let name: String
    /// The JSON types that are taken.
    public let type: FieldType
    /// Whether a request without it is refused.
    public let isRequired: Bool
    /// The documented default, which is sent when the field drives the cost and was left out.
    public internal(set) var defaultValue: JSONValue?
    /// What the documents say besides.
    public let note: String?
    /// Which documents say so: the letters of the data file's `basis`.
    public let basis: String?
    /// Where the field is known from.
    public let source: ModelSource
    /// The role of a media input beside which the field is not taken.
    let onlyWithout: String?
    /// How seconds are written, if the field is a number of seconds.
    let form: SecondsForm?
    /// Which values are taken.
    var constraint: ValueConstraint
    /// Whether its value decides the price.
    let drivesCost: Bool
    /// Other spellings that clients use for the same thing (C19).
    var aliases: [String] = []

    /// The only values that are taken; empty when they are not listed.
    public var allowedValues: [JSONValue] { constraint.allowed }
    /// The least number that is taken.
    public var minimum: Double? { constraint.minimum }
    /// The greatest number that is taken.
    public var maximum: Double? { constraint.maximum }
}
