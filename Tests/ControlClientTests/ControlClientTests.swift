import Glibc
import JSON
import ScriptedDaemon
import Testing

@testable import ControlClient

@Suite("Control client", .timeLimit(.minutes(1)))
struct ControlClientTests {
    /// Runs a test against a daemon that answers as it says.
    private func withDaemon(
        greeting: [ScriptedAnswer] = [],
        _ script: @escaping @Sendable (ScriptedCall) -> [ScriptedAnswer],
        _ body: (ScriptedDaemon) throws -> Void
    ) throws {
        let daemon = try ScriptedDaemon(greeting: greeting, script)
        defer { daemon.stop() }
        try body(daemon)
    }

    private func error(_ body: () throws -> Void) throws -> ControlClientError {
        do {
            try body()
        } catch let error as ControlClientError {
            return error
        }
        return try #require(nil, "no error was thrown")
    }

    // MARK: Connecting

    @Test("says that a socket does not exist")
    func missing() throws {
        let error = try error { _ = try ControlClient(connectingTo: "/tmp/no-such/control.sock") }
        #expect(error.code == .socketMissing)
        #expect(error.message == "There is no socket /tmp/no-such/control.sock.")
    }

    @Test("says that nobody listens")
    func refused() throws {
        try withDaemon { _ in
            []
        } _: { daemon in
            _ = try ControlClient(connectingTo: daemon.path)
            daemon.stop()
            let error = try error {
                // The listener closes on its own thread; until then a connection is made and cut.
                while true {
                    _ = try ControlClient(connectingTo: daemon.path)
                }
            }
            #expect(error.code == .refused)
        }
    }

    @Test(
        "says that a path cannot be a socket's",
        arguments: ["", String(repeating: "x", count: 108), "/a\0b"]
    )
    func badPath(_ path: String) throws {
        #expect(try error { _ = try ControlClient(connectingTo: path) }.code == .unreachable)
    }

    // MARK: Calling

