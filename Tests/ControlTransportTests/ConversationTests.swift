import ControlProtocol
import ControlTransport
import Glibc
import JSON
import Testing

@Suite struct ConversationTests {
    @Test func answersTheFirstLine() async throws {
        try await TestServer.with { server in
            let client = try server.connect()
            let answer = try client.ask(request("daemon.info"))
            #expect(answer == #"{"jsonrpc":"2.0","id":1,"result":{"uid":\#(getuid()),"pid":\#(getpid())}}"#)
        }
    }

    @Test(arguments: ["\n", "\r\n", "", "\n\n", "\n \t\r\n"])
    func answersAClientThatHalfCloses(_ end: String) async throws {
        try await TestServer.with { server in
            let client = try server.connect()
            try client.send("\n\r\n  \n" + get("a") + end)
            client.halfClose()
            #expect(try client.rest() == gotten("a") + "\n")
        }
    }

    @Test func answersAHalfClosedCallThatTakesTime() async throws {
        try await TestServer.with { server in
            let client = try server.connect()
            try client.send(request("jobs.submit", params: #"{"request":{}}"#) + "\n" + get("a", id: 2))
            client.halfClose()
            #expect(try client.line() == gotten("a", id: 2))
            #expect(until { server.service.performing == 1 })
            server.service.letGo()
            #expect(try client.rest() == #"{"jsonrpc":"2.0","id":1,"result":{"ok":true}}"# + "\n")
        }
    }

    @Test func answersABrokenLastLine() async throws {
        try await TestServer.with { server in
            let client = try server.connect()
            try client.send(#"{"jsonrpc":"2.0""#)
            client.halfClose()
            #expect(try client.rest().hasPrefix(#"{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"#))
        }
    }

    @Test func closesAfterASilentClient() async throws {
        try await TestServer.with { server in
            let client = try server.connect()
            client.halfClose()
            #expect(try client.rest() == "")
        }
    }

    @Test func readsByteByByte() async throws {
        try await TestServer.with { server in
            let client = try server.connect()
            for byte in (get("a") + "\r\n").utf8 {
                try client.send([byte])
            }
            #expect(try client.line() == gotten("a"))
        }
    }

    /// The server has taken the first part, alone, before the second is sent.
    @Test func readsEverySplit() async throws {
        try await TestServer.with { server in
            let line = Array((get("a") + "\n" + get("b", id: 2) + "\r\n").utf8)
            let client = try server.connect()
            let firstEnd = get("a").utf8.count + 1
            for split in 1..<line.count {
                try client.send(line[..<split])
                let unfinished = split < firstEnd ? split : split - firstEnd
                #expect(until { server.server.heldLineBytes == unfinished }, "split \(split)")
                try client.send(line[split...])
                #expect(try client.line() == gotten("a"))
                #expect(try client.line() == gotten("b", id: 2))
            }
        }
    }

    @Test func answersAThousandPipelinedRequestsInOrder() async throws {
        try await TestServer.with { server in
            let client = try server.connect()
            try client.send((0..<1000).map { get("n\($0)", id: $0) + "\n" }.joined())
            for number in 0..<1000 {
                #expect(try client.line() == gotten("n\(number)", id: number))
            }
        }
    }

    @Test func answersWhenReady() async throws {
        try await TestServer.with { server in
            let client = try server.connect()
            try client.send(
                request("jobs.wait", id: 1, params: #"{"id":"a"}"#) + "\n" + get("a", id: 2) + "\n"
            )
            #expect(try client.line() == gotten("a", id: 2))
            server.service.letGo()
            #expect(try client.line() == #"{"jsonrpc":"2.0","id":1,"result":{"ok":true}}"#)
        }
    }

    @Test func goesOnAfterAnError() async throws {
        try await TestServer.with { server in
            let client = try server.connect()
            for (line, code) in [
                ("{", -32700), ("\u{0}", -32700), ("{}", -32600), (request("no.such"), -32601),
                (request("jobs.get"), -32602), (request("jobs.get", params: #"["a"]"#), -32602),
                (request("jobs.remove", params: #"{"id":"a"}"#), 40),
                (request("jobs.cancel", params: #"{"id":"a"}"#), 41),
            ] {
                let answer = try #require(try client.ask(line))
                #expect(answer.contains(#""error":{"code":\#(code),"#), "\(line) \(answer)")
                #expect(!answer.contains("garbage"))
            }
            let bytes: [UInt8] = [0x22, 0xFF, 0x22, 0x0A]
            try client.send(bytes)
            #expect(try client.line()?.contains("-32700") == true)
            #expect(try client.ask(get("a")) == gotten("a"))
        }
    }

    @Test func saysWhatMayBeMeant() async throws {
        try await TestServer.with { server in
            let client = try server.connect()
            let answer = try #require(try client.ask(request("job.get")))
            #expect(answer.contains("did you mean 'jobs.get'?"))
        }
    }

    @Test func discardsWhatWasWrittenBeforeTheSlowPath() async throws {
        try await TestServer.with { server in
            let client = try server.connect()
            let answer = try client.ask(request("jobs.check", params: #"{"request":{"prompt":"abc"}}"#))
            #expect(answer == #"{"jsonrpc":"2.0","id":1,"result":{"bytes":3}}"#)
        }
    }

    @Test func neverAnswersANotification() async throws {
        try await TestServer.with { server in
            let client = try server.connect()
            for line in [
                request("daemon.info", id: nil), request("no.such", id: nil),
                request("jobs.get", id: nil), request("jobs.cancel", id: nil, params: #"{"id":"a"}"#),
                request("jobs.get", id: nil, params: "[1]"),
            ] {
                try client.send(line + "\n")
            }
            #expect(until { server.service.performing == 1 })
            client.halfClose()
            #expect(try client.rest() == "")
        }
    }

    @Test func carriesANotificationOut() async throws {
        try await TestServer.with { server in
            let client = try server.connect()
            try client.send(request("jobs.submit", id: nil, params: #"{"request":{}}"#) + "\n")
            #expect(until { server.service.performing == 1 })
            client.halfClose()
            server.service.letGo()
            #expect(try client.rest() == "")
        }
    }

    /// The examples of section 7 of the JSON-RPC 2.0 specification with methods of ours.
    @Test(arguments: [
        (
            #"{"jsonrpc":"2.0","method":"jobs.get","params":[42,23],"id":1}"#,
            #"{"jsonrpc":"2.0","id":1,"error":{"code":-32602"#
        ),
        (
            #"{"jsonrpc":"2.0","method":"jobs.get","params":{"id":"a"},"id":3}"#,
            #"{"jsonrpc":"2.0","id":3,"result":{"id":"a"}}"#
        ),
        (#"{"jsonrpc":"2.0","method":"update","params":[1,2,3,4,5]}"#, ""),
        (#"{"jsonrpc":"2.0","method":"foobar"}"#, ""),
        (
            #"{"jsonrpc":"2.0","method":"foobar","id":"1"}"#,
            #"{"jsonrpc":"2.0","id":"1","error":{"code":-32601"#
        ),
        (
            #"{"jsonrpc":"2.0","method":"foobar,"params":"bar","baz]"#,
            #"{"jsonrpc":"2.0","id":null,"error":{"code":-32700"#
        ),
        (
            #"{"jsonrpc":"2.0","method":1,"params":"bar"}"#,
            #"{"jsonrpc":"2.0","id":null,"error":{"code":-32600"#
        ),
        (
            #"[{"jsonrpc":"2.0","method":"jobs.get","params":{"id":"a"},"id":"1"},{"jsonrpc":"2.0","method"]"#,
            #"{"jsonrpc":"2.0","id":null,"error":{"code":-32700"#
        ),
        ("[]", #"{"jsonrpc":"2.0","id":null,"error":{"code":-32600"#),
        ("[1]", #"[{"jsonrpc":"2.0","id":null,"error":{"code":-32600"#),
        (
            #"[{"jsonrpc":"2.0","method":"notify_sum","params":[1]},{"jsonrpc":"2.0","method":"notify"}]"#, ""
        ),
    ])
    func followsTheSpecification(_ line: String, _ prefix: String) async throws {
        try await TestServer.with { server in
            let client = try server.connect()
            try client.send(line + "\n")
            client.halfClose()
            let answer = try client.rest()
            #expect(prefix.isEmpty ? answer.isEmpty : answer.hasPrefix(prefix), "\(answer)")
        }
    }

    @Test func answersAMixedBatchInOneLine() async throws {
        try await TestServer.with { server in
            let client = try server.connect()
            let batch = [
                get("a", id: 1), request("no.such", id: nil), #"{"foo":"boo"}"#, "1",
                request("no.such", id: 5), request("jobs.check", id: 9, params: #"{"request":{}}"#),
                request("jobs.get", id: nil),
            ]
            let answer = try #require(try client.ask("[" + batch.joined(separator: ",") + "]"))
            let replies = try #require(try JSONParser.parse(answer).arrayValue)
            let summary = replies.map {
                "\($0["id"]?.text ?? "-") \($0["error"]?["code"]?.text ?? $0["result"]?.text ?? "-")"
            }
            #expect(
                Set(summary) == [
                    #"1 {"id":"a"}"#, "null -32600", "5 -32601", #"9 {"bytes":0}"#,
                ]
            )
            #expect(replies.count == 5)
        }
    }
}
