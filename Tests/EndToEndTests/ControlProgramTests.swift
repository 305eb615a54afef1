import Glibc
import JSON
import Testing

extension EndToEnd {
    @Suite("Exit codes of videogenctl")
    struct ControlProgramTests {
        private let model = ["--model", "kling-video"]

        @Test("0 done, 1 failed, 2 still running, 3 held", .timeLimit(.minutes(1)))
        func outcomes() throws {
            try DaemonFixture.with(environment: ["VIDEOGEND_JOBS_CONFIRM_FOR": "3s"]) { fixture in
                let done = try fixture.control(["submit"] + model + ["--wait", "a cat"])
                #expect(done.status == 0, "\(done)")
                #expect(done.output.contains(".mp4"), "\(done)")
                let failed = try fixture.control(["submit"] + model + ["--wait", "x [[simulate: failed]]"])
                #expect(failed.status == 1, "\(failed)")
                let running = try fixture.control(["submit"] + model + ["--json", "x [[simulate: stuck]]"])
                #expect(running.status == 0, "\(running)")
                let id = try JSONParser.parse(running.output)["job"]?["id"]?.stringValue ?? ""
                let waited = try fixture.control(["wait", id, "--timeout", "1s"])
                #expect(waited.status == 2, "\(waited)")
                let held = try fixture.control(
                    ["submit"] + model + ["--wait", "x [[simulate: reset-before-accept]]"]
                )
                #expect(held.status == 3, "\(held)")
                #expect(try fixture.simulator.ledger().charges.count == 3)
            }
        }

        @Test("several ids end with the worst of 3, 1, 4, 2, 0", .timeLimit(.minutes(2)))
        func severalIDs() throws {
            try DaemonFixture.with(environment: ["VIDEOGEND_JOBS_CONFIRM_FOR": "3s"]) { fixture in
                var ids: [Int: String] = [4: "01aaaaaaaaaaaaaa"]
                for (status, prompt) in [
                    (0, "a cat"), (1, "x [[simulate: failed]]"), (3, "x [[simulate: reset-before-accept]]"),
                ] {
                    let id = try fixture.submit(prompt)
                    _ = try fixture.finished(id)
                    ids[status] = id
                }
                ids[2] = try fixture.submit("x [[simulate: stuck]]")
                let worst = [0, 2, 4, 1, 3]
                for (rank, status) in worst.enumerated() {
                    // With all that are less bad than this one.
                    let some = worst[...rank].compactMap { ids[$0] }
                    let run = try fixture.control(["wait", "--timeout", "500ms"] + some)
                    #expect(run.status == status, "\(some): \(run)")
                    let reversed = try fixture.control(["wait", "--timeout", "500ms"] + some.reversed())
                    #expect(reversed.status == status, "\(some): \(reversed)")
                }
                // `canceled` is as `failed`.
                try fixture.call("daemon.drain")
                let canceled = try fixture.submit("y")
                let cancel = try fixture.control(["cancel", canceled, ids[4] ?? ""])
                #expect(cancel.status == 4, "\(cancel)")
                #expect(cancel.output == "\(canceled) canceled: nothing was paid.\n")
                #expect(try fixture.control(["wait", canceled]).status == 1)
            }
        }

        @Test("4 refused, 64 usage, 69 nobody there", .timeLimit(.minutes(1)))
        func refusals() throws {
            try DaemonFixture.with { fixture in
                let file = try fixture.folder.write("long.jsonl", "{\"model\":1}\n")
                for (arguments, status) in [
                    (["submit", "--model", "no-such-model", "x"], 4),
                    (["submit"] + model + ["--set", "durtion=5", "x"], 4),
                    (["check"] + model + ["--set", "durtion=5", "x"], 4),
                    (["submit", "--dry-run"] + model + ["--set", "durtion=5", "x"], 4),
                    (["submit", "--dry-run"] + model + ["x"], 0),
                    (["submit", "--batch", file], 4), (["show", "01aaaaaaaaaaaaaa"], 4),
                    (["open", "01aaaaaaaaaaaaaa"], 4), (["wait", "01aaaaaaaaaaaaaa"], 4),
                    (["models", "no-such-model"], 4), (["call", "no.method"], 4),
                    (["list", "--state", "no-such-state"], 4), (["remove", "01aaaaaaaaaaaaaa"], 4),
                    (["extend", "01aaaaaaaaaaaaaa", "--index", "0"], 4),
                    (["submit", "--bogus"], 64), (["bogus"], 64), (["submit", "x"], 64), (["show"], 64),
                    (["submit", "--batch", "/nonexistent"], 64),
                    (["submit"] + model + ["--image", "/no"], 64),
                    (["wait", "x", "--timeout", "soon"], 64), (["call", "jobs.get", "[1"], 64),
                    (["status"], 0), (["list"], 0), (["balance"], 0), (["models"], 0), (["discover"], 0),
                ] as [([String], Int32)] {
                    let run = try fixture.control(arguments)
                    #expect(run.status == status, "\(arguments): \(run)")
                    // Data only on standard output, and an error is one sentence with what to do.
                    if status == 4, arguments[0] != "check", arguments[1] != "--dry-run",
                        arguments[0] != "call"
                    {
                        #expect(run.output.isEmpty, "\(arguments): \(run)")
                        #expect(run.error.hasPrefix("error: "), "\(arguments): \(run)")
                    }
                }
                #expect(try fixture.simulator.ledger().charges.isEmpty)
                try fixture.terminate()
                for command in [["status"], ["submit"] + model + ["x"], ["watch"], ["doctor"], ["events"]] {
                    let nobody = try fixture.control(command)
                    #expect(nobody.status == 69, "\(nobody)")
                    #expect((nobody.error + nobody.output).contains(fixture.socket), "\(nobody)")
                }
            }
        }

