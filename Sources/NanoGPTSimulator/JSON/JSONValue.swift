/// One JSON value; objects keep the order of their members.
///
/// The simulator has its own JSON on purpose: a client that is tested against it must not be judged by its
/// own parser.
enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([Member])

    /// One member of an object.
    struct Member: Hashable, Sendable {
        let name: String
        let value: JSONValue
    }

    /// An object of the members that have a value.
    ///
    /// - Parameter members: Names and values; nil leaves the member out.
    /// - Returns: The object.
    static func members(_ members: KeyValuePairs<String, JSONValue?>) -> JSONValue {
        .object(members.compactMap { name, value in value.map { Member(name: name, value: $0) } })
    }

    /// An integer.
    static func integer(_ value: some BinaryInteger) -> JSONValue { .number(Double(value)) }

    /// A string, or null for nil.
    static func stringOrNull(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }

    /// The value of a member; nil for a missing member and for anything but an object.
    subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.name == name }?.value
    }

    /// The members of an object, else none.
    var members: [Member] {
        guard case .object(let members) = self else { return [] }
        return members
    }

    /// The elements of an array, else none.
    var elements: [JSONValue] {
        guard case .array(let elements) = self else { return [] }
        return elements
    }

    /// The text of a string.
    var string: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// The value of a number.
    var number: Double? {
        guard case .number(let value) = self else { return nil }
        return value
    }

    /// The value of a whole number that an `Int` can hold.
    var integer: Int? { number.flatMap { Int(exactly: $0) } }

    /// The value of a boolean.
    var bool: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }

    /// Whether this is `null`.
    var isNull: Bool { self == .null }

    /// A string or number as text, the way form fields are compared: `5` and `"5"` are the same.
    var fieldText: String? {
        switch self {
        case .string(let text): text
        case .number(let value): Self.text(of: value)
        case .bool(let value): value ? "true" : "false"
        case .null, .array, .object: nil
        }
    }

    /// The shortest text of a number, without a fraction where it is whole.
    static func text(of number: Double) -> String {
        Int(exactly: number).map { String($0) } ?? String(number)
    }

    /// Whether a member is there and not null.
    func has(_ name: String) -> Bool {
        guard let value = self[name] else { return false }
        return !value.isNull
    }
}

extension JSONValue: ExpressibleByStringLiteral {
    init(stringLiteral value: String) { self = .string(value) }
}

extension JSONValue: ExpressibleByBooleanLiteral {
    init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension JSONValue: ExpressibleByIntegerLiteral {
    init(integerLiteral value: Int) { self = .number(Double(value)) }
}

extension JSONValue: ExpressibleByFloatLiteral {
    init(floatLiteral value: Double) { self = .number(value) }
}
