/// Skips JSON values and checks their grammar (RFC 8259), byte by byte.
extension RPCScanner {
    func syntax() -> RPCFault {
        .syntax(offset: min(position, count))
    }

    @inline(__always)
    mutating func skipWhitespace() {
        while position < count {
            let byte = base[position]
            guard byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A else { return }
            position += 1
        }
    }

    @inline(__always)
    mutating func consume(_ byte: UInt8) -> Bool {
        guard position < count, base[position] == byte else { return false }
        position += 1
        return true
    }

    mutating func enter() throws(RPCFault) {
        depth += 1
        guard depth <= limits.nesting else { throw .tooDeep }
        position += 1
    }

    /// Skips one value.
    ///
    /// - Returns: Whether it is an empty array or object.
    @discardableResult
    mutating func skipValue() throws(RPCFault) -> Bool {
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

    mutating func skipContainer(until end: UInt8) throws(RPCFault) -> Bool {
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

    mutating func skipWord(_ word: StaticString) throws(RPCFault) {
        guard count - position >= word.utf8CodeUnitCount, Self.equal(base + position, word) else {
            throw syntax()
        }
        position += word.utf8CodeUnitCount
    }

    @inline(__always)
    mutating func skipDigits() -> Int {
        let start = position
        while position < count, base[position] &- UInt8(ascii: "0") < 10 {
            position += 1
        }
        return position - start
    }

    /// Skips a number.
    ///
    /// - Returns: Whether it is written as an integer.
    mutating func skipNumber() throws(RPCFault) -> Bool {
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
    mutating func skipString() throws(RPCFault) -> Bool {
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
    mutating func skipPlain() {
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

    mutating func skipEscape() throws(RPCFault) {
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
    mutating func skipMultibyte() throws(RPCFault) {
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
