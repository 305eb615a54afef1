import ControlProtocol
import JSON

/// The parameters of every method: refused with a fault that names the parameter, or plain values.
///
/// The input is a method's name, a blank, and the text of `params`.
enum ParamsTarget: FuzzTarget {
    static let name = "params"

    static func run(_ input: [UInt8]) throws {
        let blank = input.firstIndex(of: UInt8(ascii: " ")) ?? 0
        let name = Array(input[..<blank])
        let method =
            name.withUnsafeBufferPointer { ControlMethod.named($0) }
            ?? ControlMethod.allCases[Int(input.first ?? 0) % ControlMethod.allCases.count]
        let text = Array(input[blank...].drop { $0 == UInt8(ascii: " ") })
        // The scanner has passed the line before anybody looks at parameters.
        guard let value = try? JSONParser.parse(text), value.objectValue != nil || value.arrayValue != nil
        else {
            return
        }
        let kind: RPCEnvelope.Parameters = value.objectValue == nil ? .positional : .named
        let result = text.withUnsafeBytes { bytes in
            Result { () throws(RPCError) in
                try decode(method, ParameterReader(method.description, kind, bytes))
            }
        }
        guard case .failure(let error) = result else {
            if kind == .positional {
                throw FuzzFinding("positional parameters were taken")
            }
            return
        }
        guard error.kind == .paramsInvalid, error.charged == .no, !error.retryable else {
            throw FuzzFinding("\(error)")
        }
        let reply = RPCReply.error(id: nil, error)
        guard reply.count < 16 << 10 else { throw FuzzFinding("an error of \(reply.count) bytes") }
        guard (try? JSONParser.parse(Array(reply.dropLast()))) != nil else {
            throw FuzzFinding("the reply is no JSON")
        }
    }

    private static func decode(_ method: ControlMethod, _ reader: ParameterReader) throws(RPCError) {
        switch method {
        case .jobsCheck, .jobsSubmit: _ = SubmitParams(reader)
        case .jobsGet, .jobsRemove: _ = GetParams(reader)
        case .jobsList: _ = ListParams(reader)
        case .jobsWait: _ = WaitParams(reader)
        case .jobsCancel: _ = CancelParams(reader)
        case .jobsRetry: _ = RetryParams(reader)
        case .jobsExtend: _ = ExtendParams(reader)
        case .runsList: _ = RunsListParams(reader)
        case .runsAdopt: _ = AdoptParams(reader)
        case .eventsSubscribe: _ = SubscribeParams(reader)
        case .eventsUnsubscribe: _ = UnsubscribeParams(reader)
        case .modelsList: _ = ModelsListParams(reader)
        case .modelsGet: _ = ModelsGetParams(reader)
        case .daemonInfo, .daemonStatus, .daemonDrain, .daemonResume, .daemonReload, .rpcDiscover,
            .stateBackup, .accountBalance:
            _ = NoParams(reader)
        }
    }
}
