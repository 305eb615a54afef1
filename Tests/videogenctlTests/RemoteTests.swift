import Glibc
import JSON
import ScriptedDaemon
import Testing

@testable import videogenctl

@Suite("Through ssh", .timeLimit(.minutes(2)))
struct RemoteTests {
    /// A stand-in for ssh that runs the command here, with a shell as sshd does, and notes how it was called.
    private func withSSH(_ body: (_ environment: [String], _ log: String) throws -> Void) throws {
        try withDirectory { directory in
            let program = try ProgramRun.program
            let bin = program[..<(program.lastIndex(of: "/") ?? program.endIndex)]
            let script = """
                #!/bin/sh
                printf '%s\\n' "$@" >>\(directory)/log
                [ "$1" = -xT ] && [ "$2" = -- ] || exit 99
                PATH=\(bin):$PATH exec sh -c "$4"
                """
            try write(Array(script.utf8), to: directory + "/ssh")
            try #require(chmod(directory + "/ssh", 0o700) == 0)
            try body(
                ["PATH=/usr/bin:/bin", "LANG=C.UTF-8", "VIDEOGEND_SSH=\(directory)/ssh"],
                directory + "/log"
            )
        }
    }

    @Test("a command runs against the daemon of the other host")
    func status() throws {
        try withDaemon { _ in
            [.result(["state": "running", "jobs": [:]])]
        } _: { daemon in
            try withSSH { environment, log in
                let run = try ProgramRun(
                    ["-H", "ada@studio", "--socket", daemon.path, "status", "--json"],
                    environment: environment
                )
                #expect(run.status == 0, "\(run)")
                #expect(run.out == "{\"state\":\"running\",\"jobs\":{}}\n")
                #expect(run.err.isEmpty)
                #expect(
                    try contents(of: log) == """
                        -xT
                        --
                        ada@studio
                        videogenctl stdio-bridge --socket \(daemon.path)
                        """
                )
            }
        }
    }

    @Test("the socket of this machine has nothing to do with it")
    func otherSocket() throws {
        try withSSH { environment, _ in
            let run = try ProgramRun(
                ["--host=studio", "list"],
                environment: environment + ["VIDEOGEND_SOCKET=/tmp/no such.sock"]
            )
            // The stand-in hands the variable on, which ssh does not: the far end looked for it.
            #expect(run.status == 69)
            #expect(run.err.contains("There is no socket /tmp/no such.sock."))
            #expect(run.err.hasSuffix("error: The daemon on studio does not answer.\n"))
        }
    }

    @Test("local files are read here, a detached wait names the host")
    func submit() throws {
        try withDaemon { call in
            switch call.method {
            case "jobs.submit":
                [.result(["job": jobJSON("a", "queued"), "duplicate": false, "warnings": []])]
            case "events.subscribe": [subscribed([jobJSON("a", "in_progress")])]
            default: [.result([:])]
            }
        } _: { daemon in
            try withSSH { environment, _ in
                let run = try ProgramRun(
                    [
                        "-H", "studio", "--socket", daemon.path, "submit", "-m", "m", "--wait", "--timeout",
                        "0", "-",
                    ],
                    input: "From here",
                    environment: environment
                )
                #expect(run.status == 2, "\(run)")
                #expect(
                    run.err.hasSuffix(
                        "Come back with: videogenctl -H studio --socket \(daemon.path) wait a\n"
                    )
                )
                #expect(daemon.calls.first?.params["request"]?["prompt"] == "From here")
            }
        }
    }

    @Test("a cut connection is made anew")
    func reconnects() throws {
        try withDaemon { call in
            call.number == 1
                ? [.close] : [.result(["job": jobJSON("a", "queued"), "duplicate": true, "warnings": []])]
        } _: { daemon in
            try withSSH { environment, log in
                let run = try ProgramRun(
                    ["-H", "studio", "--socket", daemon.path, "submit", "-m", "m", "x"],
                    environment: environment
                )
                #expect(run.status == 0, "\(run)")
                #expect(run.out == "a\n")
                #expect(try contents(of: log).split(separator: "\n").count == 8)
            }
        }
    }

    @Test("a host that would be an option of ssh is refused", arguments: ["-oProxyCommand=x", "", "a b"])
    func badHost(_ host: String) throws {
        let run = try ProgramRun(["list", "--host=\(host)"])
        #expect(run.status == 64)
        #expect(run.out.isEmpty)
    }

    @Test("open prints the path, and says how to fetch the file instead of showing it")
    func open() throws {
        try withDaemon { _ in
            [.result(["job": jobJSON("a", "completed")])]
        } _: { daemon in
            try withSSH { environment, _ in
                let command = ["-H", "studio", "--socket", daemon.path, "open", "a"]
                let run = try ProgramRun(command, environment: environment)
                #expect(run.status == 0, "\(run)")
                #expect(run.out == "/videos/a.mp4\n")
                let launch = try ProgramRun(command + ["--launch"], environment: environment)
                #expect(launch.status == 64)
                #expect(launch.err.contains("scp studio:/videos/a.mp4 ."))
            }
        }
    }

    @Test("doctor looks over there")
    func doctor() throws {
        try withSSH { environment, log in
            let run = try ProgramRun(
                ["-H", "studio", "--socket", "/tmp/no such.sock", "doctor", "--json"],
                environment: environment
            )
            #expect(run.status == 69, "\(run)")
            #expect(
                try contents(of: log).contains("videogenctl doctor --color never --json --socket '/tmp/no")
            )
            #expect(run.out.contains(#""check":"socket","result":"problem""#))
        }
    }
}