    @Test("sends one line and returns the result")
    func call() throws {
        try withDaemon { call in
            [.result(["method": .string(call.method), "params": call.params])]
        } _: { daemon in
            let client = try ControlClient(connectingTo: daemon.path)
            var params = JSONObject()
            params["text"] = "two\nlines"
            #expect(
                try client.call("jobs.get", params) == [
                    "method": "jobs.get", "params": ["text": "two\nlines"],
                ]
            )
            #expect(try client.call("daemon.info")["params"] == [:])
            #expect(daemon.calls.map(\.id) == [1, 2])
        }
    }

    @Test("keeps notifications that come before a result, in their order")
    func notifications() throws {
        try withDaemon { _ in
            [
                .notify("events.event", ["seq": 1]), .notify("events.event", ["seq": 2]), .result("done"),
                .notify("events.event", ["seq": 3]),
            ]
        } _: { daemon in
            let client = try ControlClient(connectingTo: daemon.path)
            #expect(try client.call("events.subscribe") == "done")
            for seq in 1...3 {
                #expect(try client.nextNotification(timeout: .seconds(10))?.params["seq"]?.intValue == seq)
            }
            #expect(try client.nextNotification(timeout: .zero) == nil)
        }
    }

    @Test("takes results in any order")
    func overlap() throws {
        try withDaemon { call in
            // The second call is answered first, and with it the first one.
            call.method == "second" ? [.result("two"), .resultFor(1, "one")] : []
        } _: { daemon in
            let client = try ControlClient(connectingTo: daemon.path)
            let first = try client.start("first")
            let second = try client.start("second")
            let early = try #require(try client.firstResult(of: [first, second]))
            #expect(early.call == second)
            #expect(try client.result(of: first) == "one")
        }
    }

    @Test("hands on the daemon's error object")
    func refusal() throws {
        try withDaemon { _ in
            [.refusal("job.not_found", "There is no job x", hint: "Look with list")]
        } _: { daemon in
            let client = try ControlClient(connectingTo: daemon.path)
            let error = try error { _ = try client.call("jobs.get") }
            #expect(error.code == .remote)
            #expect(error.message == "There is no job x")
            let reply = try #require(error.reply)
            #expect(reply.kind == "job.not_found")
            #expect(reply.hint == "Look with list")
            #expect(reply.charged == "no")
            #expect(reply.code == 40)
        }
    }

    @Test("knows a connection that was cut, also in the middle of a line")
    func cut() throws {
        try withDaemon { call in
            call.method == "half" ? [.raw("{\"jsonrpc\":\"2.0\",\"id\":1"), .close] : [.close]
        } _: { daemon in
            for method in ["half", "whole"] {
                let client = try ControlClient(connectingTo: daemon.path)
                #expect(try error { _ = try client.call(method) }.code == .disconnected)
            }
        }
    }

    @Test("gives up after the time, and the result can still come")
    func timeout() throws {
        try withDaemon { call in
            call.method == "slow" ? [] : [.resultFor(1, "late"), .result("now")]
        } _: { daemon in
            let client = try ControlClient(connectingTo: daemon.path)
            let slow = try client.start("slow")
            #expect(try client.result(of: slow, until: SystemTime.monotonic + .milliseconds(20)) == nil)
            #expect(try client.call("quick") == "now")
            #expect(try client.result(of: slow) == "late")
            let error = try error { _ = try client.call("slow", timeout: .milliseconds(20)) }
            #expect(error.code == .timedOut)
        }
    }

    @Test("large lines pass in both directions while both sides write")
    func largeLines() throws {
        let large = String(repeating: "x", count: 5 << 20)
        try withDaemon(greeting: [.notify("events.event", .string(large))]) { call in
            [.result(call.params)]
        } _: { daemon in
            let client = try ControlClient(connectingTo: daemon.path)
            var params = JSONObject()
            params["data"] = .string(large)
            #expect(try client.call("echo", params)["data"]?.stringValue?.utf8.count == 5 << 20)
            #expect(try client.nextNotification(timeout: .zero)?.params.stringValue?.utf8.count == 5 << 20)
        }
    }

    @Test("does not send a line that the daemon would refuse")
    func tooLong() throws {
        try withDaemon { _ in
            [.result(1)]
        } _: { daemon in
            let client = try ControlClient(connectingTo: daemon.path)
            var params = JSONObject()
            params["data"] = .string(String(repeating: "x", count: ControlClient.maximumLineBytes))
            #expect(try error { _ = try client.call("echo", params) }.code == .lineTooLong)
            #expect(try client.call("echo") == 1)
        }
    }

    @Test("reports why the daemon closed the connection")
    func lastWords() throws {
        let words =
            "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":11,\"message\":\"Too many connections\","
            + "\"data\":{\"kind\":\"limits.exceeded\",\"charged\":\"no\"}}}\n"
        try withDaemon(greeting: [.raw(words), .close]) { _ in
            []
        } _: { daemon in
            let client = try ControlClient(connectingTo: daemon.path)
            let error = try error { _ = try client.call("daemon.info") }
            #expect(error.reply?.kind == "limits.exceeded")
        }
    }

    @Test("names what is not the protocol", arguments: ["HTTP/1.1 400 Bad Request", "[]", "{\"result\":1}"])
    func badReply(_ line: String) throws {
        try withDaemon { _ in
            [.raw(line + "\n")]
        } _: { daemon in
            let client = try ControlClient(connectingTo: daemon.path)
            #expect(try error { _ = try client.call("daemon.info") }.code == .badReply)
        }
    }

    @Test("a readable descriptor ends a wait")
    func interruption() throws {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        defer { ends.forEach { close($0) } }
        let writer = ends[1]
        try withDaemon { _ in
            [
                .perform {
                    var byte: UInt8 = 1
                    _ = write(writer, &byte, 1)
                }
            ]
        } _: { daemon in
            let client = try ControlClient(connectingTo: daemon.path, interruption: ends[0])
            #expect(try error { _ = try client.call("jobs.wait") }.code == .interrupted)
            #expect(
                try error { try ControlClient.pause(.seconds(60), interruption: ends[0]) }.code
                    == .interrupted
            )
        }
    }

    @Test("raw lines go out and come in as they are")
    func rawLines() throws {
        try withDaemon { _ in
            [.raw("\r\n{\"odd\" : 1 }\r\n")]
        } _: { daemon in
            let client = try ControlClient(connectingTo: daemon.path)
            try client.sendLine(Array("{\"method\":\"x\"}".utf8))
            let line = try #require(try client.receiveLine(timeout: .seconds(10)))
            #expect(String(decoding: line, as: UTF8.self) == "{\"odd\" : 1 }")
        }
    }

    @Test("milliseconds are rounded up")
    func milliseconds() {
        #expect(Duration.nanoseconds(1).roundedUpMilliseconds == 1)
        #expect(Duration.milliseconds(20).roundedUpMilliseconds == 20)
        #expect(Duration.zero.roundedUpMilliseconds == 0)
        #expect(Duration.seconds(Int64.max).roundedUpMilliseconds == Int64.max)
    }
}
