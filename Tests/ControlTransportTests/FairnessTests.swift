import ControlProtocol
import ControlTransport
import Glibc
import NIOCore
import NIOPosix
import Synchronization
import Testing

@Suite struct FairnessTests {
    @Test func aFloodDoesNotStarveOthers() async throws {
        try await TestServer.with { server in
            let other = try server.connect()
            #expect(try other.ask(get("ready")) == gotten("ready"))
            // Blank lines count too little to matter, and answers would fill the socket.
            let lines = (0..<20_000).map {
                #"{"jsonrpc":"2.0","method":"jobs.get","params":{"id":"f\#($0)"}}"# + "\n"
            }
            let writer = Thread {
                let flood = try server.connect()
                try flood.send(lines.joined())
                flood.halfClose()
                _ = try flood.rest()
            }
            #expect(until { server.service.state.withLock { $0.answered.contains("f10") } })
            #expect(try other.ask(get("other")) == gotten("other"))
            try writer.join()
            #expect(until { server.service.state.withLock { $0.answered.last == "f19999" } })
            let order = server.service.state.withLock { $0.answered }
            let place = try #require(order.firstIndex(of: "other"))
            #expect(place < order.count - 1)
        }
    }

    @Test func oneByteAtATimeCostsNothing() async throws {
        try await TestServer.with { server in
            let slow = try server.connect()
            let other = try server.connect()
            for byte in get("slow").utf8 {
                try slow.send([byte])
                #expect(try other.ask(get("other")) == gotten("other"))
                #expect(server.server.heldLineBytes < 200)
            }
            try slow.send("\n")
            #expect(try slow.line() == gotten("slow"))
        }
    }

    /// Twenty lines at once, memory for four: all get through, none gets stuck half-way.
    @Test func longLinesShareTheirMemory() async throws {
        try await TestServer.with({ configuration in
            configuration.limits.lineIn = 320 << 10
            configuration.limits.unfinishedLines = 1 << 20
        }) { server in
            let line = longLine(300_000)
            let most = Mutex(0)
            let writers = (0..<20).map { _ in
                Thread {
                    let client = try server.connect()
                    for _ in 0..<2 {
                        try client.send(line)
                        guard try client.line()?.contains("result") == true else {
                            throw TestClient.Failure(what: "answer", number: 0)
                        }
                        let held = server.server.heldLineBytes
                        most.withLock { $0 = max($0, held) }
                    }
                }
            }
            let other = try server.connect()
            for _ in 0..<200 {
                #expect(try other.ask(get("other")) == gotten("other"))
                let held = server.server.heldLineBytes
                most.withLock { $0 = max($0, held) }
            }
            for writer in writers {
                try writer.join()
            }
            #expect(until { server.server.heldLineBytes == 0 })
            // The cap, short lines and what is read between two looks.
            let bound = 1 << 20 + 20 * (128 << 10)
            #expect(most.withLock { $0 } < bound)
            #expect(most.withLock { $0 } > 512 << 10)
        }
    }

    /// Who begins a long line and leaves it unfinished does not block others for ever.
    @Test func aStalledLongLineIsGivenUp() async throws {
        try await TestServer.with({ configuration in
            configuration.limits.lineIn = 1 << 20
            configuration.limits.unfinishedLines = 2 << 20
            configuration.patience = .milliseconds(50)
        }) { server in
            let line = longLine(1_000_000)
            let stalled = try (0..<2).map { _ in
                let client = try server.connect()
                try client.send(line.utf8.prefix(900_000))
                return client
            }
            let client = try server.connect()
            #expect(try client.ask(String(line.dropLast()))?.contains("result") == true)
            let told = try stalled.filter { try $0.hasAnswer() }
            #expect(!told.isEmpty)
            for stalled in told {
                #expect(try stalled.line()?.contains(#""kind":"limits.exceeded","retryable":true"#) == true)
            }
        }
    }

    private func longLine(_ padding: Int) -> String {
        let text = String(repeating: "x", count: padding)
        return request("jobs.extend", params: #"{"x":"\#(text)"}"#) + "\n"
    }
}

/// A thread that can fail.
struct Thread: Sendable {
    private let future: EventLoopFuture<Void>

    init(_ body: @escaping @Sendable () throws -> Void) {
        future = clientThreads.runIfActive(eventLoop: MultiThreadedEventLoopGroup.singleton.any(), body)
    }

    func join() throws {
        try future.wait()
    }
}
