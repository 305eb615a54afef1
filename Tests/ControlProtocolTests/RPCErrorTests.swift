import ControlProtocol
import JSON
import Testing

@Suite struct RPCErrorTests {
    @Test func hasThePublishedNumbers() {
        let numbers = RPCErrorKind.all.map { "\($0.rawValue) \($0.code)" }
        #expect(
            numbers == [
                "request.parse -32700", "request.invalid -32600", "method.unknown -32601",
                "params.invalid -32602", "internal -32603", "access.denied 10", "limits.exceeded 11",
                "budget.exceeded 20", "balance.insufficient 21", "provider.error 30",
                "provider.unreachable 31", "provider.unauthorized 32", "provider.rate_limited 33",
                "provider.content_policy 34", "provider.rejected 35", "job.not_found 40", "job.state 41",
                "job.key_conflict 42", "media.invalid 43", "model.unknown 44", "output.unavailable 50",
                "output.no_space 51", "output.rejected 52", "state.unavailable 53", "daemon.draining 60",
                "config.invalid 61",
            ]
        )
    }

    @Test func writesEveryMember() {
        var error = RPCError(
            .providerRejected,
            "no",
            retryable: true,
            charged: .unknown,
            field: "prompt",
            hint: "shorten"
        )
        error.jobID = "j"
        error.userMessage = "sorry"
        error.nsfw = true
        error.provider = .init(httpStatus: 400, requestID: "r")
        var writer = JSONWriter()
        error.write(to: &writer)
        let text = String(decoding: writer.bytes, as: UTF8.self)
        #expect(
            text == #"{"code":35,"message":"no","data":{"kind":"provider.rejected","retryable":true,"#
                + #""charged":"unknown","field":"prompt","hint":"shorten","job_id":"j","#
                + #""user_message":"sorry","nsfw":true,"provider":{"http_status":400,"request_id":"r"}}}"#
        )
    }

    @Test func readsWhatItWrites() throws {
        var error = RPCError(.jobState, "no", charged: .yes)
        error.provider = .init(httpStatus: nil, requestID: "r")
        var writer = JSONWriter()
        error.write(to: &writer)
        #expect(try RPCError(JSONParser.parse(writer.bytes)) == error)
    }

    @Test func keepsWordsOfANewerDaemon() throws {
        let error = try RPCError(
            JSONParser.parse(#"{"code":99,"message":"m","data":{"kind":"moon.full","charged":"perhaps"}}"#)
        )
        #expect(error.kind.rawValue == "moon.full")
        #expect(error.code == 99)
        #expect(error.charged == .unknown)
    }

    @Test func writesReplies() {
        let result = RPCReply.result(id: Array(#""a""#.utf8)) { $0.object { $0.member("x", 1) } }
        #expect(
            String(decoding: result, as: UTF8.self) == #"{"jsonrpc":"2.0","id":"a","result":{"x":1}}"# + "\n"
        )
        let error = RPCReply.error(id: nil, RPCError(.internal, "m"))
        #expect(
            String(decoding: error, as: UTF8.self).hasPrefix(
                #"{"jsonrpc":"2.0","id":null,"error":{"code":-32603,"#
            )
        )
        let note = RPCReply.notification("events.lost") { $0.object { $0.member("subscription", 1) } }
        #expect(
            String(decoding: note, as: UTF8.self)
                == #"{"jsonrpc":"2.0","method":"events.lost","params":{"subscription":1}}"# + "\n"
        )
    }
}
