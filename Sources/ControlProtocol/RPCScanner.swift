/// Checks the grammar of one line and finds the parts of its envelope, in one pass over the raw bytes.
///
/// The common case allocates nothing: the answer is byte ranges. Foundation's coders take several microseconds
/// for what takes a tenth of one here, and a control request does little else.
public struct RPCScanner {
    private let base: UnsafePointer<UInt8>
    private let count: Int
    private let limits: ProtocolLimits
    private var position = 0
    private var depth = 0

    /// Reads one line.
    ///
    /// - Parameters:
    ///   - line: The line without its line feed; a carriage return at its end is white space.
    ///   - limits: What is allowed.
    /// - Returns: What the line is.
    public static func scan(
        _ line: UnsafeRawBufferPointer,
        limits: ProtocolLimits = .standard
    ) -> RPCMessage {
        guard let base = line.baseAddress else { return .invalid(.syntax(offset: 0), id: nil) }
        var scanner = RPCScanner(
            base: base.assumingMemoryBound(to: UInt8.self),
            count: line.count,
            limits: limits
        )
        do throws(RPCFault) {
            let message = try scanner.message()
            scanner.skipWhitespace()
            guard scanner.position == scanner.count else { throw scanner.syntax() }
            return message
        } catch {
            return .invalid(error, id: nil)
        }
    }

    private init(base: UnsafePointer<UInt8>, count: Int, limits: ProtocolLimits) {
        self.base = base
        self.count = count
        self.limits = limits
    }

    // MARK: Envelope

    private mutating func message() throws(RPCFault) -> RPCMessage {
        skipWhitespace()
        guard position < count else { throw syntax() }
        switch base[position] {
        case UInt8(ascii: "{"):
            return try request()
        case UInt8(ascii: "["):
            return try batch()
        default:
            try skipValue()
            return .invalid(.noObject, id: nil)
        }
    }

    private mutating func batch() throws(RPCFault) -> RPCMessage {
        try enter()
        var messages: [RPCMessage] = []
        var tooMany = false
        skipWhitespace()
        if consume(UInt8(ascii: "]")) {
            depth -= 1
            return .invalid(.emptyBatch, id: nil)
        }
        repeat {
            skipWhitespace()
            guard position < count else { throw syntax() }
            let isRequest = base[position] == UInt8(ascii: "{")
            if tooMany || messages.count == limits.batchMembers {
                // The rest is only checked: a broken line is a broken line whatever its length.
                tooMany = true
                try skipValue()
            } else if isRequest {
                messages.append(try request())
            } else {
                try skipValue()
                messages.append(.invalid(.noObject, id: nil))
            }
            skipWhitespace()
        } while consume(UInt8(ascii: ","))
        guard consume(UInt8(ascii: "]")) else { throw syntax() }
        depth -= 1
        return tooMany ? .invalid(.batchTooLarge, id: nil) : .batch(messages)
    }

    /// The members of an envelope, as they are found.
    private struct Members {
        var seen: UInt8 = 0
        var fault: RPCFault?
        var id: Range<Int>?
        var method: ControlMethod?
        var methodName = 0..<0
        var parameters = RPCEnvelope.Parameters.none
        var parameterBytes = 0..<0

        /// The first fault counts.
        mutating func note(_ fault: RPCFault) {
            if self.fault == nil {
                self.fault = fault
            }
        }
    }

    private enum Name: UInt8 {
        case version = 1
        case id = 2
        case method = 4
        case parameters = 8
    }

    private mutating func request() throws(RPCFault) -> RPCMessage {
        try enter()
        var members = Members()
        skipWhitespace()
        if !consume(UInt8(ascii: "}")) {
            repeat {
                try member(&members)
                skipWhitespace()
            } while consume(UInt8(ascii: ","))
            guard consume(UInt8(ascii: "}")) else { throw syntax() }
        }
        depth -= 1
        if members.seen & Name.version.rawValue == 0 {
            members.note(.version)
        } else if members.seen & Name.method.rawValue == 0 {
            members.note(.methodType)
        }
        if let fault = members.fault {
            let idIsGood = fault != .idType && fault != .idTooLong && fault != .duplicateMember
            return .invalid(fault, id: idIsGood ? members.id : nil)
        }
        return .call(
            RPCEnvelope(
                id: members.id,
                method: members.method,
                methodName: members.methodName,
                parameters: members.parameters,
                parameterBytes: members.parameterBytes
            )
        )
    }

    private mutating func member(_ members: inout Members) throws(RPCFault) {
        skipWhitespace()
        guard consume(UInt8(ascii: "\"")) else { throw syntax() }
        let start = position
        let isEscaped = try skipString()
        let name = Self.name(of: base + start, count: position - 1 - start, isEscaped: isEscaped)
        skipWhitespace()
        guard consume(UInt8(ascii: ":")) else { throw syntax() }
        skipWhitespace()
        guard position < count else { throw syntax() }
        guard let name else {
            try skipValue()
            return
        }
        if members.seen & name.rawValue != 0 {
            members.note(.duplicateMember)
        }
        members.seen |= name.rawValue
        switch name {
        case .version: try version(&members)
        case .id: try id(&members)
        case .method: try method(&members)
        case .parameters: try parameters(&members)
        }
    }

