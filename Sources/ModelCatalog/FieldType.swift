/// Which JSON types a field takes, as a set: the documents allow several for some fields (`number|string`).
public struct FieldType: OptionSet, Hashable, Sendable {
    /// One bit per JSON type.
    public let rawValue: UInt8

    /// Makes a set from its bits.
    ///
    /// - Parameter rawValue: One bit per JSON type.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// A JSON string.
    public static let string = FieldType(rawValue: 1)
    /// A JSON number.
    public static let number = FieldType(rawValue: 2)
    /// A JSON number without a fraction.
    public static let integer = FieldType(rawValue: 4)
    /// `true` or `false`, nothing else.
    public static let boolean = FieldType(rawValue: 8)
    /// A JSON object.
    public static let object = FieldType(rawValue: 16)
    /// A JSON array.
    public static let array = FieldType(rawValue: 32)
    /// Whatever the client sends; the documents say "varies" or nothing.
    public static let any = FieldType(rawValue: 255)

    private static let words: [(word: String, type: FieldType)] = [
        ("string", .string), ("number", .number), ("integer", .integer), ("boolean", .boolean),
        ("object", .object), ("array", .array),
    ]

    /// Reads the words of the data file, for example `number|string`.
    ///
    /// - Parameter words: The words, separated by `|`.
    init?(words: String) {
        if words == "any" {
            self = .any
            return
        }
        var types: FieldType = []
        for part in words.split(separator: "|") {
            guard let known = Self.words.first(where: { $0.word == part }) else { return nil }
            types.insert(known.type)
        }
        guard !types.isEmpty else { return nil }
        self = types
    }

    /// The words of the data file.
    var words: String {
        guard self != .any else { return "any" }
        return Self.words.filter { contains($0.type) }.map(\.word).joined(separator: "|")
    }

    /// The type for people, with its article.
    var phrase: String {
        guard self != .any else { return "any value" }
        let phrases = Self.words.filter { contains($0.type) }.map { word, type in
            [.integer, .object, .array].contains(type) ? "an \(word)" : "a \(word)"
        }
        return phrases.joined(separator: " or ")
    }
}
