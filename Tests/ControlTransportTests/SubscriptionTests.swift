import ControlProtocol
import ControlTransport
import Glibc
import JSON
import Synchronization
import Testing

@Suite struct SubscriptionTests {
    private static let subscribe = request("events.subscribe")

    private static func event(_ subscription: Int, _ seq: Int) -> String {
        #"{"jsonrpc":"2.0","method":"events.event","params":{"subscription":\#(subscription),"seq":\#(seq),"kind":"job.state"}}"#
    }

    @Test func theReplyComesBeforeTheFirstEvent() async throws {
        try await TestServer.with { server in
            for _ in 0..<50 {
                let client = try server.connect()
                #expect(
                    try client.ask(Self.subscribe) == #"{"jsonrpc":"2.0","id":1,"result":{"subscription":1}}"#
                )
                #expect(try client.line() == Self.event(1, 0))
            }
        }
    }

    @Test func theReplyOfABatchComesFirstToo() async throws {
        try await TestServer.with { server in
            let client = try server.connect()
            let batch =
                "[" + Self.subscribe + "," + request("jobs.submit", id: 2, params: #"{"request":{}}"#) + "]"
            try client.send(batch + "\n")
            #expect(until { server.service.state.withLock { $0.finished } == 1 })
            #expect(try server.connect().ask(get("a")) == gotten("a"))
            #expect(try !client.hasAnswer())
            server.service.letGo()
            #expect(try client.line()?.hasPrefix("[") == true)
            #expect(try client.line() == Self.event(1, 0))
        }
    }

    @Test func eventsKeepTheirOrder() async throws {
        try await TestServer.with { server in
            let client = try server.connect()
            _ = try client.ask(Self.subscribe)
            let subscription = try #require(server.service.state.withLock { $0.subscriptions.first })
            for seq in 1...2000 {
                #expect(subscription.send(TestService.event(seq)) == .accepted)
            }
            for seq in 0...2000 {
                #expect(try client.line() == Self.event(1, seq))
            }
        }
    }

    @Test func thereAreSixteen() async throws {
        try await TestServer.with { server in
            let client = try server.connect()
            for number in 1...16 {
                #expect(try client.ask(Self.subscribe)?.contains(#""subscription":\#(number)}"#) == true)
                #expect(try client.line() == Self.event(number, 0))
            }
            #expect(try client.ask(Self.subscribe)?.contains(#""error":{"code":11,"#) == true)
            #expect(
                try client.ask(request("events.unsubscribe", params: #"{"subscription":3}"#))
                    == #"{"jsonrpc":"2.0","id":1,"result":{}}"#
            )
            #expect(try client.ask(Self.subscribe)?.contains(#""subscription":17}"#) == true)
        }
    }

    @Test func anEndedStreamIsSilent() async throws {
        try await TestServer.with { server in
            let client = try server.connect()
            _ = try client.ask(Self.subscribe)
            _ = try client.line()
            let subscription = try #require(server.service.state.withLock { $0.subscriptions.first })
            _ = try client.ask(request("events.unsubscribe", params: #"{"subscription":1}"#))
            #expect(subscription.send(TestService.event(1)) == .closed)
            #expect(try client.ask(get("a")) == gotten("a"))
        }
    }

    /// `printf … | socat` may follow events.
    @Test func aHalfClosedReaderKeepsItsStream() async throws {
        try await TestServer.with { server in
            let client = try server.connect()
            try client.send(Self.subscribe + "\n")
            client.halfClose()
            #expect(try client.line()?.contains("subscription") == true)
            #expect(try client.line() == Self.event(1, 0))
            let subscription = try #require(server.service.state.withLock { $0.subscriptions.first })
            #expect(subscription.send(TestService.event(1)) == .accepted)
            #expect(try client.line() == Self.event(1, 1))
            subscription.lose(reason: "over") { $0.object { $0.member("seq", 1) } }
            #expect(
                try client.rest()
                    == #"{"jsonrpc":"2.0","method":"events.lost","params":{"subscription":1,"reason":"over","resume":{"seq":1}}}"#
                    + "\n"
            )
        }
    }

    @Test func aSlowReaderLosesAndOthersDoNotNotice() async throws {
        try await TestServer.with({ $0.outboundBytes = 1 << 20 }) { server in
            let slow = try server.connect()
            let quick = try server.connect()
            _ = try slow.ask(Self.subscribe)
            _ = try slow.line()
            _ = try quick.ask(Self.subscribe)
            _ = try quick.line()
            let streams = server.service.state.withLock { $0.subscriptions }
            try #require(streams.count == 2)
            var sent = 0
            var lost = false
            while sent < 10_000, !lost {
                sent += 1
                let event = TestService.event(sent, padding: 2000)
                lost = streams[0].send(event) == .full
                #expect(streams[1].send(event) == .accepted)
                #expect(try quick.line()?.contains(#""seq":\#(sent),"#) == true)
            }
            #expect(lost)
            streams[0].lose(reason: "too slow") { $0.object { $0.member("seq", sent - 1) } }
            #expect(streams[0].send(TestService.event(sent)) == .closed)
            // The reader wakes up: everything until the loss is there, in order, and then the loss.
            for seq in 1..<sent {
                #expect(try slow.line()?.contains(#""seq":\#(seq),"#) == true)
            }
            #expect(try slow.line()?.contains("events.lost") == true)
            #expect(try slow.ask(get("a")) == gotten("a"))
        }
    }

    /// What a client missed is no more than what is kept anyway, so it does not count as slowness.
    @Test func whatWasMissedAlwaysFindsRoom() async throws {
        try await TestServer.with({
            $0.outboundBytes = 100_000
            $0.outboundLines = 100
        }) { server in
            let client = try server.connect()
            _ = try client.ask(Self.subscribe)
            _ = try client.line()
            let subscription = try #require(server.service.state.withLock { $0.subscriptions.first })
            let missed = (1...3000).map { TestService.event($0, padding: 500) }
            #expect(subscription.replay(missed) == .accepted)
            #expect(subscription.send(TestService.event(3001)) == .accepted)
            for seq in 1...3001 {
                #expect(try client.line()?.contains(#""seq":\#(seq),"#) == true)
            }
        }
    }

    @Test func aReaderThatTakesNothingIsClosed() async throws {
        try await TestServer.with({ $0.patience = .milliseconds(50) }) { server in
            let client = try server.connect()
            _ = try client.ask(Self.subscribe)
            let subscription = try #require(server.service.state.withLock { $0.subscriptions.first })
            for seq in 1...400 {
                _ = subscription.send(TestService.event(seq, padding: 2000))
            }
            #expect(until { server.service.state.withLock { $0.closed } == 1 })
            #expect(until { server.server.connectionCount == 0 })
            #expect(subscription.send(TestService.event(1)) == .closed)
        }
    }

    @Test func aConnectionThatDoesNotReadIsNotRead() async throws {
        try await TestServer.with { server in
            let client = try server.connect()
            let other = try server.connect()
            // Twenty answers of a megabyte: after the first few the daemon stops.
            for id in 1...20 {
                try client.send(request("jobs.list", id: id, params: #"{"limit":1000}"#) + "\n")
            }
            try client.send(get("late", id: 21) + "\n")
            for _ in 0..<50 {
                #expect(try other.ask(get("b")) == gotten("b"))
            }
            #expect(!server.service.state.withLock { $0.answered.contains("late") })
            for id in 1...20 {
                #expect(try client.line()?.hasPrefix(#"{"jsonrpc":"2.0","id":\#(id),"result""#) == true)
            }
            #expect(try client.line() == gotten("late", id: 21))
        }
    }
}
