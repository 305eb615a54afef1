import ControlProtocol
import JSON

/// The scanner of request lines: agrees with the parser about the grammar, and points only into the line.
enum EnvelopeTarget: FuzzTarget {
    static let name = "envelope"

    static func run(_ input: [UInt8]) throws {
        let message = input.withUnsafeBytes { RPCScanner.scan($0) }
        let parsed = Result { () throws(JSONError) in try JSONParser.parse(input) }
        switch (message, parsed) {
        case (.invalid(.syntax, _), .failure): return
        case (.invalid(.tooDeep, _), .failure(let error)) where error.code == .tooDeep: return
        // The scanner meets a fault behind the place at which the other gives up for depth, or the reverse.
        case (.invalid(.syntax, _), _), (_, .failure):
            throw FuzzFinding("scanner \(message), parser \(parsed)")
        case (_, .success): break
        }
        try check(message, input)
    }

    private static func check(_ message: RPCMessage, _ input: [UInt8]) throws {
        switch message {
        case .batch(let messages):
            guard (1...ProtocolLimits.standard.batchMembers).contains(messages.count) else {
                throw FuzzFinding("a batch of \(messages.count)")
            }
            for member in messages {
                if case .batch = member {
                    throw FuzzFinding("a batch in a batch")
                }
                try check(member, input)
            }
        case .invalid(let fault, let id):
            try checkID(id, input)
            let reply = RPCReply.error(id: id.map { Array(input[$0]) }, fault.error())
            guard (try? JSONParser.parse(Array(reply.dropLast()))) != nil else {
                throw FuzzFinding("the reply is no JSON")
            }
        case .call(let call):
            try checkID(call.id, input)
            guard input.indices.contains(call.methodName.lowerBound),
                call.methodName.upperBound <= input.count
            else { throw FuzzFinding("a method's name outside of the line") }
            guard call.parameterBytes.upperBound <= input.count else {
                throw FuzzFinding("parameters outside of the line")
            }
            if call.parameters != .none {
                let params = try? JSONParser.parse(Array(input[call.parameterBytes]))
                guard params?.objectValue != nil || params?.arrayValue != nil else {
                    throw FuzzFinding("parameters that are none")
                }
            }
        }
    }

    private static func checkID(_ id: Range<Int>?, _ input: [UInt8]) throws {
        guard let id else { return }
        guard id.upperBound <= input.count, let value = try? JSONParser.parse(Array(input[id])) else {
            throw FuzzFinding("an id that is none")
        }
        guard value.stringValue != nil || value.isNull || value.numberValue != nil else {
            throw FuzzFinding("an id \(value.text)")
        }
    }
}
