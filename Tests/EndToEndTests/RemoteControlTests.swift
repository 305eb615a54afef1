import JSON
import Testing

extension EndToEnd {
    @Suite("videogenctl -H: a daemon on another host")
    struct RemoteControlTests {
        /// Runs a test with a stand-in for ssh that runs the command here, through a shell as sshd does.
        private func withSSH(
            _ fixture: DaemonFixture,
            _ body: ((_ arguments: [String]) throws -> (status: Int32, output: String, error: String)) throws
                -> Void
        ) throws {
            let program = try Programs.path("videogenctl")
            let bin = program[..<(program.lastIndex(of: "/") ?? program.endIndex)]
            let ssh = try fixture.folder.write(
                "ssh",
                """
                #!/bin/sh
                echo ssh >>\(fixture.folder("calls"))
                PATH=\(bin):$PATH exec sh -c "$4"
                """,
                mode: 0o700
            )
            try body { arguments in
                try Programs.run(
                    [program, "-H", "ada@studio", "--socket", fixture.socket] + arguments,
                    environment: ["HOME": fixture.folder.path, "VIDEOGEND_SSH": ssh],
                    timeout: .seconds(60)
                )
            }
        }

        @Test("submits with a local file, waits, lists, opens", .timeLimit(.minutes(2)))
        func life() throws {
            try DaemonFixture.with { fixture in
                let lines = (1...200).map { number in
                    #"{"model":"kling-video","prompt":"number \#(number)"}"#
                }
                let batch = try fixture.folder.write("batch.jsonl", lines.joined(separator: "\n"))
                try withSSH(fixture) { control in
                    let done = try control(["submit", "--model", "kling-video", "--wait", "A lighthouse"])
                    #expect(done.status == 0, "\(done)")
                    let path = done.output.dropLast()
                    #expect(TestFolder.contents(of: String(path)).count > 100)
                    let list = try control(["list", "--json"])
                    let id = try JSONParser.parse(list.output)["id"]?.stringValue ?? ""
                    #expect(try control(["open", id]).output == done.output)
                    // Many calls under way at once, and answers that are longer than a pipe.
                    let many = try control(["submit", "--batch", batch, "--json"])
                    #expect(many.status == 0, "\(many.error)")
                    #expect(many.output.split(separator: "\n").count == 200)
                    #expect(
                        try control(["list", "--all", "--json"]).output.split(separator: "\n").count == 201
                    )
                    #expect(try control(["show", "nosuchjob"]).status == 4)
                    let doctor = try control(["doctor", "--json"])
                    #expect(doctor.output.contains(#""check":"socket","result":"ok""#), "\(doctor)")
                }
            }
        }

        @Test("a daemon that restarts over there is waited for", .timeLimit(.minutes(2)))
        func restart() throws {
            try DaemonFixture.with { fixture in
                let id = try fixture.submit("x [[simulate: processing=4]]")
                try fixture.follow(id, until: "paid") { $0["run_id"]?.stringValue != nil }
                try withSSH(fixture) { control in
                    let before = try control(["wait", id, "--timeout", "100ms"])
                    #expect(before.status == 2, "\(before)")
                    try fixture.kill()
                    let away = try control(["wait", id])
                    #expect(away.status == 69, "\(away)")
                    try fixture.start()
                    let after = try control(["wait", id])
                    #expect(after.status == 0, "\(after)")
                    #expect(after.output.contains(id))
                }
            }
        }
    }
}
