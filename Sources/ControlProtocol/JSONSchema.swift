public import JSON

/// The shape of a value: what a parameter is checked against and what the published description says.
///
/// One description serves both, so that they cannot disagree.
public indirect enum JSONSchema: Hashable, Sendable {
    /// Any value.
    case any
    /// `true` or `false`.
    case boolean
    /// An integer within bounds.
    case integer(ClosedRange<Int>)
    /// A string of at most that many bytes.
    case string(maximumBytes: Int)
    /// One of these strings.
    case word([String])
    /// A time, RFC 3339 in UTC.
    case time
    /// A list of at most that many elements.
    case list(JSONSchema, maximumCount: Int)
    /// An object with members of its own; an open one may have others.
    case object([Member], isOpen: Bool)
    /// An object whose members all have that shape.
    case map(JSONSchema)
    /// One of several shapes.
    case either([JSONSchema])
    /// A shape that is described under that name.
    case reference(String)

    /// A member of an object.
    public struct Member: Hashable, Sendable {
        /// Its name.
        public var name: String
        /// Its shape.
        public var schema: JSONSchema
        /// Whether it is always there.
        public var isRequired: Bool
        /// What it is, if the name does not say it.
        public var summary: String?

        /// Describes a member.
        ///
        /// - Parameters:
        ///   - name: Its name; a question mark at its end means that it may be missing.
        ///   - schema: Its shape.
        ///   - summary: What it is.
        public init(_ name: String, _ schema: JSONSchema, _ summary: String? = nil) {
            let isOptional = name.hasSuffix("?")
            self.name = isOptional ? String(name.dropLast()) : name
            self.schema = schema
            isRequired = !isOptional
            self.summary = summary
        }
    }

    /// Any string that fits into a line.
    public static let text = JSONSchema.string(maximumBytes: 6 << 20)
    /// An integer from 0.
    public static let count = JSONSchema.integer(0...9_007_199_254_740_991)
    /// A list of any length.
    ///
    /// - Parameter element: The elements' shape.
    /// - Returns: The list's shape.
    public static func list(_ element: JSONSchema) -> JSONSchema {
        .list(element, maximumCount: .max)
    }

    /// The name of the kind of value for messages.
    public var kindName: String {
        switch self {
        case .any: "any value"
        case .boolean: "boolean"
        case .integer: "integer"
        case .string, .word, .time: "string"
        case .list: "array"
        case .object, .map, .reference: "object"
        case .either(let shapes): shapes.map(\.kindName).joined(separator: " or ")
        }
    }
}

extension JSONSchema {
    /// The JSON Schema (draft 7, as OpenRPC wants it).
    public var document: JSONValue {
        switch self {
        case .any:
            return [:]
        case .boolean:
            return ["type": "boolean"]
        case .integer(let range):
            var object: [(String, JSONValue)] = [("type", "integer")]
            object.append(("minimum", .number(JSONNumber(range.lowerBound))))
            if range.upperBound < 9_007_199_254_740_991 {
                object.append(("maximum", .number(JSONNumber(range.upperBound))))
            }
            return .members(object)
        case .string(let maximum):
            // JSON Schema counts characters; a text of that many bytes has no more of them.
            let isBounded = maximum < 6 << 20
            return isBounded
                ? ["type": "string", "maxLength": .number(JSONNumber(maximum))] : ["type": "string"]
        case .word(let words):
            return ["type": "string", "enum": .array(words.map { .string($0) })]
        case .time:
            return ["type": "string", "format": "date-time"]
        case .list(let element, let maximum):
            return maximum < .max
                ? ["type": "array", "items": element.document, "maxItems": .number(JSONNumber(maximum))]
                : ["type": "array", "items": element.document]
        case .object(let members, let isOpen):
            return Self.objectDocument(members, isOpen: isOpen)
        case .map(let value):
            return ["type": "object", "additionalProperties": value.document]
        case .either(let shapes):
            return ["oneOf": .array(shapes.map(\.document))]
        case .reference(let name):
            return ["$ref": .string("#/components/schemas/\(name)")]
        }
    }

    private static func objectDocument(_ members: [Member], isOpen: Bool) -> JSONValue {
        var properties: [(String, JSONValue)] = []
        for member in members {
            var schema = member.schema.document
            // Beside `$ref` other words count for nothing in draft 7.
            if let summary = member.summary, schema["$ref"] == nil, var object = schema.objectValue {
                object["description"] = .string(summary)
                schema = .object(object)
            }
            properties.append((member.name, schema))
        }
        var object: [(String, JSONValue)] = [("type", "object"), ("properties", .members(properties))]
        let required = members.filter(\.isRequired).map { JSONValue.string($0.name) }
        if !required.isEmpty {
            object.append(("required", .array(required)))
        }
        if !isOpen {
            object.append(("additionalProperties", false))
        }
        return .members(object)
    }
}

extension JSONValue {
    /// Makes an object from names and values in their order.
    ///
    /// - Parameter members: The members.
    /// - Returns: The object.
    static func members(_ members: [(String, JSONValue)]) -> JSONValue {
        var object = JSONObject()
        for (name, value) in members {
            object[name] = value
        }
        return .object(object)
    }
}
