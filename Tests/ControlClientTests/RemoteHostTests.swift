import Glibc
import JSON
import ScriptedDaemon
import Testing

@testable import ControlClient

@Suite("A daemon on another host", .timeLimit(.minutes(1)))
struct RemoteHostTests {
    @Test("the command names the host after --, and quotes what the shell over there reads")
    func command() {
        let host = RemoteHost("ada@studio", socket: "/tmp/a b")
        #expect(
            host.command(["stdio-bridge", "--socket", "/tmp/a b"]) == [
                "ssh", "-xT", "--", "ada@studio", "videogenctl stdio-bridge --socket '/tmp/a b'",
            ]
        )
        #expect(RemoteHost("h", mayAsk: false).command([]).contains("-oBatchMode=yes"))
    }

    /// Runs a test with a program in place of ssh.
    private func withProgram(_ script: String, _ body: (String) throws -> Void) throws {
        var template = Array("/tmp/ssh-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        try #require(descriptor >= 0)
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { unlink(path) }
        let text = "#!/bin/sh\n" + script
        try #require(Glibc.write(descriptor, text, text.utf8.count) == text.utf8.count)
        fchmod(descriptor, 0o700)
        // An open file cannot be run.
        close(descriptor)
        try body(path)
    }

    @Test("calls go through what ssh connects with")
    func calls() throws {
        let daemon = try ScriptedDaemon { call in [.result(call.params)] }
        defer { daemon.stop() }
        try withProgram("echo\nexec socat - UNIX-CONNECT:\(daemon.path)\n") { program in
            let client = try ControlClient(connectingTo: RemoteHost("studio", program: program))
            let long = String(repeating: "x", count: 1 << 20)
            for number in 0..<3 {
                let params: JSONValue = ["n": .number(JSONNumber(number)), "t": .string(long)]
                let result = try client.call("echo", params.objectValue ?? JSONObject())
                #expect(result["n"]?.intValue == number)
                #expect(result["t"]?.stringValue?.utf8.count == long.utf8.count)
            }
        }
    }

    @Test(
        "what ssh ends with says why there is no connection",
        arguments: [
            (255, ControlClientError.Code.unreachable, "ssh does not reach studio."),
            (127, .unreachable, "There is no videogenctl on studio: install videogend there."),
            (69, .unreachable, "The daemon on studio does not answer."),
            (77, .notPermitted, "You may not connect to the daemon on studio."),
            (64, .unreachable, "videogenctl on studio is too old to be used from here."),
            (3, .unreachable, "ssh to studio ended with 3."),
        ]
    )
    func failures(_ status: Int, _ code: ControlClientError.Code, _ message: String) throws {
        try withProgram("exit \(status)\n") { program in
            let error = #expect(throws: ControlClientError.self) {
                try ControlClient(connectingTo: RemoteHost("studio", program: program))
            }
            #expect(error?.code == code)
            #expect(error?.message == message)
        }
    }

    @Test(
        "ssh ends with the connection and leaves no zombie",
        arguments: ["exec sleep 600\n", "trap '' TERM\nwhile :; do sleep 0.1; done\n"]
    )
    func endsWithTheConnection(_ script: String) throws {
        try withProgram(script) { program in
            var bridge: SSHBridge?
            let descriptor: Int32
            (bridge, descriptor) = try SSHBridge.start(RemoteHost("studio", program: program))
            defer { close(descriptor) }
            let process = try #require(bridge?.process)
            try #require(kill(process, 0) == 0)
            bridge = nil
            // A zombie still has its number.
            #expect(kill(process, 0) == -1 && errno == ESRCH)
        }
    }

    @Test("without ssh it says so")
    func missing() {
        let error = #expect(throws: ControlClientError.self) {
            try ControlClient(connectingTo: RemoteHost("studio", program: "/nonexistent/ssh"))
        }
        #expect(error?.message == "/nonexistent/ssh cannot be started: No such file or directory.")
    }

    // MARK: The other end

    @Test("the bridge says that it is connected, and passes both directions on until both are over")
    func bridge() throws {
        let daemon = try ScriptedDaemon { call in [.result(call.params)] }
        defer { daemon.stop() }
        var up: [Int32] = [-1, -1]
        var down: [Int32] = [-1, -1]
        try #require(pipe(&up) == 0 && pipe(&down) == 0)
        defer { [up[0], down[0], down[1]].forEach { close($0) } }
        let call = #"{"jsonrpc":"2.0","id":1,"method":"echo","params":{"a":1}}"# + "\n"
        try #require(Glibc.write(up[1], call, call.utf8.count) == call.utf8.count)
        close(up[1])
        // It ends because its input does and the daemon then closes the connection.
        try StreamBridge.run(path: daemon.path, input: up[0], output: down[1])
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(down[0], &bytes, bytes.count)
        let text = String(decoding: bytes[..<count], as: UTF8.self)
        #expect(text.hasPrefix("\n{"))
        #expect(text.contains(#""result":{"a":1}"#))
    }

    @Test("the bridge ends when nobody reads any more, although the daemon keeps the connection")
    func bridgeWithoutReader() throws {
        var ends: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        defer { close(ends[1]) }
        let peer = ends[0]
        // The daemon takes its time to notice, as with a subscription it would for ever.
        let daemon = try ScriptedDaemon { _ in
            [
                .perform {
                    close(peer)
                    sleep(8)
                }
            ]
        }
        defer { daemon.stop() }
        let call = #"{"jsonrpc":"2.0","id":1,"method":"events.subscribe"}"# + "\n"
        try #require(Glibc.write(peer, call, call.utf8.count) == call.utf8.count)
        let start = SystemTime.monotonic
        try StreamBridge.run(path: daemon.path, input: ends[1], output: ends[1])
        #expect(SystemTime.monotonic - start < .seconds(7))
    }

    @Test("the bridge says why nobody answers")
    func bridgeWithoutDaemon() {
        let error = #expect(throws: ControlClientError.self) {
            try StreamBridge.run(path: "/tmp/no-such.sock", input: 0, output: 1)
        }
        #expect(error?.code == .socketMissing)
    }
}
