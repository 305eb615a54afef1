import JSON

extension JSONSchema {
    /// Checks a value.
    ///
    /// - Parameters:
    ///   - value: The value.
    ///   - field: Where it stands, for the message: `filter.states[0]`.
    /// - Throws: `RPCError` `params.invalid` naming the field.
    func check(_ value: JSONValue, at field: String) throws(RPCError) {
        switch (self, value) {
        case (.any, _), (.boolean, .bool), (.map, .object), (.time, .string), (.reference, .object):
            return
        case (.integer(let range), .number(let number)):
            try Self.check(number, in: range, at: field)
        case (.string(let maximum), .string(let text)):
            guard text.utf8.count <= maximum else {
                throw Self.refusal("'\(field)' is longer than \(maximum) bytes", at: field)
            }
        case (.word(let words), .string(let text)):
            guard !words.contains(text) else { return }
            throw Self.refusal(
                "'\(field)' cannot be '\(text.prefix(64))'",
                at: field,
                hint: Spelling.nearest(to: text, among: words).map { "did you mean '\($0)'?" }
                    ?? "one of: \(words.joined(separator: ", "))"
            )
        case (.list(let element, let maximum), .array(let values)):
            guard values.count <= maximum else {
                throw Self.refusal("'\(field)' has more than \(maximum) elements", at: field)
            }
            for (index, value) in values.enumerated() {
                try element.check(value, at: "\(field)[\(index)]")
            }
        case (.object(let members, let isOpen), .object(let object)):
            try Self.check(object, members, isOpen: isOpen, at: field)
        case (.either(let shapes), _):
            guard let shape = shapes.first(where: { $0.accepts(value) }) else {
                throw mismatch(value, at: field)
            }
            try shape.check(value, at: field)
        default:
            throw mismatch(value, at: field)
        }
    }

    /// Whether a value is of the right kind, whatever its bounds.
    private func accepts(_ value: JSONValue) -> Bool {
        switch (self, value) {
        case (.any, _), (.boolean, .bool), (.integer, .number), (.string, .string), (.word, .string),
            (.time, .string), (.list, .array), (.object, .object), (.map, .object),
            (.reference, .object):
            true
        case (.either(let shapes), _): shapes.contains { $0.accepts(value) }
        default: false
        }
    }

    private func mismatch(_ value: JSONValue, at field: String) -> RPCError {
        Self.refusal(
            "'\(field)' has to be \(kindName), not \(value.kindName)",
            at: field,
            hint: value.isNull
                ? "leave it out instead" : "'videogenctl discover' describes every parameter"
        )
    }

    private static func refusal(_ message: String, at field: String, hint: String? = nil) -> RPCError {
        RPCError(.paramsInvalid, message, field: field, hint: hint)
    }

    private static func check(
        _ number: JSONNumber,
        in range: ClosedRange<Int>,
        at field: String
    ) throws(RPCError) {
        guard let integer = number.intValue else {
            let isFraction = number.doubleValue.map { $0.isFinite && $0 != $0.rounded() } ?? false
            throw refusal(
                isFraction
                    ? "'\(field)' has to be integer, not fraction" : "'\(field)' is out of range",
                at: field,
                hint: "from \(range.lowerBound) to \(range.upperBound)"
            )
        }
        guard range.contains(integer) else {
            throw refusal(
                "'\(field)' is out of range",
                at: field,
                hint: "from \(range.lowerBound) to \(range.upperBound)"
            )
        }
    }

    private static func check(
        _ object: JSONObject,
        _ members: [Member],
        isOpen: Bool,
        at field: String
    ) throws(RPCError) {
        for given in object.members {
            if let member = members.first(where: { $0.name == given.name }) {
                try member.schema.check(given.value, at: "\(field).\(given.name)")
            } else if !isOpen {
                let names = members.map(\.name)
                throw refusal(
                    "'\(field)' has no member '\(given.name.prefix(64))'",
                    at: "\(field).\(given.name.prefix(64))",
                    hint: Spelling.nearest(to: given.name, among: names).map { "did you mean '\($0)'?" }
                        ?? "one of: \(names.joined(separator: ", "))"
                )
            }
        }
        for member in members where member.isRequired && object[member.name] == nil {
            throw refusal("'\(field).\(member.name)' is missing", at: "\(field).\(member.name)")
        }
    }
}