    private static func name(of base: UnsafePointer<UInt8>, count: Int, isEscaped: Bool) -> Name? {
        guard !isEscaped else { return escapedName(of: base, count: count) }
        switch count {
        case 2:
            return equal(base, "id") ? .id : nil
        case 6:
            return equal(base, "method") ? .method : equal(base, "params") ? .parameters : nil
        case 7:
            return equal(base, "jsonrpc") ? .version : nil
        default:
            return nil
        }
    }

    private static func escapedName(of base: UnsafePointer<UInt8>, count: Int) -> Name? {
        switch unescaped(base, count) {
        case "jsonrpc": .version
        case "id": .id
        case "method": .method
        case "params": .parameters
        default: nil
        }
    }

    private mutating func version(_ members: inout Members) throws(RPCFault) {
        let start = position
        guard base[position] == UInt8(ascii: "\"") else {
            members.note(.version)
            try skipValue()
            return
        }
        position += 1
        let isEscaped = try skipString()
        let length = position - start - 2
        let isRight =
            isEscaped
            ? Self.unescaped(base + start + 1, length) == "2.0"
            : length == 3 && Self.equal(base + start + 1, "2.0")
        if !isRight {
            members.note(.version)
        }
    }

    private mutating func id(_ members: inout Members) throws(RPCFault) {
        let start = position
        switch base[position] {
        case UInt8(ascii: "\""):
            position += 1
            _ = try skipString()
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            guard try skipNumber() else { return members.note(.idType) }
        case UInt8(ascii: "n"):
            try skipValue()
        default:
            try skipValue()
            return members.note(.idType)
        }
        guard position - start <= limits.idBytes else { return members.note(.idTooLong) }
        members.id = start..<position
    }

    private mutating func method(_ members: inout Members) throws(RPCFault) {
        guard base[position] == UInt8(ascii: "\"") else {
            members.note(.methodType)
            try skipValue()
            return
        }
        position += 1
        let start = position
        let isEscaped = try skipString()
        members.methodName = start..<position - 1
        if isEscaped {
            members.method = Self.unescaped(base + start, position - 1 - start).flatMap(
                ControlMethod.init(rawValue:)
            )
        } else {
            members.method = .named(UnsafeBufferPointer(start: base + start, count: position - 1 - start))
        }
    }

    private mutating func parameters(_ members: inout Members) throws(RPCFault) {
        let start = position
        let first = base[position]
        guard first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else {
            members.note(.paramsType)
            try skipValue()
            return
        }
        if try skipValue() {
            members.parameters = .none
        } else {
            members.parameters = first == UInt8(ascii: "{") ? .named : .positional
            members.parameterBytes = start..<position
        }
    }

    // MARK: Grammar

    private func syntax() -> RPCFault {
        .syntax(offset: min(position, count))
    }

    @inline(__always)
    private mutating func skipWhitespace() {
        while position < count {
            let byte = base[position]
            guard byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A else { return }
            position += 1
        }
    }