        @Test("77 for what is not this user's to do", .enabled(if: geteuid() == 0), .timeLimit(.minutes(1)))
        func notPermitted() throws {
            try DaemonFixture.with(environment: ["VIDEOGEND_CONTROL_MODE": "0666"]) { fixture in
                chmod(fixture.folder.path, 0o755)
                func asAnother(_ arguments: [String]) throws -> (status: Int32, output: String, error: String)
                {
                    let user = ["setpriv", "--reuid=12345", "--regid=12345", "--clear-groups"]
                    let program = [try Programs.path("videogenctl"), "--socket", fixture.socket]
                    return try Programs.run(user + program + arguments)
                }
                for command in [["drain"], ["resume"], ["reload"], ["recover"], ["backup"]] {
                    let run = try asAnother(command)
                    #expect(run.status == 77, "\(command): \(run)")
                    #expect(run.error.hasPrefix("error: "), "\(run)")
                }
                #expect(try asAnother(["list"]).status == 0)
                let theirs = try fixture.run("a cat")["id"]?.stringValue ?? ""
                #expect(try asAnother(["show", theirs]).status == 4)
                // It may submit, and learn where its video is, but not read it.
                let done = try asAnother(["submit"] + model + ["--wait", "mine"])
                #expect(done.status == 0, "\(done)")
                let id = try JSONParser.parse(asAnother(["list", "--json"]).output)["id"]?.stringValue ?? ""
                let open = try asAnother(["open", id])
                #expect(open.status == 77, "\(open)")
                #expect(open.output == done.output)
                #expect(open.error.contains("You may not read"), "\(open)")
                chmod(fixture.socket, 0o600)
                #expect(try asAnother(["list"]).status == 77)
                #expect(try asAnother(["doctor"]).status == 77)
            }
        }

        @Test("130 after Ctrl-C, and the jobs go on", .timeLimit(.minutes(1)))
        func interrupted() throws {
            try DaemonFixture.with { fixture in
                let stuck = try fixture.submit("x [[simulate: stuck]]")
                try fixture.follow(stuck, until: "in_queue")
                for command in [
                    ["wait", stuck], ["watch", stuck], ["watch"], ["events"],
                    ["submit", "--wait"] + model + ["x [[simulate: stuck]]"],
                ] {
                    let process = try ProcessHandle(
                        [try Programs.path("videogenctl"), "--socket", fixture.socket] + command,
                        environment: [:],
                        output: .file(fixture.folder("out")),
                        errorFile: fixture.folder("err-\(command[0])")
                    )
                    // It listens for the signal before it connects.
                    let sockets = "ls -l /proc/\(process.pid)/fd | grep -c socket: || true"
                    try Deadline(after: .seconds(20)).first("a connection") {
                        try Programs.shell(sockets) == "1\n" ? true : nil
                    }
                    _ = Deadline(after: .milliseconds(300)).firstReadable(of: [])
                    process.send(SIGINT)
                    #expect(try process.wait(.seconds(10)) == 130, "\(command): \(process.errorText)")
                    if command[0] != "events", command != ["watch"] {
                        #expect(
                            process.errorText.contains("Come back with: videogenctl --socket"),
                            "\(command)"
                        )
                    }
                }
                #expect(try fixture.job(stuck)["state"] == "in_queue")
            }
        }
    }
}
