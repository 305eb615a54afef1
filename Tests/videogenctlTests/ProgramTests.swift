import CLinux
import Glibc
import JSON
import ScriptedDaemon
import Testing

@testable import videogenctl

@Suite("The program itself", .timeLimit(.minutes(2)))
struct ProgramTests {
    @Test(
        "wrong usage ends with 64 and says what is right",
        arguments: [
            ["nonsense"], ["submit"], ["show"], ["list", "--limit", "x"], ["wait", "a", "--timeout", "soon"],
        ]
    )
    func usage(_ arguments: [String]) throws {
        let run = try ProgramRun(arguments)
        #expect(run.status == 64)
        #expect(run.out.isEmpty)
        #expect(run.err.contains("See 'videogenctl"))
    }

    @Test(
        "a mistyped command is told its neighbour",
        arguments: [
            ("sumbit", "Did you mean 'submit'?"), ("lst", "Did you mean 'list'?"),
            ("wathc", "Did you mean 'watch'?"), ("frobnicate", "`videogenctl --help` lists them."),
        ]
    )
    func mistyped(_ word: String, _ hint: String) throws {
        for arguments in [[word], ["--json", word], [word, "x", "--json"]] {
            let run = try ProgramRun(arguments)
            #expect(run.status == 64)
            #expect(run.err.hasPrefix("Error: There is no command '\(word)'. \(hint)\n"), "\(run.err)")
        }
    }

