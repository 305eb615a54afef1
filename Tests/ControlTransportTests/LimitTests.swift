import ControlProtocol
import ControlTransport
import Glibc
import JSON
import Synchronization
import Testing

@Suite struct LimitTests {
    /// A call of `jobs.extend` whose line has exactly that many bytes.
    private static func line(_ count: Int) -> String {
        let empty = request("jobs.extend", params: #"{"x":""}"#)
        let padding = String(repeating: "x", count: count - empty.utf8.count)
        return request("jobs.extend", params: #"{"x":"\#(padding)"}"#)
    }

    @Test(arguments: ["\n", "\r\n", ""])
    func readsALineOfSixMebibytes(_ end: String) async throws {
        try await TestServer.with { server in
            let client = try server.connect()
            try client.send(Self.line(6 << 20) + end)
            client.halfClose()
            #expect(try client.rest().hasPrefix(#"{"jsonrpc":"2.0","id":1,"result":{"bytes":"#))
            #expect(until { server.server.heldLineBytes == 0 })
        }
    }

    @Test(arguments: ["\n", "\r\n"])
    func refusesALongerLine(_ end: String) async throws {
        try await TestServer.with { server in
            let client = try server.connect()
            try client.send(Self.line(6 << 20 + 1) + end + get("a") + "\n")
            let answer = try client.rest()
            #expect(answer.hasPrefix(#"{"jsonrpc":"2.0","id":null,"error":{"code":11,"#), "\(answer)")
            #expect(answer.split(separator: "\n").count == 1)
        }
    }

    @Test func refusesAnEndlessLine() async throws {
        try await TestServer.with { server in
            let client = try server.connect()
            try client.send([UInt8](repeating: 0x20, count: 7 << 20))
            let answer = try client.rest()
            #expect(answer.contains(#""kind":"limits.exceeded""#))
            #expect(until { server.server.heldLineBytes == 0 })
        }
    }

    @Test func nestingHasALimit() async throws {
        try await TestServer.with { server in
            let client = try server.connect()
            func params(_ depth: Int) -> String {
                // Envelope, params and request are three levels.
                let open = String(repeating: "[", count: depth - 3)
                let close = String(repeating: "]", count: depth - 3)
                return request("jobs.check", params: #"{"request":{"x":\#(open)\#(close)}}"#)
            }
            #expect(try client.ask(params(64))?.contains("result") == true)
            #expect(try client.ask(params(65))?.contains(#""id":null,"error":{"code":11,"#) == true)
            #expect(try client.ask(get("a")) == gotten("a"))
        }
    }

    @Test func aBatchHasALimit() async throws {
        try await TestServer.with { server in
            let client = try server.connect()
            func batch(_ count: Int) -> String {
                "[" + (1...count).map { get("a", id: $0) }.joined(separator: ",") + "]"
            }
            #expect(try client.ask(batch(64))?.hasSuffix(gotten("a", id: 64) + "]") == true)
            let answer = try client.ask(batch(65))
            #expect(answer?.hasPrefix(#"{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"#) == true)
            #expect(try client.ask(get("a")) == gotten("a"))
        }
    }

    @Test func aLongAnswerBecomesAnError() async throws {
        try await TestServer.with { server in
            let client = try server.connect()
            // The test's service writes a thousand bytes per unit of limit.
            server.service.letGo()
            let fits = try #require(try client.ask(request("jobs.list", params: #"{"limit":1000}"#)))
            #expect(fits.utf8.count == 1_000_036)
        }
        try await TestServer.with({ $0.limits.lineOut = 100_000 }) { server in
            let client = try server.connect()
            #expect(try client.ask(request("jobs.list", params: #"{"limit":99}"#))?.utf8.count == 99_036)
            let answer = try client.ask(request("jobs.list", params: #"{"limit":100}"#))
            #expect(answer?.contains(#""kind":"limits.exceeded""#) == true)
            let batch =
                "["
                + (1...3).map { request("jobs.list", id: $0, params: #"{"limit":60}"#) }
                .joined(separator: ",") + "]"
            let reply = try #require(try client.ask(batch))
            #expect(reply.utf8.count < 100_000)
            #expect(reply.contains(#""id":2,"error":{"code":11,"#))
        }
    }

    /// The members of a batch that do not fit get errors, and those fit too.
    @Test func aBatchOfLongAnswersKeepsToTheLimit() async throws {
        try await TestServer.with({ $0.limits.lineOut = 1_000_000 }) { server in
            let client = try server.connect()
            let name = String(repeating: "i", count: 4000)
            let batch = (0..<64).map { number in
                #"{"jsonrpc":"2.0","id":"\#(name)\#(number)","method":"jobs.list","params":{"limit":100}}"#
            }
            let line = try #require(try client.ask("[" + batch.joined(separator: ",") + "]"))
            #expect(line.utf8.count <= 1_000_000)
            let answers = try #require(try JSONParser.parse(line).arrayValue)
            #expect(answers.count == 64)
            #expect(answers.contains { $0["result"] != nil })
            #expect(answers.contains { $0["error"]?["code"] == 11 })
        }
    }

    /// Peers that ask for much and read nothing do not fill the memory.
    @Test func unreadAnswersHaveALimit() async throws {
        try await TestServer.with({
            $0.limits.unreadAnswers = 4 << 20
            $0.patience = .seconds(2)
        }) { server in
            let call = request("jobs.list", params: #"{"limit":1000}"#) + "\n"
            var idle: [TestClient] = []
            // Each takes a megabyte or a little more: the socket itself holds some of it.
            for _ in 0..<12 {
                let client = try server.connect()
                try client.send(call + call)
                idle.append(client)
            }
            let other = try server.connect()
            #expect(until { server.server.unreadBytes > 2 << 20 })
            #expect(server.server.unreadBytes <= 4 << 20 + 12 * 4096)
            // Short answers are always written.
            #expect(try other.ask(get("a")) == gotten("a"))
            // Whoever takes nothing while others need the memory is closed, and there is room again.
            #expect(until { server.server.unreadBytes <= 2 << 20 })
            #expect(try other.ask(call)?.contains("result") == true)
            var refused = 0
            for client in idle {
                for _ in 0..<2 {
                    guard let line = try? client.line() else { break }
                    refused += line.contains(#""kind":"limits.exceeded","retryable":true"#) ? 1 : 0
                }
            }
            #expect(refused > 0)
        }
    }

    @Test func stopsReadingAtSixtyFourRequests() async throws {
        try await TestServer.with { server in
            let client = try server.connect()
            let other = try server.connect()
            for id in 1...64 {
                try client.send(request("jobs.submit", id: id, params: #"{"request":{}}"#) + "\n")
            }
            #expect(until { server.service.performing == 64 })
            try client.send(get("late", id: 65) + "\n")
            // Two turns of the other connection: the loop has seen the line of the first one by then.
            for _ in 0..<50 {
                #expect(try other.ask(get("b")) == gotten("b"))
            }
            #expect(try !client.hasAnswer())
            #expect(!server.service.state.withLock { $0.answered.contains("late") })
            server.service.letGo()
            var lines: Set<String> = []
            for _ in 1...65 {
                lines.insert(try #require(try client.line()))
            }
            #expect(lines.contains(gotten("late", id: 65)))
            #expect(lines.count == 65)
        }
    }

    @Test func startsABatchAsSlotsBecomeFree() async throws {
        try await TestServer.with { server in
            let client = try server.connect()
            for id in 1...40 {
                try client.send(request("jobs.submit", id: id, params: #"{"request":{}}"#) + "\n")
            }
            let batch = (41...100).map { request("jobs.submit", id: $0, params: #"{"request":{}}"#) }
            try client.send("[" + batch.joined(separator: ",") + "]\n" + get("last", id: 101) + "\n")
            #expect(until { server.service.performing == 64 })
            server.service.letGo()
            var lines: [String] = []
            for _ in 0..<42 {
                lines.append(try #require(try client.line()))
            }
            #expect(lines.contains(gotten("last", id: 101)))
            #expect(lines.filter { $0.hasPrefix("[") }.count == 1)
            #expect(server.service.performing == 100)
        }
    }

    @Test func waitsHaveALimitOfTheirOwn() async throws {
        try await TestServer.with { server in
            let client = try server.connect()
            for id in 1...256 {
                try client.send(request("jobs.wait", id: id, params: #"{"id":"a"}"#) + "\n")
            }
            #expect(until { server.service.performing == 256 })
            let refused = try client.ask(request("jobs.wait", id: 257, params: #"{"id":"a"}"#))
            #expect(refused?.hasPrefix(#"{"jsonrpc":"2.0","id":257,"error":{"code":11,"#) == true)
            #expect(try client.ask(get("a")) == gotten("a"))
            server.service.letGo()
            for _ in 1...256 {
                #expect(try client.line()?.contains("result") == true)
            }
        }
    }

    @Test func connectionsHaveALimit() async throws {
        try await TestServer.with({ $0.connections = 3 }) { server in
            var clients = try (0..<3).map { _ in try server.connect() }
            for client in clients {
                #expect(try client.ask(get("a")) == gotten("a"))
            }
            let refused = try server.connect()
            try refused.send(get("a") + "\n")
            let answer = try refused.rest()
            #expect(answer.hasPrefix(#"{"jsonrpc":"2.0","id":null,"error":{"code":11,"#), "\(answer)")
            #expect(answer.split(separator: "\n").count == 1)
            clients.removeLast()
            #expect(until { server.server.connectionCount == 2 })
            #expect(try server.connect().ask(get("a")) == gotten("a"))
        }
    }

    @Test func connectionsPerUserHaveALimit() async throws {
        // Every second connection is another user's.
        let peers = PeerSequence(uids: [0, 0, 7, 0, 7, 7])
        try await TestServer.with({ $0.connectionsPerUID = 2 }, credentials: { _ in peers.next() }) {
            server in
            let answers = try (0..<6).map { _ in
                let client = try server.connect()
                return (client, try client.ask(request("daemon.info")) ?? "")
            }
            let refused = answers.map { $0.1.contains(#""code":11"#) }
            #expect(refused == [false, false, false, true, false, true])
        }
    }

    @Test func sixHundredConnections() async throws {
        try await TestServer.with({ $0.connectionsPerUID = 512 }) { server in
            var clients: [TestClient] = []
            var refused = 0
            for _ in 0..<600 {
                let client = try server.connect()
                let answer = try #require(try client.ask(get("a")))
                if answer == gotten("a") {
                    clients.append(client)
                } else {
                    #expect(answer.contains(#""code":11"#))
                    refused += 1
                }
            }
            #expect(clients.count == 512)
            #expect(refused == 88)
            for client in clients {
                #expect(try client.ask(get("b")) == gotten("b"))
            }
        }
    }

    @Test func refusesTheOverflowUser() async throws {
        let peers = PeerSequence(uids: [65534, 65533])
        try await TestServer.with(credentials: { _ in peers.next() }) { server in
            let refused = try server.connect()
            try refused.send(get("a") + "\n")
            let answer = try refused.rest()
            #expect(answer.hasPrefix(#"{"jsonrpc":"2.0","id":null,"error":{"code":10,"#), "\(answer)")
            #expect(answer.split(separator: "\n").count == 1)
            #expect(try server.connect().ask(get("a")) == gotten("a"))
        }
    }

    @Test func closesAPeerThatCannotBeTold() async throws {
        struct Unknown: Error {}
        try await TestServer.with(credentials: { _ in throw Unknown() }) { server in
            let client = try server.connect()
            #expect(try client.rest() == "")
        }
    }
}
