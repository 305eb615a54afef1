/// Checks the grammar of one line and finds the parts of its envelope, in one pass over the raw bytes.
///
/// The common case allocates nothing: the answer is byte ranges. Foundation's coders take several microseconds
/// for what takes a tenth of one here, and a control request does little else.
public struct RPCScanner {
    let base: UnsafePointer<UInt8>
    let count: Int
    let limits: ProtocolLimits
    var position = 0
    var depth = 0

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

    // MARK: Words

    @inline(__always)
    static func equal(_ base: UnsafePointer<UInt8>, _ word: StaticString) -> Bool {
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
