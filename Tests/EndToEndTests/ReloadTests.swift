import ControlClient
import Glibc
import JSON
import Testing

extension EndToEnd {
    @Suite("Reload")
    struct ReloadTests {
        /// Starts the daemon with an empty configuration file of its own.
        private static func with(
            _ body: (DaemonFixture, _ configure: (String) throws -> Void) throws -> Void
        ) throws {
            try DaemonFixture.with(starts: false) { fixture in
                let file = try fixture.folder.write("c.yaml", "")
                try fixture.start([try Programs.path("videogend"), "--config", file])
                try body(fixture) { try fixture.folder.write("c.yaml", $0) }
            }
        }

        private func names(_ value: JSONValue?) -> Set<String> {
            Set((value?.arrayValue ?? []).compactMap(\.stringValue))
        }

        @Test("what needs no restart counts at once", .timeLimit(.minutes(1)))
        func applied() throws {
            try Self.with { fixture, configure in
                try configure(
                    """
                    output: {receipt_request: false, mode: "0604", file_name: "reloaded-{id}"}
                    control: {connections: 3}
                    jobs: {maximum_queued: 1}
                    """
                )
                let outcome = try fixture.call("daemon.reload")
                #expect(
                    names(outcome["changed"]) == [
                        "output.receipt_request", "output.mode", "output.file_name", "control.connections",
                        "jobs.maximum_queued",
                    ]
                )
                #expect(names(outcome["needs_restart"]).isEmpty)
                let job = try fixture.run("not in the receipt")
                let output = job["output"]
                let video = try #require(output?["file"]?.stringValue)
                #expect(video.contains("/reloaded-"))
                #expect(try Programs.shell("stat -c %a \(video)") == "604\n")
                let receipt = TestFolder.text(of: output?["receipt"]?.stringValue ?? "")
                #expect(receipt.contains("\"run_id\"") && !receipt.contains("not in the receipt"))
                // The fixture's own connection is the first.
                let two = try [fixture.connect(), fixture.connect()]
                for client in two { _ = try client.call("daemon.info", JSONObject(), timeout: .seconds(5)) }
                #expect(throws: (any Error).self) {
                    try fixture.connect().call("daemon.info", JSONObject(), timeout: .seconds(5))
                }
                try fixture.call("daemon.drain")
                _ = try fixture.submit("waits")
                #expect(
                    try fixture.refusal(
                        "jobs.submit",
                        ["request": ["model": "kling-video", "prompt": "one too many"]]
                    ).kind == "limits.exceeded"
                )
            }
        }

        @Test("what needs a restart is named and stays", .timeLimit(.minutes(1)))
        func restartNeeded() throws {
            try DaemonFixture.with(starts: false) { fixture in
                let names = ["CONTROL_SOCKET", "STATE_DIRECTORY", "OUTPUT_DIRECTORY"]
                let variables = names.map { "VIDEOGEND_" + $0 }
                let values = variables.map { fixture.environment[$0] ?? "" }
                for variable in variables { fixture.environment[variable] = nil }
                let ours = """
                    control: {socket: \(values[0])}
                    state: {directory: \(values[1])}
                    output: {directory: \(values[2])}
                    """
                let file = try fixture.folder.write("c.yaml", ours)
                try fixture.start([try Programs.path("videogend"), "--config", file])
                try fixture.folder.write(
                    "c.yaml",
                    """
                    control: {socket: /x, mode: "0666"}
                    state: {directory: /x, media_bytes: 5}
                    output: {directory: /x, staging_directory: /y}
                    log: {level: notice}
                    """
                )
                let outcome = try fixture.call("daemon.reload")
                #expect(
                    self.names(outcome["needs_restart"]) == [
                        "control.socket", "control.mode", "state.directory", "state.media_bytes",
                        "output.directory", "output.staging_directory",
                    ]
                )
                #expect(self.names(outcome["changed"]) == ["log.level"])
                #expect(try fixture.run("as before")["state"] == "completed")
                #expect(TestFolder.names(in: fixture.output).count == 2)
            }
        }

        @Test(
            "a bad file changes nothing",
            .timeLimit(.minutes(1)),
            arguments: [
                ("output: {file_name: \"new-{id}\", mode: \"9\"}", "output.mode"),
                ("output: {file_name: \"new-{id}\", mod: \"0600\"}", "output.mod"),
                ("output: {file_name: \"new-{id}\"}\napi: {ca_file: /nowhere.pem}", "api.ca_file"),
                ("output: {file_name: \"new-{id}\"}\napi: {key_file: /nowhere.key}", "api.key_file"),
            ]
        )
        func refused(_ yaml: String, _ key: String) throws {
            try Self.with { fixture, configure in
                try configure(yaml)
                let error = try fixture.refusal("daemon.reload", [:])
                #expect(error.kind == "config.invalid" && error.message.contains(key), "\(error)")
                #expect(error.message.contains("nowhere") || error.message.contains("c.yaml"), "\(error)")
                let job = try fixture.run("x")
                #expect(job["output"]?["file"]?.stringValue?.contains("/new-") == false)
            }
        }
    }
}
