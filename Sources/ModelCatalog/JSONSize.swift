import JSON

/// How many bytes a value takes as compact JSON, counted without writing it.
enum JSONSize {
    /// The bytes of an object.
    ///
    /// - Parameter object: The object.
    /// - Returns: The size of its text.
    static func bytes(of object: JSONObject) -> Int {
        object.members.reduce(2 + max(0, object.members.count - 1)) { sum, member in
            sum + quoted(member.name) + 1 + bytes(of: member.value)
        }
    }

    private static func bytes(of value: JSONValue) -> Int {
        switch value {
        case .null: 4
        case .bool(let flag): flag ? 4 : 5
        case .number(let number): number.text.utf8.count
        case .string(let text): quoted(text)
        case .array(let elements): elements.reduce(2 + max(0, elements.count - 1)) { $0 + bytes(of: $1) }
        case .object(let object): bytes(of: object)
        }
    }

    private static func quoted(_ text: String) -> Int {
        var copy = text
        return 2
            + copy.withUTF8 { utf8 in
                var escapes = 0
                var controls = 0
                // Sums without branches, so that megabytes of base64 are counted several bytes at a time.
                for byte in utf8 {
                    escapes &+= byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") ? 1 : 0
                    controls &+= byte < 0x20 ? 1 : 0
                }
                // The writer spends 2 bytes on \n, \r and \t and 6 on the others: the larger number is safe.
                return utf8.count + escapes + 5 * controls
            }
    }
}
