import ControlClient
import JSON
import Testing

extension EndToEnd {
    @Suite("The model catalogue and media files")
    struct CatalogueTests {
        private static let png =
            [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + [UInt8](repeating: 7, count: 40)
        private static let jpeg = [UInt8]([0xFF, 0xD8, 0xFF, 0xE0, 0, 16]) + Array("JFIF and more".utf8)
        private static let mp4 = [UInt8]([0, 0, 0, 24]) + Array("ftypisom0000isommp41".utf8)
        private static let mp3 = Array("ID3".utf8) + [UInt8](repeating: 3, count: 40)

        // MARK: What to pass

        @Test("a model tells what to pass", .timeLimit(.minutes(1)))
        func oneModel() throws {
            try DaemonFixture.with { fixture in
                let shown = try fixture.control(["models", "kling-v21-standard"])
                #expect(shown.status == 0, "\(shown)")
                for words in [
                    "kling-v21-standard", "--image FILE|URL", "required", "imageDataUrl", "imageUrl",
                    "duration", "negative_prompt", "seed",
                ] {
                    #expect(shown.output.contains(words), "no \(words) in \(shown.output)")
                }
                let json = try fixture.control(["--json", "models", "kling-v21-standard"])
                let model = try JSONParser.parse(json.output)["model"]
                let media = try #require(model?["media"]?.arrayValue?.first)
                #expect(media["role"] == "image")
                #expect(media["required"] == true)
                #expect(media["inline_field"] == "imageDataUrl")
                #expect(media["url_field"] == "imageUrl")
                let duration = model?["fields"]?.arrayValue?.first { $0["name"] == "duration" }
                #expect(duration?["allowed"] == ["5"])
                let unknown = try fixture.control(["models", "kling-v21-standart"])
                #expect(unknown.status == 4, "\(unknown)")
                #expect(unknown.error.contains("kling-v21-standard"), "\(unknown)")
                let removed = try fixture.control(["models", "promptchan-video"])
                #expect(removed.status == 4, "\(removed)")
                #expect(removed.error.contains("removed"), "\(removed)")
            }
        }

        @Test("all models, as a table and as JSON", .timeLimit(.minutes(1)))
        func allModels() throws {
            try DaemonFixture.with { fixture in
                _ = try waitForLiveModels(fixture)
                let table = try fixture.control(["models"])
                let lines = table.output.split(separator: "\n")
                #expect(lines.first?.hasPrefix("MODEL") == true, "\(table)")
                #expect(lines.count > 50)
                #expect(lines.contains { $0.hasPrefix("sora-2 ") && $0.contains("image") })
                let json = try fixture.control(["models", "--json"])
                let models = try json.output.split(separator: "\n").map { try JSONParser.parse(String($0)) }
                #expect(models.count == lines.count - 1)
                #expect(models.allSatisfy { $0["fields"]?.arrayValue != nil })
            }
        }

        @Test(
            "an image that is needed and missing: exit code 4, and nothing was sent",
            .timeLimit(.minutes(1))
        )
        func missingImage() throws {
            try DaemonFixture.with { fixture in
                let refused = try fixture.control(["submit", "--model", "kling-v21-standard", "wave"])
                #expect(refused.status == 4, "\(refused)")
                #expect(refused.error.contains("image"), "\(refused)")
                let check = try fixture.control(["check", "--model", "kling-v21-standard", "wave"])
                #expect(check.status == 4, "\(check)")
                #expect(try fixture.simulator.ledger().charges.isEmpty)
                #expect(try fixture.call("jobs.list")["jobs"]?.arrayValue?.isEmpty == true)
                let requests = try fixture.simulator.get("requests")["routes"]?["submit"]
                #expect(requests?["requests"]?.intValue ?? 0 == 0)
            }
        }

        // MARK: Media files

        /// What is given on the command line, and what is in the request then.
        private static let media: [(model: String, options: [String], expected: [String: String])] = [
            ("kling-v21-standard", ["--image", "a.png"], ["imageDataUrl": "image/png"]),
            // The name says nothing, the bytes do.
            ("kling-v21-standard", ["--image", "jpeg.png"], ["imageDataUrl": "image/jpeg"]),
            ("kling-v21-standard", ["--image", "https://assets.example.com/a"], ["imageUrl": ""]),
            ("bytedance-waver-1.0", ["--image", "a.png"], ["image": "image/png"]),
            (
                "wan-wavespeed-s2v", ["--image", "a.png", "--audio", "a.mp3"],
                ["image": "image/png", "audio": "audio/mpeg"]
            ),
            (
                "kling-lipsync-a2v", ["--video", "a.mp4", "--audio", "https://assets.example.com/a"],
                ["video": "video/mp4", "audio": ""]
            ),
            (
                "runwayml-gen4-aleph", ["--video", "a.mp4", "--reference-image", "a.png"],
                ["video": "video/mp4", "reference_image": "image/png"]
            ),
            (
                "magicapi-video-face-swap", ["--swap-image", "jpeg.png", "--video", "a.mp4"],
                ["swapImage": "image/jpeg", "targetVideo": "video/mp4"]
            ),
        ]

        @Test("files and URLs go into the fields that the model wants", .timeLimit(.minutes(1)))
        func mediaFields() throws {
            try DaemonFixture.with { fixture in
                try fixture.folder.write("a.png", bytes: Self.png)
                try fixture.folder.write("jpeg.png", bytes: Self.jpeg)
                try fixture.folder.write("a.mp4", bytes: Self.mp4)
                try fixture.folder.write("a.mp3", bytes: Self.mp3)
                for (model, options, expected) in Self.media {
                    let words = options.map {
                        $0.contains(".") && !$0.contains(":") ? fixture.folder($0) : $0
                    }
                    let result = try fixture.control(
                        ["submit", "--json", "--model", model] + words + ["x"]
                    )
                    #expect(result.status == 0, "\(model): \(result)")
                    let job = try JSONParser.parse(result.output)["job"]
                    for (field, type) in expected {
                        let value = job?["request"]?[field]
                        if type.isEmpty {
                            #expect(value?.stringValue == "https://assets.example.com/a", "\(model) \(field)")
                        } else {
                            // The bytes are named and not shown.
                            #expect(value?["media_type"]?.stringValue == type, "\(model): \(job?.text ?? "")")
                            #expect(value?["sha256"]?.stringValue?.count == 64)
                        }
                    }
                    // The simulator checks the required media by its own reading of the documents.
                    let id = try #require(job?["id"]?.stringValue)
                    #expect(try fixture.finished(id)["state"] == "completed", "\(model)")
                }
                #expect(try fixture.simulator.ledger().charges.count == Self.media.count)
            }
        }

        @Test("files that are too large, and files of another kind", .timeLimit(.minutes(1)))
        func wrongFiles() throws {
            try DaemonFixture.with { fixture in
                func refusal(_ name: String, _ bytes: [UInt8]) throws -> (status: Int32, error: String) {
                    try fixture.folder.write(name, bytes: bytes)
                    let result = try fixture.control([
                        "submit", "--model", "kling-v21-standard", "--image", fixture.folder(name), "x",
                    ])
                    return (result.status, result.error)
                }
                let large = try refusal("large", Self.png + [UInt8](repeating: 1, count: 4_200_000))
                #expect(large.status == 64, "\(large)")
                #expect(large.error.contains("4 MB"), "\(large)")
                #expect(large.error.contains("Host it and pass its URL"), "\(large)")
                // Small enough as a file, too large as the text of a body.
                let body = try refusal("body", Self.png + [UInt8](repeating: 1, count: 3_600_000))
                #expect(body.status == 4, "\(body)")
                #expect(body.error.contains("https URL"), "\(body)")
                let video = try refusal("video", Self.mp4)
                #expect(video.status == 64, "\(video)")
                #expect(video.error.contains("video/mp4"), "\(video)")
                let text = try refusal("text", Array("hello".utf8))
                #expect(text.status == 64, "\(text)")
                let onLocalNetwork = try fixture.control([
                    "submit", "--model", "kling-v21-standard", "--image", "https://192.168.1.1/a.png", "x",
                ])
                #expect(onLocalNetwork.status == 4, "\(onLocalNetwork)")
                #expect(try fixture.simulator.ledger().charges.isEmpty)
                #expect(try fixture.call("jobs.list")["jobs"]?.arrayValue?.isEmpty == true)
            }
        }

        // MARK: The live catalogue

        private func liveModels(_ fixture: DaemonFixture) throws -> [JSONValue] {
            let models = try fixture.call("models.list")["models"]?.arrayValue ?? []
            return models.filter { $0["source"] == "live" }
        }

        private func waitForLiveModels(_ fixture: DaemonFixture) throws -> [JSONValue] {
            try Deadline(after: .seconds(20)).first("live models") {
                let found = try liveModels(fixture)
                return found.isEmpty ? nil : found
            }
        }

        @Test("new models become usable, and stay so without the provider", .timeLimit(.minutes(1)))
        func live() throws {
            try DaemonFixture.with { fixture in
                let names = try waitForLiveModels(fixture).compactMap { $0["id"]?.stringValue }
                #expect(names.contains("kling-v26-pro"), "\(names)")
                let shown = try fixture.control(["models", "kling-v26-pro"])
                #expect(shown.status == 0, "\(shown)")
                #expect(shown.output.contains("duration"), "\(shown)")
                let submitted = try fixture.control(["submit", "--model", "kling-v26-pro", "--wait", "a cat"])
                #expect(submitted.status == 0, "\(submitted)")
                let slip = try fixture.control([
                    "check", "--model", "kling-v26-pro", "--set", "duraton=5", "x",
                ])
                #expect(slip.status == 4, "\(slip)")
                #expect(slip.output.contains("duration") || slip.error.contains("duration"), "\(slip)")
                #expect(try fixture.simulator.ledger().charges.count == 1)
                // The copy in the state directory serves when the provider does not.
                let kept = try JSONParser.parse(TestFolder.text(of: fixture.folder("state/models.json")))
                #expect(kept["data"]?.arrayValue?.count == 65)
                try fixture.terminate()
                try fixture.simulator.post("outage", ["mode": "503", "routes": ["catalogue"]])
                try fixture.start()
                #expect(try waitForLiveModels(fixture).compactMap { $0["id"]?.stringValue } == names)
            }
        }

        @Test("a price is given where it is known, and never as 0", .timeLimit(.minutes(1)))
        func prices() throws {
            try DaemonFixture.with { fixture in
                _ = try waitForLiveModels(fixture)
                let models = try fixture.call("models.list")["models"]?.arrayValue ?? []
                var known = 0
                var unknown = 0
                for model in models {
                    let request: JSONValue = ["model": model["id"] ?? .null, "prompt": "a"]
                    let price = try fixture.call("jobs.check", ["request": request])["price"]
                    if let price {
                        known += 1
                        #expect(
                            (price["micros"]?.intValue ?? 0) > 0,
                            "\(model["id"]?.text ?? ""): \(price.text)"
                        )
                        #expect(model["price"]?["known"] == true)
                    } else {
                        unknown += 1
                    }
                }
                #expect(known > 0)
                #expect(unknown > 0)
                let shown = try fixture.control(["models", "kling-video"])
                #expect(shown.status == 0)
                #expect(!shown.output.contains(" 0.00 USD"), "\(shown)")
            }
        }
    }
}
