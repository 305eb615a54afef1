/// Writes compact JSON into one growing array of bytes; commas are its business.
public struct JSONWriter: Sendable {
    /// What has been written.
    public private(set) var bytes: [UInt8] = []
    private var needsComma = false

    /// Makes an empty writer.
    ///
    /// - Parameter capacity: How many bytes to reserve.
    public init(capacity: Int = 0) {
        bytes.reserveCapacity(capacity)
    }

    /// Forgets what was written and keeps the memory.
    public mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        needsComma = false
    }

    private mutating func separate() {
        if needsComma {
            bytes.append(UInt8(ascii: ","))
        }
        needsComma = true
    }

    // MARK: Containers

    /// Writes `{`, the members that `body` writes, and `}`.
    ///
    /// - Parameter body: Writes the members.
    @inlinable
    public mutating func object(_ body: (inout JSONWriter) -> Void) {
        open(UInt8(ascii: "{"))
        body(&self)
        close(UInt8(ascii: "}"))
    }

    /// Writes `[`, the elements that `body` writes, and `]`.
    ///
    /// - Parameter body: Writes the elements.
    @inlinable
    public mutating func array(_ body: (inout JSONWriter) -> Void) {
        open(UInt8(ascii: "["))
        body(&self)
        close(UInt8(ascii: "]"))
    }

    @usableFromInline
    mutating func open(_ byte: UInt8) {
        separate()
        bytes.append(byte)
        needsComma = false
    }

    @usableFromInline
    mutating func close(_ byte: UInt8) {
        bytes.append(byte)
        needsComma = true
    }

    /// Writes a member's name; its value has to follow.
    ///
    /// - Parameter name: The name.
    public mutating func name(_ name: String) {
        separate()
        quoted(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    // MARK: Values

    /// Writes a string.
    ///
    /// - Parameter text: The string, unescaped.
    public mutating func string(_ text: String) {
        separate()
        quoted(text)
    }

    /// Writes an integer.
    ///
    /// - Parameter value: The integer.
    public mutating func integer(_ value: some FixedWidthInteger) {
        separate()
        bytes.append(contentsOf: String(value).utf8)
    }

    /// Writes a boolean.
    ///
    /// - Parameter value: The boolean.
    public mutating func bool(_ value: Bool) {
        separate()
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
    }

    /// Writes `null`.
    public mutating func null() {
        separate()
        bytes.append(contentsOf: "null".utf8)
    }

    /// Writes bytes that are known to be one JSON value.
    ///
    /// - Parameter json: The value's text.
    public mutating func raw(_ json: some Collection<UInt8>) {
        separate()
        bytes.append(contentsOf: json)
    }

    /// Writes any value, members in their order.
    ///
    /// - Parameter value: The value.
    public mutating func value(_ value: JSONValue) {
        write(value, canonical: false)
    }

    /// Writes any value, members sorted by name.
    ///
    /// - Parameter value: The value.
    public mutating func canonicalValue(_ value: JSONValue) {
        write(value, canonical: true)
    }

    private mutating func write(_ value: JSONValue, canonical: Bool) {
        switch value {
        case .null: null()
        case .bool(let value): bool(value)
        case .number(let number):
            separate()
            bytes.append(contentsOf: number.text.utf8)
        case .string(let text): string(text)
        case .array(let elements):
            open(UInt8(ascii: "["))
            for element in elements {
                write(element, canonical: canonical)
            }
            close(UInt8(ascii: "]"))
        case .object(let object):
            open(UInt8(ascii: "{"))
            let members = canonical ? object.members.sorted { $0.name < $1.name } : object.members
            for member in members {
                name(member.name)
                write(member.value, canonical: canonical)
            }
            close(UInt8(ascii: "}"))
        }
    }

    // MARK: Members in one call

    /// Writes a member with a string, or nothing when there is none.
    ///
    /// - Parameters:
    ///   - name: The member's name.
    ///   - text: The string.
    public mutating func member(_ name: String, _ text: String?) {
        guard let text else { return }
        self.name(name)
        string(text)
    }

    /// Writes a member with an integer, or nothing when there is none.
    ///
    /// - Parameters:
    ///   - name: The member's name.
    ///   - value: The integer.
    public mutating func member(_ name: String, _ value: (some FixedWidthInteger)?) {
        guard let value else { return }
        self.name(name)
        integer(value)
    }

    /// Writes a member with a boolean, or nothing when there is none.
    ///
    /// - Parameters:
    ///   - name: The member's name.
    ///   - value: The boolean.
    public mutating func member(_ name: String, _ value: Bool?) {
        guard let value else { return }
        self.name(name)
        bool(value)
    }

    // MARK: Escaping

    private mutating func quoted(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        var copy = text
        copy.withUTF8 { utf8 in
            var clean = 0
            while let special = Self.special(in: utf8, from: clean) {
                bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[clean..<special]))
                escape(utf8[special])
                clean = special + 1
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[clean...]))
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Finds the next byte that must be escaped, eight bytes at a time.
    private static func special(in utf8: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
        guard let base = utf8.baseAddress else { return nil }
        let ones: UInt64 = 0x0101_0101_0101_0101
        let high: UInt64 = 0x8080_8080_8080_8080
        var index = start
        while utf8.count - index >= 8 {
            let word = UInt64(littleEndian: UnsafeRawPointer(base + index).loadUnaligned(as: UInt64.self))
            let quote = word ^ (ones &* 0x22)
            let slash = word ^ (ones &* 0x5C)
            // In each term the lowest set bit is exact; a borrow can only add bits above a true one.
            let hits =
                ((quote &- ones) & ~quote | (slash &- ones) & ~slash | (word &- ones &* 0x20) & ~word) & high
            guard hits == 0 else { return index + (hits.trailingZeroBitCount >> 3) }
            index += 8
        }
        return utf8[index...].firstIndex { $0 < 0x20 || $0 == 0x22 || $0 == 0x5C }
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            bytes.append(UInt8(ascii: "\\"))
            bytes.append(byte)
        case 0x0A: bytes.append(contentsOf: "\\n".utf8)
        case 0x0D: bytes.append(contentsOf: "\\r".utf8)
        case 0x09: bytes.append(contentsOf: "\\t".utf8)
        default:
            let hex = Array("0123456789abcdef".utf8)
            bytes.append(contentsOf: "\\u00".utf8)
            bytes.append(hex[Int(byte >> 4)])
            bytes.append(hex[Int(byte & 15)])
        }
    }
}