    @inline(__always)
    private mutating func consume(_ byte: UInt8) -> Bool {
        guard position < count, base[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func enter() throws(RPCFault) {
        depth += 1
        guard depth <= limits.nesting else { throw .tooDeep }
        position += 1
    }

    /// Skips one value.
    ///
    /// - Returns: Whether it is an empty array or object.
    @discardableResult
    private mutating func skipValue() throws(RPCFault) -> Bool {
        skipWhitespace()
        guard position < count else { throw syntax() }
        switch base[position] {
        case UInt8(ascii: "\""):
            position += 1
            _ = try skipString()
        case UInt8(ascii: "{"):
            return try skipContainer(until: UInt8(ascii: "}"))
        case UInt8(ascii: "["):
            return try skipContainer(until: UInt8(ascii: "]"))
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            _ = try skipNumber()
        case UInt8(ascii: "t"):
            try skipWord("true")
        case UInt8(ascii: "f"):
            try skipWord("false")
        case UInt8(ascii: "n"):
            try skipWord("null")
        default:
            throw syntax()
        }
        return false
    }

    private mutating func skipContainer(until end: UInt8) throws(RPCFault) -> Bool {
        let isObject = end == UInt8(ascii: "}")
        try enter()
        skipWhitespace()
        if consume(end) {
            depth -= 1
            return true
        }
        repeat {
            if isObject {
                skipWhitespace()
                guard consume(UInt8(ascii: "\"")) else { throw syntax() }
                _ = try skipString()
                skipWhitespace()
                guard consume(UInt8(ascii: ":")) else { throw syntax() }
            }
            try skipValue()
            skipWhitespace()
        } while consume(UInt8(ascii: ","))
        guard consume(end) else { throw syntax() }
        depth -= 1
        return false
    }

    private mutating func skipWord(_ word: StaticString) throws(RPCFault) {
        guard count - position >= word.utf8CodeUnitCount, Self.equal(base + position, word) else {
            throw syntax()
        }
        position += word.utf8CodeUnitCount
    }

    @inline(__always)
    private mutating func skipDigits() -> Int {
        let start = position
        while position < count, base[position] &- UInt8(ascii: "0") < 10 {
            position += 1
        }
        return position - start
    }

    /// Skips a number.
    ///
    /// - Returns: Whether it is written as an integer.
    private mutating func skipNumber() throws(RPCFault) -> Bool {
        _ = consume(UInt8(ascii: "-"))
        let startsWithZero = position < count && base[position] == UInt8(ascii: "0")
        let whole = skipDigits()
        guard whole > 0, !(startsWithZero && whole > 1) else { throw syntax() }
        var isInteger = true
        if consume(UInt8(ascii: ".")) {
            isInteger = false
            guard skipDigits() > 0 else { throw syntax() }
        }
        if consume(UInt8(ascii: "e")) || consume(UInt8(ascii: "E")) {
            isInteger = false
            if !consume(UInt8(ascii: "+")) {
                _ = consume(UInt8(ascii: "-"))
            }
            guard skipDigits() > 0 else { throw syntax() }
        }
        return isInteger
    }

    // MARK: Strings

    /// Skips the rest of a string whose opening quote is behind, and its closing quote.
    ///
    /// - Returns: Whether it holds an escape.
    private mutating func skipString() throws(RPCFault) -> Bool {
        var isEscaped = false
        while true {
            skipPlain()
            guard position < count else { throw syntax() }
            let byte = base[position]
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return isEscaped
            case UInt8(ascii: "\\"):
                isEscaped = true
                try skipEscape()
            case 0x80...:
                try skipMultibyte()
            default:
                throw syntax()
            }
        }
    }

    /// Skips printable ASCII other than quote and backslash: eight bytes at a time, since base64 of several
    /// megabytes comes through here on the event loop.
    @inline(__always)
    private mutating func skipPlain() {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let high: UInt64 = 0x8080_8080_8080_8080
        while count - position >= 8 {
            let word = UInt64(
                littleEndian: UnsafeRawPointer(base + position).loadUnaligned(as: UInt64.self)
            )
            let quote = word ^ (ones &* 0x22)
            let slash = word ^ (ones &* 0x5C)
            // In each term the lowest set bit is exact; a borrow can only add bits above a true one.
            let hits =
                ((quote &- ones) & ~quote | (slash &- ones) & ~slash | (word &- ones &* 0x20) & ~word | word)
                & high
            guard hits == 0 else {
                position += hits.trailingZeroBitCount >> 3
                return
            }
            position += 8
        }
        while position < count {
            let byte = base[position]
            guard byte >= 0x20, byte < 0x80, byte != 0x22, byte != 0x5C else { return }
            position += 1
        }
    }

    private mutating func skipEscape() throws(RPCFault) {
        position += 1
        guard position < count else { throw syntax() }
        switch base[position] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
            UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 1
        case UInt8(ascii: "u"):
            guard count - position > 4 else { throw syntax() }
            for offset in 1...4 {
                let byte = base[position + offset]
                let isHexadecimal =
                    byte &- UInt8(ascii: "0") < 10 || (byte | 0x20) &- UInt8(ascii: "a") < 6
                guard isHexadecimal else { throw syntax() }
            }
            position += 5
        default:
            throw syntax()
        }
    }

    /// Skips one well-formed UTF-8 sequence of two to four bytes (Unicode, table 3-7).
    private mutating func skipMultibyte() throws(RPCFault) {
        let first = base[position]
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch first {
        case 0xC2...0xDF: length = 2
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: length = 3
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: length = 4
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: throw syntax()
        }
        guard count - position >= length, second.contains(base[position + 1]) else { throw syntax() }
        for offset in 2..<max(2, length) {
            guard base[position + offset] & 0xC0 == 0x80 else { throw syntax() }
        }
        position += length
    }
}

extension RPCScanner {
    @inline(__always)
    private static func equal(_ base: UnsafePointer<UInt8>, _ word: StaticString) -> Bool {
        for index in 0..<word.utf8CodeUnitCount where base[index] != word.utf8Start[index] {
            return false
        }
        return true
    }

    /// Resolves escapes; only for the rare envelope that uses them where nobody needs them.
    private static func unescaped(_ base: UnsafePointer<UInt8>, _ count: Int) -> String? {
        UnescapedText.make(UnsafeBufferPointer(start: base, count: count))
    }
}
