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

        @Test("4 refused, 64 usage, 69 nobody there", .timeLimit(.minutes(1)))
        func refusals() throws {
            try DaemonFixture.with { fixture in
                #expect(try fixture.control(["submit", "--model", "no-such-model", "x"]).status == 4)
                #expect(try fixture.control(["submit"] + model + ["--set", "durtion=5", "x"]).status == 4)
                #expect(try fixture.control(["show", "01aaaaaaaaaaaaaa"]).status == 4)
                #expect(try fixture.control(["submit", "--bogus"]).status == 64)
                #expect(try fixture.control(["bogus"]).status == 64)
                #expect(try fixture.control(["status"]).status == 0)
                #expect(try fixture.simulator.ledger().charges.isEmpty)
                try fixture.terminate()
                let nobody = try fixture.control(["status"])
                #expect(nobody.status == 69, "\(nobody)")
                #expect(nobody.error.contains(fixture.socket), "\(nobody)")
            }
        }
    }
}
