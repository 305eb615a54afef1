import JSON
import Testing

extension EndToEnd {
    @Suite("videogenctl doctor")
    struct DoctorTests {
        /// Runs `doctor`.
        ///
        /// - Returns: How it ended, and each line by what it is about.
        private func examine(_ fixture: DaemonFixture) throws -> (status: Int32, found: [String: JSONValue]) {
            let run = try fixture.control(["doctor", "--json"], timeout: .seconds(100))
            var found: [String: JSONValue] = [:]
            for line in run.output.split(separator: "\n") {
                let value = try JSONParser.parse(String(line))
                found[value["check"]?.stringValue ?? ""] = value
            }
            return (run.status, found)
        }

        private func problems(_ found: [String: JSONValue]) -> [String] {
            found.filter { $0.value["result"] == "problem" }.keys.sorted()
        }

        @Test("finds nothing where nothing is wrong, and costs nothing", .timeLimit(.minutes(1)))
        func healthy() throws {
            try DaemonFixture.with { fixture in
                let (status, found) = try examine(fixture)
                #expect(status == 0)
                #expect(problems(found) == [])
                #expect(found["key"]?["message"]?.stringValue?.contains("$100.00") == true, "\(found)")
                #expect(try fixture.simulator.ledger().charges.isEmpty)
            }
        }

        @Test("a wrong key", .timeLimit(.minutes(1)))
        func key() throws {
            try DaemonFixture.with(environment: ["NANOGPT_API_KEY": "wrong-key-0123456789"]) { fixture in
                let (status, found) = try examine(fixture)
                #expect(status == 1)
                #expect(problems(found).contains("key"), "\(found)")
                #expect(found["key"]?["hint"]?.stringValue?.contains("/etc/credstore") == true)
                #expect(!"\(found)".contains("wrong-key-0123456789"))
            }
        }

        @Test("an API that is away", .timeLimit(.minutes(2)))
        func api() throws {
            let environment = [
                "VIDEOGEND_API_BASE_URL": "http://127.0.0.1:9", "VIDEOGEND_API_REQUEST_TIMEOUT": "5s",
            ]
            try DaemonFixture.with(environment: environment) { fixture in
                let (status, found) = try examine(fixture)
                #expect(status == 1)
                #expect(problems(found).contains("api"), "\(found)")
                #expect(found["key"]?["result"] == "skipped")
            }
        }

        @Test("an output directory that is gone, a held job, a daemon that drains", .timeLimit(.minutes(1)))
        func places() throws {
            try DaemonFixture.with(environment: ["VIDEOGEND_JOBS_CONFIRM_FOR": "3s"]) { fixture in
                #expect(try fixture.run("x [[simulate: reset-before-accept]]")["state"] == "held")
                var (status, found) = try examine(fixture)
                #expect(status == 0)
                #expect(found["jobs"]?["message"] == "one job needs a person")
                try fixture.call("daemon.drain")
                (status, found) = try examine(fixture)
                #expect(status == 0)
                #expect(found["jobs"]?["hint"]?.stringValue?.contains("resume` lets it submit") == true)
                TestFolder.removeTree(fixture.output)
                (status, found) = try examine(fixture)
                #expect(status == 1)
                #expect(problems(found) == ["output"])
            }
        }
    }
}
