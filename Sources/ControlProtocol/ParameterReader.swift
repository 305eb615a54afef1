public import JSON

/// Checks the parameters of one call against the method's description and hands them out.
///
/// What it hands out has been checked; a name that is not described is a mistake of the caller's code.
public struct ParameterReader: Sendable {
    private let description: MethodDescription
    private let params: JSONObject

    /// Checks all parameters of a call before anything happens.
    ///
    /// - Parameters:
    ///   - description: The method.
    ///   - params: The parameters by name.
    /// - Throws: `RPCError` `params.invalid` naming the parameter.
    public init(_ description: MethodDescription, _ params: JSONObject) throws(RPCError) {
        self.description = description
        self.params = params
        for member in params.members where member.name != WireWords.meta {
            guard let parameter = description.parameters.first(where: { $0.name == member.name }) else {
                throw Self.unknown(member.name, among: description)
            }
            try parameter.schema.check(member.value, at: member.name)
        }
        for parameter in description.parameters
        where parameter.isRequired && params[parameter.name] == nil {
            throw RPCError(
                .paramsInvalid,
                "parameter '\(parameter.name)' is missing",
                field: parameter.name,
                hint: parameter.summary
            )
        }
    }

    /// Reads the parameters of a call from their JSON text.
    ///
    /// - Parameters:
    ///   - description: The method.
    ///   - kind: What stands in `params`.
    ///   - bytes: The value of `params`.
    /// - Throws: `RPCError` `params.invalid` naming the parameter.
    public init(
        _ description: MethodDescription,
        _ kind: RPCEnvelope.Parameters,
        _ bytes: UnsafeRawBufferPointer
    ) throws(RPCError) {
        switch kind {
        case .none:
            try self.init(description, JSONObject())
        case .positional:
            let names = description.parameters.map(\.name).joined(separator: ", ")
            throw RPCError(
                .paramsInvalid,
                "parameters go by name, not by position",
                hint: names.isEmpty
                    ? "\(description.name) takes no parameters" : "an object with: \(names)"
            )
        case .named:
            let value: JSONValue
            do throws(JSONError) {
                value = try JSONParser.parse(bytes, duplicates: .reject)
            } catch {
                // The grammar was checked with the line, so this is a member that is given twice.
                throw RPCError(.paramsInvalid, error.message, hint: "name each member once")
            }
            try self.init(description, value.objectValue ?? JSONObject())
        }
    }

    private static func unknown(_ name: String, among description: MethodDescription) -> RPCError {
        let shown = name.utf8.count <= 64 ? name : "\(name.prefix(64))…"
        let names = description.parameters.map(\.name)
        let hint: String
        if let near = Spelling.nearest(to: name, among: names) {
            hint = "did you mean '\(near)'?"
        } else if names.isEmpty {
            hint = "\(description.name) takes no parameters"
        } else {
            hint = "\(description.name) takes: \(names.joined(separator: ", "))"
        }
        return RPCError(
            .paramsInvalid,
            "\(description.name) has no parameter '\(shown)'",
            field: shown,
            hint: hint
        )
    }

    /// The value of a parameter, or its default.
    ///
    /// - Parameter name: The parameter's name.
    public subscript(name: String) -> JSONValue? {
        let parameter = description.parameters.first { $0.name == name }
        assert(parameter != nil, "\(description.name) describes no parameter \(name)")
        return params[name] ?? parameter?.defaultValue
    }

    /// A string.
    ///
    /// - Parameter name: The parameter's name.
    /// - Returns: The value, nil when it was left out.
    public func string(_ name: String) -> String? {
        self[name]?.stringValue
    }

    /// An integer.
    ///
    /// - Parameter name: The parameter's name.
    /// - Returns: The value or its default, nil when there is none.
    public func integer(_ name: String) -> Int? {
        self[name]?.intValue
    }

    /// A boolean.
    ///
    /// - Parameter name: The parameter's name.
    /// - Returns: The value or its default, `false` when there is none.
    public func flag(_ name: String) -> Bool {
        self[name]?.boolValue ?? false
    }

    /// A list of strings.
    ///
    /// - Parameter name: The parameter's name.
    /// - Returns: The values, none when it was left out.
    public func strings(_ name: String) -> [String] {
        self[name]?.arrayValue?.compactMap(\.stringValue) ?? []
    }

    /// An object.
    ///
    /// - Parameter name: The parameter's name.
    /// - Returns: The value, nil when it was left out.
    public func object(_ name: String) -> JSONObject? {
        self[name]?.objectValue
    }
}

extension ParameterReader {
    /// Reads an object whose one member is a string without escapes, `{"id":"…"}`, without a parser.
    ///
    /// - Parameters:
    ///   - name: The member's name.
    ///   - bytes: JSON text that is known to be well-formed, 128 bytes of it at most.
    /// - Returns: The string; nil for any other text, which has to be read in the long way.
    public static func soleString(_ name: StaticString, in bytes: UnsafeRawBufferPointer) -> String? {
        guard bytes.count <= 128 else { return nil }
        var cursor = Cursor(bytes: bytes)
        guard cursor.skip(UInt8(ascii: "{")), cursor.skip(UInt8(ascii: "\"")), cursor.skip(name) else {
            return nil
        }
        // No blank may stand before this quote: it would belong to the name.
        guard cursor.position < bytes.count, bytes[cursor.position] == UInt8(ascii: "\"") else { return nil }
        cursor.position += 1
        guard cursor.skip(UInt8(ascii: ":")), cursor.skip(UInt8(ascii: "\"")) else { return nil }
        let start = cursor.position
        guard cursor.skipPlainText() else { return nil }
        let end = cursor.position - 1
        guard cursor.skip(UInt8(ascii: "}")), cursor.position == bytes.count else { return nil }
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }

    /// A place in a text.
    private struct Cursor {
        let bytes: UnsafeRawBufferPointer
        var position = 0

        /// Skips blanks and one byte.
        @inline(__always)
        mutating func skip(_ expected: UInt8) -> Bool {
            while position < bytes.count {
                let byte = bytes[position]
                position += 1
                if byte == expected { return true }
                guard byte == 0x20 || byte == 0x09 else { return false }
            }
            return false
        }

        /// Skips a word.
        @inline(__always)
        mutating func skip(_ word: StaticString) -> Bool {
            guard bytes.count - position >= word.utf8CodeUnitCount else { return false }
            for index in 0..<word.utf8CodeUnitCount where bytes[position + index] != word.utf8Start[index] {
                return false
            }
            position += word.utf8CodeUnitCount
            return true
        }

        /// Skips printable ASCII without escapes, and the quote after it.
        @inline(__always)
        mutating func skipPlainText() -> Bool {
            while position < bytes.count {
                let byte = bytes[position]
                position += 1
                if byte == UInt8(ascii: "\"") { return true }
                guard byte >= 0x20, byte < 0x80, byte != UInt8(ascii: "\\") else { return false }
            }
            return false
        }
    }
}
