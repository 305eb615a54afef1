/// A JSON parser (RFC 8259) over bytes that someone else owns, with a depth limit.
public struct JSONParser {
    /// What happens when an object names a member twice.
    public enum DuplicatePolicy: Sendable {
        /// The text is refused.
        case reject
        /// The last one counts, as in most readers.
        case keepLast
    }

    /// From how many members on an object's names are kept in a set.
    private static let fewMembers = 32

    private let input: UnsafeBufferPointer<UInt8>
    private let maximumDepth: Int
    private let duplicates: DuplicatePolicy
    private var position = 0
    private var depth = 0

    private init(_ input: UnsafeBufferPointer<UInt8>, maximumDepth: Int, duplicates: DuplicatePolicy) {
        self.input = input
        self.maximumDepth = maximumDepth
        self.duplicates = duplicates
    }

    /// Parses one JSON text; white space around it is allowed, anything else is not.
    ///
    /// - Parameters:
    ///   - bytes: The UTF-8 text.
    ///   - maximumDepth: How deep arrays and objects may nest, 1 or more.
    ///   - duplicates: What happens when an object names a member twice.
    /// - Returns: The value.
    /// - Throws: `JSONError` with the place of the first fault.
    public static func parse(
        _ bytes: UnsafeRawBufferPointer,
        maximumDepth: Int = 64,
        duplicates: DuplicatePolicy = .keepLast
    ) throws(JSONError) -> JSONValue {
        var parser = JSONParser(
            bytes.assumingMemoryBound(to: UInt8.self),
            maximumDepth: maximumDepth,
            duplicates: duplicates
        )
        let value = try parser.value()
        parser.skipWhitespace()
        guard parser.position == parser.input.count else {
            throw parser.error(.syntax, "unexpected text after the value")
        }
        return value
    }

