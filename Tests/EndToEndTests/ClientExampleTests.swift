import JSON
import Testing

extension EndToEnd {
    /// `docs/clients`: what people copy to begin with.
    @Suite("Clients of thirty lines")
    struct ClientExampleTests {
        private func run(
            _ fixture: DaemonFixture,
            _ name: String,
            _ arguments: String...
        ) throws -> (
            status: Int32, output: String, error: String
        ) {
            let root = "\(#filePath)".split(separator: "/", omittingEmptySubsequences: false)
                .dropLast(3).joined(separator: "/")
            let interpreter =
                switch name.split(separator: ".").last {
                case "py": "python3"
                case "mjs": "node"
                default: "sh"
                }
            return try Programs.run(
                [interpreter, "\(root)/docs/clients/\(name)"] + arguments,
                environment: ["VIDEOGEND_SOCKET": fixture.socket],
                timeout: .seconds(60)
            )
        }

        @Test(
            "submits, waits, prints the file",
            .timeLimit(.minutes(2)),
            arguments: ["client.py", "client.mjs", "client.sh"]
        )
        func client(_ name: String) throws {
            try DaemonFixture.with { fixture in
                let good = try run(fixture, name, "kling-video", "a \"cat\" in Zürich")
                #expect(good.status == 0, "\(good)")
                let file = String(good.output.dropLast())
                #expect(TestFolder.names(in: fixture.output).map { "\(fixture.output)/\($0)" }.contains(file))
                #expect(try fixture.simulator.ledger().count("a \"cat\" in Zürich") == 1)
                let failed = try run(fixture, name, "kling-video", "x [[simulate: failed]]")
                #expect(failed.status == 1 && failed.output.isEmpty, "\(failed)")
                #expect(failed.error.contains("failed: "), "\(failed)")
                let refused = try run(fixture, name, "no-such-model", "x")
                #expect(refused.status == 1 && refused.output.isEmpty, "\(refused)")
                #expect(refused.error.contains("(model.unknown, charged: no)"), "\(refused)")
            }
        }
    }
}