    @Test("a prompt without quotes is not cut to its first word")
    func unquoted() throws {
        for command in ["submit", "check"] {
            let run = try ProgramRun([command, "-m", "m", "A", "lighthouse", "in a storm"])
            #expect(run.status == 64)
            #expect(
                run.err.hasPrefix(
                    "Error: Put a prompt of several words in quotes: \"A lighthouse in a storm\"\n"
                )
            )
        }
    }

    @Test(
        "every command explains itself, and names no model that does not exist",
        arguments: [
            "submit", "check", "list", "show", "open", "wait", "watch", "cancel", "retry", "remove", "extend",
            "models", "balance", "status", "doctor", "drain", "resume", "reload", "recover", "backup", "call",
            "events", "discover",
        ]
    )
    func everyHelp(_ command: String) throws {
        let run = try ProgramRun([command, "--help"])
        #expect(run.status == 0)
        #expect(run.out.contains("USAGE: videogenctl \(command)"))
        for option in ["--json", "--socket", "--host", "--color"] {
            #expect(run.out.contains(option), "\(option)")
        }
        #expect(!run.out.contains("stdio-bridge"))
        #expect(!run.out.contains("further-words"))
    }

    @Test(
        "help and version end with 0",
        arguments: [["--help"], ["--version"], ["help", "submit"], ["watch", "--help"]]
    )
    func help(_ arguments: [String]) throws {
        let run = try ProgramRun(arguments)
        #expect(run.status == 0)
        #expect(!run.out.isEmpty)
    }

    @Test("without a daemon it ends with 69 and says how to get one")
    func unreachable() throws {
        let run = try ProgramRun(["list"], environment: ["VIDEOGEND_SOCKET=/tmp/no-such.sock"])
        #expect(run.status == 69)
        #expect(run.err.hasPrefix("error: There is no socket /tmp/no-such.sock. Start the daemon"))
    }

    @Test(
        "a socket that keeps others out ends with 77",
        .enabled(if: geteuid() == 0, "only root can become another user")
    )
    func notPermitted() throws {
        try withDaemon { _ in
            [.result([:])]
        } _: { daemon in
            try #require(chmod(daemon.path, 0o600) == 0)
            let directory = String(daemon.path.dropLast("/control.sock".count))
            try #require(chmod(directory, 0o755) == 0)
            let run = try ProgramRun(
                program: "/usr/bin/setpriv",
                [
                    "--reuid=12345", "--regid=12345", "--clear-groups", ProgramRun.program, "--socket",
                    daemon.path, "status",
                ]
            )
            #expect(run.status == 77)
            #expect(run.err.hasPrefix("error: You may not connect to \(daemon.path). Ask its administrator"))
            #expect(daemon.calls.isEmpty)
        }
    }

    @Test("the prompt can come from standard input")
    func standardInput() throws {
        try withDaemon { _ in
            [.result(["job": jobJSON("a", "queued"), "duplicate": false, "warnings": []])]
        } _: { daemon in
            let run = try ProgramRun(
                ["submit", "--socket", daemon.path, "-m", "m", "-"],
                input: "Two lines\nof a storm\n"
            )
            #expect(run.status == 0)
            #expect(run.out == "a\n")
            #expect(daemon.calls.first?.params["request"]?["prompt"] == "Two lines\nof a storm")
        }
    }

    @Test("SIGINT detaches from a wait, the job goes on")
    func interrupt() throws {
        try withDaemon { call in
            guard call.method == "events.subscribe" else {
                return [.result(["job": jobJSON("a", "queued"), "duplicate": false, "warnings": []])]
            }
            return [
                subscribed([jobJSON("a", "in_progress")]),
                .perform {
                    var peer = clinux_peer_credentials()
                    if clinux_peer_credentials(call.connection, &peer) == 0 {
                        kill(peer.pid, SIGINT)
                    }
                },
            ]
        } _: { daemon in
            let run = try ProgramRun(["submit", "--wait", "--socket", daemon.path, "-m", "m", "x"])
            #expect(run.status == 130)
            #expect(run.out.isEmpty)
            #expect(
                run.err.hasSuffix(
                    "The job goes on. Come back with: videogenctl --socket \(daemon.path) wait a\n"
                )
            )
            #expect(daemon.calls.map(\.method) == ["jobs.submit", "events.subscribe"])
        }
    }

    @Test(
        "SIGINT ends every command with 130, not by the signal",
        arguments: [
            ["list"], ["status"], ["show", "a"], ["open", "a"], ["wait", "a"], ["watch"], ["cancel", "a"],
            ["retry", "a"], ["remove", "a"], ["extend", "a", "--index", "0"], ["models"], ["balance"],
            ["doctor"], ["drain"], ["resume"], ["reload"], ["recover"], ["backup"], ["events"], ["discover"],
            ["call", "daemon.info"], ["check", "-m", "m", "x"], ["submit", "-m", "m", "x"],
        ]
    )
    func interruptEverywhere(_ command: [String]) throws {
        try withDaemon { call in
            [
                .perform {
                    var peer = clinux_peer_credentials()
                    if clinux_peer_credentials(call.connection, &peer) == 0 {
                        kill(peer.pid, SIGINT)
                    }
                }
            ]
        } _: { daemon in
            let run = try ProgramRun(command + ["--socket", daemon.path])
            #expect(run.status == 130 && run.signal == 0, "\(run)")
            #expect(run.out.isEmpty || command == ["doctor"], "\(run)")
        }
    }

    @Test(
        "SIGINT ends the reading of standard input",
        arguments: [["call", "daemon.info", "-"], ["check", "-m", "m", "-"], ["check", "--batch", "-"]]
    )
    func interruptReading(_ command: [String]) throws {
        try withDirectory { directory in
            try withDaemon { _ in
                [.result([:])]
            } _: { daemon in
                let words = [try ProgramRun.program] + command + ["--socket", daemon.path]
                var err = ""
                // A busy machine may need long to start a program.
                for seconds in [1, 2, 4, 8] where !err.contains("read to") {
                    let script = """
                        rm -f pipe; mkfifo pipe; exec 3<>pipe
                        timeout --foreground -k 5 -s INT \(seconds) \(words.joined(separator: " ")) <&3
                        """
                    err = try ProgramRun(program: "/bin/sh", ["-c", "cd \(directory); \(script)"]).err
                }
                #expect(err.contains("read to its end.") || err.contains("read to their end."), "\(err)")
                #expect(daemon.calls.isEmpty)
            }
        }
    }

    @Test("on a real terminal lines are drawn over, in colours, within the window")
    func terminal() throws {
        let reason = String(repeating: "a long reason ", count: 10)
        try withDaemon { call in
            guard call.method == "events.subscribe" else { return [.result(["job": jobJSON("a", "queued")])] }
            return [
                subscribed([jobJSON("a", "queued", JSONObject(["reason": .string(reason)]))]),
                event(11, "job.state", jobJSON("a", "in_progress", JSONObject(["progress": 50]))),
                event(12, "job.state", jobJSON("a", "completed")),
            ]
        } _: { daemon in
            let command = "stty cols 40 rows 10; \(try ProgramRun.program) watch --socket \(daemon.path) a"
            let environment = ["PATH=/usr/bin:/bin", "LANG=C.UTF-8", "TERM=xterm"]
            let run = try ProgramRun(
                program: "/usr/bin/script",
                ["-qec", command, "/dev/null"],
                environment: environment
            )
            #expect(run.status == 0)
            #expect(run.out.contains("\u{1B}[32mcompleted\u{1B}[0m"))
            let screen = Screen(run.out, columns: 40)
            #expect(screen.lines == ["✓ a completed      1:23  $0.35  /video…", "/videos/a.mp4"])
            #expect(screen.unknown.isEmpty)
            let plain = try ProgramRun(
                program: "/usr/bin/script",
                ["-qec", command, "/dev/null"],
                environment: environment + ["NO_COLOR=1"]
            )
            #expect(plain.status == 0)
            #expect(!plain.out.contains("\u{1B}[32m"))
        }
    }

    @Test("it links neither networking nor database code, nor Foundation")
    func small() throws {
        let libraries = try ProgramRun(program: "/usr/bin/ldd", [ProgramRun.program])
        #expect(libraries.status == 0)
        for name in [
            "libFoundation.so", "libFoundationInternationalization", "libFoundationNetworking", "sqlite",
        ] {
            #expect(!libraries.out.contains(name), "\(name)")
        }
        let file = try #require(fopen(ProgramRun.program, "r"))
        defer { fclose(file) }
        fseek(file, 0, SEEK_END)
        var bytes = [UInt8](repeating: 0, count: ftell(file))
        rewind(file)
        try #require(fread(&bytes, 1, bytes.count, file) == bytes.count)
        // Mangled names start with the length of the module's name.
        for module in ["7NIOCore", "4GRDB", "15AsyncHTTPClient", "7JobCore"] {
            #expect(!Self.contains(bytes, "$s" + module), "\(module)")
        }
        #expect(Self.contains(bytes, "$s11videogenctl"))
    }

    private static func contains(_ bytes: [UInt8], _ text: String) -> Bool {
        let wanted = Array(text.utf8)
        return bytes.withUnsafeBytes { all in
            var start = 0
            while let base = all.baseAddress,
                let hit = memchr(base + start, Int32(wanted[0]), all.count - start)
            {
                let index = UnsafeRawPointer(hit) - base
                if all[index...].starts(with: wanted) {
                    return true
                }
                start = index + 1
            }
            return false
        }
    }
}