    /// Parses one JSON text held in an array.
    ///
    /// - Parameters:
    ///   - bytes: The UTF-8 text.
    ///   - maximumDepth: How deep arrays and objects may nest, 1 or more.
    ///   - duplicates: What happens when an object names a member twice.
    /// - Returns: The value.
    /// - Throws: `JSONError` with the place of the first fault.
    public static func parse(
        _ bytes: [UInt8],
        maximumDepth: Int = 64,
        duplicates: DuplicatePolicy = .keepLast
    ) throws(JSONError) -> JSONValue {
        let result: Result<JSONValue, JSONError> = bytes.withUnsafeBytes { buffer in
            do throws(JSONError) {
                return .success(try parse(buffer, maximumDepth: maximumDepth, duplicates: duplicates))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// Parses one JSON text held in a string.
    ///
    /// - Parameter text: The text.
    /// - Returns: The value.
    /// - Throws: `JSONError` with the place of the first fault.
    public static func parse(_ text: String) throws(JSONError) -> JSONValue {
        try parse(Array(text.utf8))
    }

    // MARK: Grammar

    private func error(_ code: JSONError.Code, _ message: String) -> JSONError {
        JSONError(code: code, offset: position, message: message)
    }

    private mutating func skipWhitespace() {
        while position < input.count {
            switch input[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    private mutating func value() throws(JSONError) -> JSONValue {
        skipWhitespace()
        guard position < input.count else { throw error(.syntax, "the text ends where a value should be") }
        switch input[position] {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
        default: throw error(.syntax, "a value cannot start here")
        }
    }

    private mutating func literal(_ word: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        let length = word.utf8CodeUnitCount
        guard input.count - position >= length else { throw error(.syntax, "unknown word") }
        for index in 0..<length where input[position + index] != word.utf8Start[index] {
            throw error(.syntax, "unknown word")
        }
        position += length
        return value
    }

    private mutating func enter() throws(JSONError) {
        depth += 1
        guard depth <= maximumDepth else {
            throw error(.tooDeep, "nested deeper than \(maximumDepth) levels")
        }
        position += 1
    }

    private mutating func object() throws(JSONError) -> JSONValue {
        try enter()
        defer { depth -= 1 }
        var object = JSONObject()
        // Few members are scanned; many would make that quadratic, so from then on their names are in a set.
        var names: Set<[UInt8]> = []
        skipWhitespace()
        if consume(UInt8(ascii: "}")) {
            return .object(object)
        }
        while true {
            skipWhitespace()
            guard position < input.count, input[position] == UInt8(ascii: "\"") else {
                throw error(.syntax, "a member's name is missing")
            }
            let nameOffset = position
            let name = try string()
            skipWhitespace()
            guard consume(UInt8(ascii: ":")) else { throw error(.syntax, "':' is missing") }
            let member = try value()
            if object.members.count == Self.fewMembers {
                names = Set(object.members.map { Array($0.name.utf8) })
            }
            let isNew =
                object.members.count < Self.fewMembers
                ? object[name] == nil : names.insert(Array(name.utf8)).inserted
            if isNew {
                object.append(name: name, value: member)
            } else if duplicates == .keepLast {
                object[name] = member
            } else {
                position = nameOffset
                throw error(.duplicateMember, "member '\(name)' is given twice")
            }
            skipWhitespace()
            if consume(UInt8(ascii: "}")) {
                return .object(object)
            }
            guard consume(UInt8(ascii: ",")) else { throw error(.syntax, "',' or '}' is missing") }
        }
    }

    private mutating func array() throws(JSONError) -> JSONValue {
        try enter()
        defer { depth -= 1 }
        var elements: [JSONValue] = []
        skipWhitespace()
        if consume(UInt8(ascii: "]")) {
            return .array(elements)
        }
        while true {
            elements.append(try value())
            skipWhitespace()
            if consume(UInt8(ascii: "]")) {
                return .array(elements)
            }
            guard consume(UInt8(ascii: ",")) else { throw error(.syntax, "',' or ']' is missing") }
        }
    }

    private mutating func consume(_ byte: UInt8) -> Bool {
        guard position < input.count, input[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func digits() -> Int {
        let start = position
        while position < input.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(input[position]) {
            position += 1
        }
        return position - start
    }

    private mutating func number() throws(JSONError) -> JSONNumber {
        let start = position
        _ = consume(UInt8(ascii: "-"))
        let leadingZero = position < input.count && input[position] == UInt8(ascii: "0")
        let whole = digits()
        guard whole > 0, !(leadingZero && whole > 1) else { throw error(.syntax, "not a number") }
        if consume(UInt8(ascii: ".")) {
            guard digits() > 0 else { throw error(.syntax, "digits are missing after '.'") }
        }
        if consume(UInt8(ascii: "e")) || consume(UInt8(ascii: "E")) {
            if !consume(UInt8(ascii: "+")) {
                _ = consume(UInt8(ascii: "-"))
            }
            guard digits() > 0 else { throw error(.syntax, "digits are missing in the exponent") }
        }
        return JSONNumber(checked: String(decoding: input[start..<position], as: UTF8.self))
    }

    // MARK: Strings

    private mutating func string() throws(JSONError) -> String {
        position += 1
        let start = position
        while position < input.count {
            let byte = input[position]
            if byte == UInt8(ascii: "\"") {
                let text = try utf8(input[start..<position])
                position += 1
                return text
            }
            if byte == UInt8(ascii: "\\") {
                return try escapedString(from: start)
            }
            guard byte >= 0x20 else { throw error(.syntax, "a control character in a string") }
            position += 1
        }
        throw error(.syntax, "a string is not closed")
    }

    private func utf8(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) throws(JSONError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw error(.syntax, "a string is not valid UTF-8")
        }
        return text
    }

    private mutating func escapedString(from start: Int) throws(JSONError) -> String {
        var bytes = Array(input[start..<position])
        while position < input.count {
            let byte = input[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: bytes, as: UTF8.self) else {
                    throw error(.syntax, "a string is not valid UTF-8")
                }
                return text
            case UInt8(ascii: "\\"):
                try escape(into: &bytes)
            case 0..<0x20:
                position -= 1
                throw error(.syntax, "a control character in a string")
            default:
                bytes.append(byte)
            }
        }
        throw error(.syntax, "a string is not closed")
    }

    private mutating func escape(into bytes: inout [UInt8]) throws(JSONError) {
        guard position < input.count else { throw error(.syntax, "a string is not closed") }
        let byte = input[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(byte)
        case UInt8(ascii: "b"): bytes.append(0x08)
        case UInt8(ascii: "f"): bytes.append(0x0C)
        case UInt8(ascii: "n"): bytes.append(0x0A)
        case UInt8(ascii: "r"): bytes.append(0x0D)
        case UInt8(ascii: "t"): bytes.append(0x09)
        case UInt8(ascii: "u"): bytes.append(contentsOf: String(try unicodeEscape()).utf8)
        default:
            position -= 1
            throw error(.syntax, "unknown escape in a string")
        }
    }

    /// One code point after `\u`; a lone surrogate becomes U+FFFD, since no UTF-8 text can hold it.
    private mutating func unicodeEscape() throws(JSONError) -> Character {
        let first = try hexQuad()
        guard (0xD800...0xDFFF).contains(first) else {
            return Character(Unicode.Scalar(first) ?? "\u{FFFD}")
        }
        guard first < 0xDC00, input.count - position >= 6, input[position] == UInt8(ascii: "\\"),
            input[position + 1] == UInt8(ascii: "u")
        else {
            return "\u{FFFD}"
        }
        let rewind = position
        position += 2
        let second = try hexQuad()
        guard (0xDC00...0xDFFF).contains(second) else {
            position = rewind
            return "\u{FFFD}"
        }
        let scalar = 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)
        return Character(Unicode.Scalar(scalar) ?? "\u{FFFD}")
    }

    private mutating func hexQuad() throws(JSONError) -> UInt32 {
        guard input.count - position >= 4 else { throw error(.syntax, "four hexadecimal digits are missing") }
        var value: UInt32 = 0
        for _ in 0..<4 {
            let digit: UInt32
            switch input[position] {
            case let byte where byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9"):
                digit = UInt32(byte - UInt8(ascii: "0"))
            case let byte where byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "f"):
                digit = UInt32(byte - UInt8(ascii: "a")) + 10
            case let byte where byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "F"):
                digit = UInt32(byte - UInt8(ascii: "A")) + 10
            default:
                throw error(.syntax, "not a hexadecimal digit")
            }
            value = value << 4 | digit
            position += 1
        }
        return value
    }
}
