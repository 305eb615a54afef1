import JSON
import Testing

extension EndToEnd {
    /// `Tests/Examples`: programs that were written for the real service, against the simulator.
    @Suite("The provider's examples")
    struct ExampleTests {
        /// The smallest thing that begins like a JPEG.
        private static let picture = [UInt8]([0xFF, 0xD8, 0xFF, 0xE0, 0, 16]) + Array("JFIF".utf8)

        private func with(
            _ arguments: [String] = [],
            _ body: (TestFolder, Simulator) throws -> Void
        ) throws {
            try TestFolder.with { folder in
                let usual = ["--submit-per-minute", "0", "--processing-seconds", "0.4"]
                try body(folder, Simulator(folder, usual + arguments))
            }
        }

        private func run(
            _ simulator: Simulator,
            _ script: String,
            _ arguments: String...,
            key: String = Simulator.key
        ) throws -> (status: Int32, output: String, error: String) {
            let directory = "\(#filePath)".split(separator: "/", omittingEmptySubsequences: false)
                .dropLast(2).joined(separator: "/")
            let interpreter =
                switch script.split(separator: ".").last {
                case "py": "python3"
                case "mjs": "node"
                default: "sh"
                }
            return try Programs.run(
                [interpreter, "\(directory)/Examples/\(script)"] + arguments,
                environment: [
                    "NANOGPT_BASE_URL": simulator.baseURL, "NANOGPT_API_KEY": key, "POLL_SECONDS": "0.1",
                ],
                timeout: .seconds(45)
            )
        }

        @Test("curl, example 1: submit, poll, download", .timeLimit(.minutes(1)))
        func textToVideo() throws {
            try with { folder, simulator in
                let result = try run(simulator, "text_to_video.sh", "A \"sunset\"", folder("out.mp4"))
                #expect(result.status == 0, "\(result)")
                #expect(result.output.contains("Attempt 1: status=IN_QUEUE"), "\(result)")
                #expect(result.output.contains("status=COMPLETED"), "\(result)")
                let runID = try simulator.get("jobs")["jobs"]?.arrayValue?.first?["run_id"]?.stringValue
                let trailer = TestFolder.contents(of: folder("out.mp4")).suffix(128)
                #expect(String(decoding: trailer, as: UTF8.self).contains("run=\(runID ?? "none") "))
                #expect(try simulator.ledger().count("A \"sunset\"") == 1)
                #expect(try simulator.get("requests")["media_requests_with_key"] == 0)
                let failed = try run(simulator, "text_to_video.sh", "x [[simulate: failed]]", folder("no"))
                #expect(failed.status == 1, "\(failed)")
                #expect(failed.error == "Failed: Video generation failed\n", "\(failed)")
            }
        }

        @Test(
            "an image in base 64 and by URL",
            .timeLimit(.minutes(1)),
            arguments: ["image_to_video.sh", "image_to_video.py", "image_to_video.mjs"]
        )
        func imageToVideo(_ script: String) throws {
            try with { folder, simulator in
                try folder.write("wave.jpg", bytes: Self.picture)
                let url = "https://assets.example.com/reference/wave-hello.jpg?w=1024"
                for source in [folder("wave.jpg"), url] {
                    let result = try run(simulator, script, source, "wave from \(source)")
                    #expect(result.status == 0, "\(result)")
                    #expect(result.output.contains("http://127.0.0.1:"), "\(result)")
                    #expect(try simulator.ledger().count("wave from \(source)") == 1)
                }
            }
        }

        @Test("a failed run", .timeLimit(.minutes(1)))
        func failed() throws {
            try with { _, simulator in
                let url = "https://assets.example.com/a.jpg"
                let prompt = "x [[simulate: policy-late]]"
                let python = try run(simulator, "image_to_video.py", url, prompt)
                #expect(python.status == 1, "\(python)")
                #expect(python.error == "Failed: Content policy violation\n", "\(python)")
                let node = try run(simulator, "image_to_video.mjs", url, prompt)
                #expect(node.status == 1, "\(node)")
                #expect(node.error.contains("Error: Content policy violation"), "\(node)")
            }
        }

        @Test("JavaScript, example 5: a batch", .timeLimit(.minutes(1)))
        func batch() throws {
            try with { _, simulator in
                let result = try run(simulator, "batch.mjs", "one", "two", "three", "four", "five")
                #expect(result.status == 0, "\(result)")
                let urls = Set(result.output.split(separator: "\n"))
                #expect(urls.count == 5, "\(result)")
                let prompts = try simulator.ledger().charges.map(\.prompt).sorted()
                #expect(prompts == ["five", "four", "one", "three", "two"])
            }
        }

        @Test(
            "errors are told apart",
            .timeLimit(.minutes(1)),
            arguments: ["errors.sh", "errors.py", "errors.mjs"]
        )
        func errors(_ script: String) throws {
            try with { _, simulator in
                func says(_ words: String, _ prompt: String, _ model: String = "veo2-video") throws {
                    let result = try run(simulator, script, prompt, model)
                    #expect(result.status == 1, "\(result)")
                    #expect(result.output.contains(words), "\(result)")
                }
                let isShell = script == "errors.sh"
                try says("402 insufficient balance: Insufficient balance", "x [[simulate: balance=always]]")
                try says(
                    "429 rate limited, retry after \(isShell ? "a delay" : "7"): Rate limit exceeded.",
                    "x [[simulate: rate-limited, retry-after=7]]"
                )
                try says(
                    "400 \(isShell ? "refused" : "content policy violation"): Your prompt was blocked",
                    "x [[simulate: policy]]"
                )
                try says(
                    "400 refused: Kling 2.1 Standard requires an input image. Please select an image",
                    "wave",
                    "kling-v21-standard"
                )
                let stranger = try run(simulator, script, "x", key: "stranger")
                #expect(stranger.status == 1, "\(stranger)")
                #expect(
                    stranger.output.contains("401 the key is not accepted: Invalid API key"),
                    "\(stranger)"
                )
                #expect(try simulator.ledger().charges.isEmpty)
                let good = try run(simulator, script, "x")
                #expect(good.status == 0, "\(good)")
                #expect(good.output.hasPrefix("accepted "), "\(good)")
                #expect(try simulator.ledger().charges.count == 1)
            }
        }
    }
}
