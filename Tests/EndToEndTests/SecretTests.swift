import Glibc
import JSON
import Testing

extension EndToEnd {
    @Suite("The API key stays inside")
    struct SecretTests {
        /// All files below a directory.
        private func files(below path: String) -> [String] {
            TestFolder.names(in: path).flatMap { name in
                let inner = files(below: "\(path)/\(name)")
                return inner.isEmpty ? ["\(path)/\(name)"] : inner
            }
        }

        @Test("not in files, logs, replies, the environment or a core dump", .timeLimit(.minutes(1)))
        func nowhere() throws {
            try DaemonFixture.with(environment: ["VIDEOGEND_LOG_LEVEL": "debug"]) { fixture in
                var replies = ""
                for prompt in ["x", "y [[simulate: failed]]", "z [[simulate: unauthorized]]"] {
                    replies += try fixture.submit(prompt)
                }
                let first = try fixture.run("w")
                #expect(first["state"] == "completed" || first["state"] == "queued")
                for method in ["daemon.status", "daemon.info", "jobs.list", "rpc.discover"] {
                    replies += try fixture.call(method).text
                }
                #expect(!replies.contains(Simulator.key))
                let process = try fixture.process()
                for name in ["environ", "cmdline"] {
                    let text = TestFolder.text(of: "/proc/\(process.pid)/\(name)")
                    #expect(!text.contains(Simulator.key), "/proc/PID/\(name)")
                }
                let limits = TestFolder.text(of: "/proc/\(process.pid)/limits").split(separator: "\n")
                let core = try #require(limits.first { $0.hasPrefix("Max core file size") })
                #expect(core.split(separator: " ").dropFirst(4).prefix(2) == ["0", "0"], "\(core)")
                try fixture.terminate()
                for file in files(below: fixture.folder.path) where !file.hasSuffix("/notify") {
                    let text = TestFolder.text(of: file)
                    #expect(!text.contains(Simulator.key), "\(file)")
                }
            }
        }
    }
}
