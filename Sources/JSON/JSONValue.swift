/// Any JSON value (RFC 8259), with numbers kept as they were written and members in their order.
///
/// A paid request must leave the daemon exactly as it came in: `0.10` stays `0.10`, a seed of 20 digits stays
/// exact. That, the depth limit and the client's start-up time are why this is not Foundation's coder.
public enum JSONValue: Hashable, Sendable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number, verbatim.
    case number(JSONNumber)
    /// A string, unescaped.
    case string(String)
    /// An array.
    case array([JSONValue])
    /// An object.
    case object(JSONObject)
}

extension JSONValue {
    /// The string, if this is one.
    public var stringValue: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// The boolean, if this is one.
    public var boolValue: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The number, if this is one.
    public var numberValue: JSONNumber? {
        if case .number(let value) = self { value } else { nil }
    }

    /// The integer, if this is a number without a fraction that fits.
    public var intValue: Int? {
        numberValue?.intValue
    }

    /// The floating-point value, if this is a number.
    public var doubleValue: Double? {
        numberValue?.doubleValue
    }

    /// The elements, if this is an array.
    public var arrayValue: [JSONValue]? {
        if case .array(let value) = self { value } else { nil }
    }

    /// The object, if this is one.
    public var objectValue: JSONObject? {
        if case .object(let value) = self { value } else { nil }
    }

    /// Whether this is `null`.
    public var isNull: Bool {
        self == .null
    }

    /// What JSON calls this kind of value, for messages to people.
    public var kindName: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }

    /// The member with that name, if this is an object that has it.
    ///
    /// - Parameter name: The member's name.
    public subscript(name: String) -> JSONValue? {
        objectValue?[name]
    }

    /// The compact JSON text, members in their order.
    public var text: String {
        var writer = JSONWriter()
        writer.value(self)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// The compact JSON text with members sorted by name, so that equal requests have equal bytes.
    public var canonicalBytes: [UInt8] {
        var writer = JSONWriter()
        writer.canonicalValue(self)
        return writer.bytes
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByNilLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    /// Makes a string value.
    public init(stringLiteral value: String) {
        self = .string(value)
    }

    /// Makes a number value.
    public init(integerLiteral value: Int) {
        self = .number(JSONNumber(value))
    }

    /// Makes a number value.
    public init(floatLiteral value: Double) {
        self = .number(JSONNumber(value))
    }

    /// Makes a boolean value.
    public init(booleanLiteral value: Bool) {
        self = .bool(value)
    }

    /// Makes a null value.
    public init(nilLiteral: ()) {
        self = .null
    }

    /// Makes an array value.
    public init(arrayLiteral elements: JSONValue...) {
        self = .array(elements)
    }

    /// Makes an object value; of equal names the last one counts.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        var object = JSONObject()
        for (name, value) in elements {
            object[name] = value
        }
        self = .object(object)
    }
}
