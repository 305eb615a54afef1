import ControlClient
import Glibc
import JSON
import Testing

extension EndToEnd {
    /// Each limit of `daemon.info.limits` from both sides, on the real daemon.
    @Suite("Limits of the control socket")
    struct LimitTests {
        /// A call of `daemon.info` whose line has exactly that many bytes.
        private static func line(_ count: Int) -> String {
            let empty = requestLine("daemon.info", #"{"_meta":""}"#)
            let padding = String(repeating: "x", count: count - empty.utf8.count)
            return requestLine("daemon.info", #"{"_meta":"\#(padding)"}"#)
        }

        private static func isInfo(_ answer: JSONValue) -> Bool {
            answer["result"]?["name"] == "videogend"
        }

        private static func isRefused(_ answer: JSONValue) -> Bool {
            answer["error"]?["code"] == 11 && answer["error"]?["data"]?["kind"] == "limits.exceeded"
                && answer["error"]?["data"]?["charged"] == "no"
        }

        @Test("line, nesting, batch, id", .timeLimit(.minutes(2)))
        func sizes() throws {
            try DaemonFixture.with { fixture in
                let limits = try fixture.call("daemon.info")["limits"] ?? .null
                func limit(_ name: String) throws -> Int { try #require(limits[name]?.intValue, "\(name)") }
                #expect(try limit("line_in_bytes") == 6 << 20 && limit("line_out_bytes") == 6 << 20)
                #expect(try limit("nesting") == 64 && limit("batch_members") == 64)
                #expect(try limit("requests_in_flight") == 64 && limit("waits_in_flight") == 256)
                #expect(try limit("subscriptions") == 16 && limit("unfinished_lines_bytes") == 64 << 20)
                #expect(try limit("connections") == 512 && limit("connections_per_uid") == 384)

                let connection = try RawConnection(fixture.socket)
                #expect(try Self.isInfo(connection.ask(Self.line(6 << 20))))
                #expect(try Self.isInfo(connection.ask(Self.line(6 << 20) + "\r")))
                for text in [Self.line(6 << 20 + 1) + "\n", Self.line(6 << 20 + 1) + "\r\n"] {
                    let refused = try RawConnection(fixture.socket)
                    try refused.send(text + requestLine("daemon.info", id: 2) + "\n")
                    let lines = try refused.rest().split(separator: "\n")
                    #expect(lines.count == 1)
                    let answer = try JSONParser.parse(String(lines.first ?? ""))
                    #expect(Self.isRefused(answer) && answer["id"]?.isNull == true, "\(answer.text)")
                }

                // Envelope and params are two levels.
                func nested(_ depth: Int) -> String {
                    let open = String(repeating: "[", count: depth - 2)
                    let close = String(repeating: "]", count: depth - 2)
                    return requestLine("daemon.info", #"{"_meta":\#(open)\#(close)}"#)
                }
                #expect(try Self.isInfo(connection.ask(nested(64))))
                #expect(try Self.isRefused(connection.ask(nested(65))))

                func batch(_ count: Int) -> String {
                    "[" + (1...count).map { requestLine("daemon.info", id: $0) }.joined(separator: ",") + "]"
                }
                #expect(try connection.ask(batch(64)).arrayValue?.count == 64)
                let refused = try connection.ask(batch(65))
                #expect(refused["error"]?["code"] == -32600 && refused["id"]?.isNull == true)

                let name = String(repeating: "i", count: try limit("id_bytes") - 2)
                func named(_ name: String) -> String {
                    #"{"jsonrpc":"2.0","id":"\#(name)","method":"daemon.info"}"#
                }
                #expect(try connection.ask(named(name))["id"]?.stringValue == name)
                #expect(try Self.isRefused(connection.ask(named(name + "i"))))
                #expect(try Self.isInfo(connection.ask(requestLine("daemon.info"))))
            }
        }

        /// An API that takes every request and answers none: calls of `account.balance` stay in flight.
        @Test("64 requests in flight, then the daemon stops reading", .timeLimit(.minutes(2)))
        func inFlight() throws {
            let silent = try SilentServer()
            try DaemonFixture.with(environment: [
                "VIDEOGEND_API_BASE_URL": "http://127.0.0.1:\(silent.port)",
                "VIDEOGEND_API_REQUEST_TIMEOUT": "4s",
            ]) { fixture in
                let connection = try RawConnection(fixture.socket)
                for id in 1...63 {
                    try connection.send(requestLine("account.balance", id: id) + "\n")
                }
                #expect(try Self.isInfo(connection.ask(requestLine("daemon.info", id: 0))))
                try connection.send(requestLine("account.balance", id: 64) + "\n")
                try connection.send(requestLine("daemon.info", id: 65) + "\n")
                let probe = try LatencyProbe(fixture.socket)
                for _ in 0..<20 {
                    try probe.ask()
                }
                #expect(try !connection.hasLine(within: .milliseconds(300)))
                // The first of them that ends makes room, and all are answered.
                var ids: Set<Int> = []
                for _ in 1...65 {
                    let answer = try connection.value(within: .seconds(30))
                    ids.insert(answer["id"]?.intValue ?? -1)
                }
                #expect(ids == Set(1...65))
            }
        }

        @Test("256 waits and 16 subscriptions", .timeLimit(.minutes(2)))
        func waitsAndSubscriptions() throws {
            try DaemonFixture.with { fixture in
                try fixture.call("daemon.drain")
                let id = try fixture.submit("waits")
                let connection = try RawConnection(fixture.socket)
                for number in 1...256 {
                    try connection.send(requestLine("jobs.wait", id: number, #"{"id":"\#(id)"}"#) + "\n")
                }
                let refused = try connection.ask(requestLine("jobs.wait", id: 257, #"{"id":"\#(id)"}"#))
                #expect(refused["id"] == 257 && Self.isRefused(refused))
                #expect(try Self.isInfo(connection.ask(requestLine("daemon.info", id: 258))))
                try fixture.call("jobs.cancel", ["id": .string(id)])
                var ids: Set<Int> = []
                for _ in 1...256 {
                    let answer = try connection.value()
                    #expect(answer["result"]?["done"] == true)
                    ids.insert(answer["id"]?.intValue ?? -1)
                }
                #expect(ids == Set(1...256))

                for number in 1...16 {
                    let answer = try connection.ask(requestLine("events.subscribe"))
                    #expect(answer["result"]?["subscription"]?.intValue == number)
                }
                #expect(try Self.isRefused(connection.ask(requestLine("events.subscribe"))))
                let ended = try connection.ask(requestLine("events.unsubscribe", #"{"subscription":3}"#))
                #expect(ended["result"] == [:])
                let again = try connection.ask(requestLine("events.subscribe"))
                #expect(again["result"]?["subscription"] == 17)
            }
        }

        @Test("six hundred connections: 512 are served", .timeLimit(.minutes(2)))
        func connections() throws {
            try withDescriptors(2048) {
                try DaemonFixture.with(environment: ["VIDEOGEND_CONTROL_CONNECTIONS_PER_UID": "512"]) {
                    fixture in
                    var served: [RawConnection] = []
                    var refused = 0
                    for _ in 0..<600 {
                        let connection = try RawConnection(fixture.socket)
                        let answer = try connection.ask(requestLine("daemon.info"))
                        if Self.isInfo(answer) {
                            served.append(connection)
                        } else {
                            refused += 1
                            #expect(Self.isRefused(answer) && answer["id"]?.isNull == true)
                            #expect(answer["error"]?["data"]?["retryable"] == true)
                            #expect(try connection.rest() == "")
                        }
                    }
                    #expect(served.count == 512 && refused == 88)
                    for connection in served {
                        #expect(try Self.isInfo(connection.ask(requestLine("daemon.info"))))
                    }
                    served.removeAll()
                    try Deadline(after: .seconds(10)).first("room again") {
                        try Self.isInfo(RawConnection(fixture.socket).ask(requestLine("daemon.info")))
                            ? true : nil
                    }
                }
            }
        }

        @Test("connections as configured, per user too", .timeLimit(.minutes(1)))
        func fewConnections() throws {
            for (name, other) in [
                ("CONNECTIONS", "CONNECTIONS_PER_UID"), ("CONNECTIONS_PER_UID", "CONNECTIONS"),
            ] {
                try DaemonFixture.with(environment: [
                    "VIDEOGEND_CONTROL_\(name)": "3", "VIDEOGEND_CONTROL_\(other)": "100",
                ]) { fixture in
                    let served = try (0..<3).map { _ in try RawConnection(fixture.socket) }
                    for connection in served {
                        #expect(try Self.isInfo(connection.ask(requestLine("daemon.info"))))
                    }
                    let refused = try RawConnection(fixture.socket)
                    #expect(try Self.isRefused(refused.ask(requestLine("daemon.info"))))
                    #expect(try refused.rest() == "")
                }
            }
        }

        @Test("writers of one byte at a time cost nothing", .timeLimit(.minutes(1)))
        func slowWriters() throws {
            try DaemonFixture.with { fixture in
                let writers = try (0..<100).map { _ in try RawConnection(fixture.socket) }
                let line = Array((requestLine("daemon.info") + "\n").utf8)
                let probe = try LatencyProbe(fixture.socket)
                try probe.ask()
                let pid = try fixture.process().pid
                let before = try ProcessUsage(of: pid)
                for byte in line.prefix(5) {
                    for writer in writers {
                        try writer.send([byte])
                    }
                    try probe.ask()
                    _ = Deadline(after: .milliseconds(300)).firstReadable(of: [])
                }
                let after = try ProcessUsage(of: pid)
                // 500 bytes one by one, in a build without optimisation.
                #expect(after.processorSeconds - before.processorSeconds < 0.75)
                #expect(after.memory - before.memory < 8 << 20)
                #expect(probe.longest < .seconds(2), "\(probe.times)")
                for writer in writers {
                    try writer.send(Array(line.dropFirst(5)))
                    #expect(try Self.isInfo(writer.value()))
                }
            }
        }

        @Test("lines of 6 MiB from forty connections at once", .timeLimit(.minutes(4)))
        func longLines() throws {
            try DaemonFixture.with { fixture in
                let pid = try fixture.process().pid
                let line = Array((Self.line(6 << 20) + "\n").utf8)
                let probe = try LatencyProbe(fixture.socket)
                try probe.ask()
                let before = try ProcessUsage(of: pid).memory
                var senders = try (0..<40).map { _ in (connection: try RawConnection(fixture.socket), sent: 0)
                }
                var most = 0
                let deadline = Deadline(after: .seconds(150))
                while senders.contains(where: { $0.sent < line.count }) {
                    for index in senders.indices where senders[index].sent < line.count {
                        senders[index].sent += senders[index].connection.sendAtOnce(
                            line[senders[index].sent...]
                        )
                    }
                    try probe.ask()
                    most = max(most, try ProcessUsage(of: pid).memory)
                    guard !deadline.isOver else { throw EndToEndError("stuck: \(senders.map(\.sent))") }
                }
                for sender in senders {
                    #expect(try Self.isInfo(sender.connection.value(within: .seconds(60))))
                }
                // 240 MiB were sent. Lines that are not finished may take 64, in buffers that grow by doubling.
                #expect(most - before < 176 << 20, "\((most - before) >> 20) MiB")
                #expect(probe.longest < .seconds(8), "\(probe.longest), median \(probe.median)")
                print("forty lines of 6 MiB: \((most - before) >> 20) MiB more, longest \(probe.longest)")
            }
        }

        @Test("64 MiB of unfinished lines, then short ones only", .timeLimit(.minutes(2)))
        func unfinishedLines() throws {
            try DaemonFixture.with { fixture in
                let line = Array(Self.line(6 << 20).utf8)
                let connections = try (0..<14).map { _ in try RawConnection(fixture.socket) }
                var sent = [Int](repeating: 0, count: connections.count)
                // All but the end of each line, until nothing is taken for a while.
                var idle = 0
                while idle < 25 {
                    var progress = 0
                    for (index, connection) in connections.enumerated() {
                        let count = connection.sendAtOnce(line[sent[index]..<(line.count - 10)])
                        sent[index] += count
                        progress += count
                    }
                    idle = progress == 0 ? idle + 1 : 0
                    _ = Deadline(after: .milliseconds(progress == 0 ? 20 : 0)).firstReadable(of: [])
                }
                let total = sent.reduce(0, +)
                // What the sockets themselves hold comes on top.
                #expect(total < 64 << 20 + connections.count * (512 << 10), "\(total)")
                #expect(total > 32 << 20, "\(total)")
                let other = try RawConnection(fixture.socket)
                #expect(try Self.isInfo(other.ask(requestLine("daemon.info"))))
                #expect(try Self.isInfo(other.ask(Self.line(60_000))))
                // The one that is furthest can be finished, and makes room.
                let first = try #require(sent.indices.max { sent[$0] < sent[$1] })
                #expect(sent[first] == line.count - 10)
                try connections[first].send(Array(line.suffix(10)) + [0x0A])
                #expect(try Self.isInfo(connections[first].value()))
            }
        }

        @Test("6 MiB a line out", .timeLimit(.minutes(2)))
        func longAnswers() throws {
            try DaemonFixture.with { fixture in
                let models = try fixture.call("models.list").text.utf8.count
                let count = min(64, (6 << 20) / models + 8)
                let connection = try RawConnection(fixture.socket)
                let batch = (1...count).map { requestLine("models.list", id: $0) }.joined(separator: ",")
                try connection.send("[\(batch)]\n")
                let line = try #require(try connection.line(within: .seconds(60)))
                #expect(line.utf8.count <= 6 << 20)
                let answers = try #require(try JSONParser.parse(line).arrayValue)
                #expect(answers.count == count)
                let whole = answers.filter { $0["result"] != nil }
                #expect(whole.count < count || models * count < 6 << 20, "\(models) bytes each")
                for answer in answers where answer["error"] != nil {
                    #expect(Self.isRefused(answer))
                }
            }
        }
    }
}

/// Raises the limit of open files of this process for the time of a closure.
private func withDescriptors(_ count: UInt, _ body: () throws -> Void) throws {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    let before = limit
    limit.rlim_cur = max(limit.rlim_cur, min(count, limit.rlim_max))
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    defer {
        var old = before
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &old)
    }
    try body()
}
