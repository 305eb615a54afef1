/// Reads one JSON text (RFC 8259) strictly.
struct JSONReader {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0
    private static let deepest = 128

    /// The text is not JSON.
    struct Failure: Error {
        /// The offset of the byte that does not fit.
        let offset: Int
    }

    private init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// Reads a text that is one JSON value.
    ///
    /// - Parameter text: UTF-8.
    /// - Returns: The value.
    /// - Throws: ``Failure`` with the offset at which the text stops being JSON.
    static func value(of text: some Sequence<UInt8>) throws(Failure) -> JSONValue {
        let result = Array(text).withUnsafeBufferPointer { bytes -> Result<JSONValue, Failure> in
            var reader = JSONReader(bytes)
            do throws(Failure) {
                let value = try reader.readValue(depth: 0)
                reader.skipBlanks()
                guard reader.position == bytes.count else { throw reader.failure }
                return .success(value)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private var failure: Failure { Failure(offset: position) }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipBlanks() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            position += 1
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard current == byte else { return false }
        position += 1
        return true
    }

    private mutating func take(word: StaticString) throws(Failure) {
        let end = position + word.utf8CodeUnitCount
        guard end <= bytes.count else { throw failure }
        for offset in 0..<word.utf8CodeUnitCount where bytes[position + offset] != word.utf8Start[offset] {
            throw failure
        }
        position = end
    }

    private mutating func readValue(depth: Int) throws(Failure) -> JSONValue {
        guard depth < Self.deepest else { throw failure }
        skipBlanks()
        switch current {
        case UInt8(ascii: "{"): return try readObject(depth: depth)
        case UInt8(ascii: "["): return try readArray(depth: depth)
        case UInt8(ascii: "\""): return .string(try readString())
        case UInt8(ascii: "t"):
            try take(word: "true")
            return true
        case UInt8(ascii: "f"):
            try take(word: "false")
            return false
        case UInt8(ascii: "n"):
            try take(word: "null")
            return .null
        default: return .number(try readNumber())
        }
    }

    private mutating func readObject(depth: Int) throws(Failure) -> JSONValue {
        position += 1
        var members: [JSONValue.Member] = []
        skipBlanks()
        if take(UInt8(ascii: "}")) { return .object(members) }
        repeat {
            skipBlanks()
            guard current == UInt8(ascii: "\"") else { throw failure }
            let name = try readString()
            skipBlanks()
            guard take(UInt8(ascii: ":")) else { throw failure }
            members.append(JSONValue.Member(name: name, value: try readValue(depth: depth + 1)))
            skipBlanks()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw failure }
        return .object(members)
    }

    private mutating func readArray(depth: Int) throws(Failure) -> JSONValue {
        position += 1
        var elements: [JSONValue] = []
        skipBlanks()
        if take(UInt8(ascii: "]")) { return .array(elements) }
        repeat {
            elements.append(try readValue(depth: depth + 1))
            skipBlanks()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw failure }
        return .array(elements)
    }

    private mutating func readNumber() throws(Failure) -> Double {
        let start = position
        while let byte = current, isNumberByte(byte) { position += 1 }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        let digits = text.drop { $0 == "-" }
        guard let value = Double(text), value.isFinite, digits.first?.isNumber == true, !text.hasPrefix("--")
        else {
            position = start
            throw failure
        }
        let leadingZero = digits.hasPrefix("0") && digits.dropFirst().first?.isNumber == true
        guard !leadingZero, text.last?.isNumber == true else { throw failure }
        return value
    }

    private func isNumberByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
            true
        default: false
        }
    }

    private mutating func readString() throws(Failure) -> String {
        position += 1
        var start = position
        var collected: [UInt8] = []
        while true {
            guard let byte = current, byte >= 0x20 else { throw failure }
            if byte == UInt8(ascii: "\"") {
                collected += bytes[start..<position]
                position += 1
                guard let text = String(validating: collected, as: UTF8.self) else { throw failure }
                return text
            }
            position += 1
            guard byte == UInt8(ascii: "\\") else { continue }
            collected += bytes[start..<(position - 1)]
            try readEscape(into: &collected)
            start = position
        }
    }

    private mutating func readEscape(into collected: inout [UInt8]) throws(Failure) {
        guard let byte = current else { throw failure }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): collected.append(byte)
        case UInt8(ascii: "b"): collected.append(0x08)
        case UInt8(ascii: "f"): collected.append(0x0C)
        case UInt8(ascii: "n"): collected.append(0x0A)
        case UInt8(ascii: "r"): collected.append(0x0D)
        case UInt8(ascii: "t"): collected.append(0x09)
        case UInt8(ascii: "u"): collected += try readUnicodeEscape().utf8
        default: throw failure
        }
    }

    private mutating func readUnicodeEscape() throws(Failure) -> String {
        let first = try readHexadecimal()
        guard 0xD800..<0xDC00 ~= first else {
            return String(decoding: [first], as: UTF16.self)
        }
        guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else { throw failure }
        return String(decoding: [first, try readHexadecimal()], as: UTF16.self)
    }

    private mutating func readHexadecimal() throws(Failure) -> UInt16 {
        guard position + 4 <= bytes.count else { throw failure }
        let text = String(decoding: bytes[position..<(position + 4)], as: UTF8.self)
        guard !text.hasPrefix("+"), !text.hasPrefix("-"), let value = UInt16(text, radix: 16) else {
            throw failure
        }
        position += 4
        return value
    }
}
