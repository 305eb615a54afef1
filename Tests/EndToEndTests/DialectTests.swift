import ControlClient
import JSON
import Testing

extension EndToEnd {
    @Suite("Everything that the API may answer to a question about a run")
    struct DialectTests {
        /// Whatever the answers look like, the run is paid and comes to its end.
        private static let dialects = [
            "flat", "skills", "booleans", "lower-case", "s2-words", "odd-states", "no-progress",
            "legacy-only", "legacy-only=405", "no-url-first", "no-cost", "xno", "submit-200", "submit-s1",
            "submit-minimal", "submit-status=EXECUTING", "submit-status=completed", "webm",
            "url-at=output.url", "url-at=output.video", "url-at=output.video[0].url",
            "url-at=output.videos[0].url", "url-at=output.video_url", "url-at=output.videoUrl",
            "url-at=videoUrl", "url-at=video_url", "url-at=url", "url-at=root.videoUrl",
            "url-at=root.video_url", "url-at=root.url", "url-at=root.output.video.url",
            "url-at=assets[0].url", "status-word=succeeded", "status-word=complete",
        ]

        private static let faults = [
            "html-status", "broken-json-status", "reset-status", "slow-status", "status-404-first=1",
            "status-403-first=1", "status-429-first", "status-500-first", "status-502-first",
            "status-503-first",
        ]

        @Test("every dialect and every fault ends with the video", .timeLimit(.minutes(1)))
        func completed() throws {
            try DaemonFixture.with { fixture in
                let prompts = (Self.dialects + Self.faults).map { "x [[simulate: \($0)]]" }
                let jobs = try prompts.map { (prompt: $0, id: try fixture.submit($0)) }
                for (prompt, id) in jobs {
                    let job = try fixture.finished(id, within: .seconds(45))
                    #expect(job["state"] == "completed", "\(prompt): \(job.text)")
                    let bytes = TestFolder.contents(of: job["output"]?["file"]?.stringValue ?? "")
                    let run = job["run_id"]?.stringValue ?? "none"
                    #expect(
                        String(decoding: bytes.suffix(128), as: UTF8.self).contains("run=\(run) "),
                        "\(prompt): another run's video"
                    )
                }
                let ledger = try fixture.simulator.ledger()
                #expect(ledger.charges.count == prompts.count)
                #expect(ledger.repeatedConversations.isEmpty)
                #expect(TestFolder.names(in: fixture.output).count == 2 * prompts.count)
            }
        }

        @Test("every word for failed and canceled ends without a video", .timeLimit(.minutes(1)))
        func failed() throws {
            try DaemonFixture.with { fixture in
                let failed = ["FAILED", "failure", "error", "content_policy_violation"]
                let canceled = ["CANCELED", "CANCELLED", "cancelled"]
                let jobs = try (failed + canceled).map { word in
                    (word: word, id: try fixture.submit("x [[simulate: failed, status-word=\(word)]]"))
                }
                for (word, id) in jobs {
                    let job = try fixture.finished(id)
                    #expect(job["state"] == (canceled.contains(word) ? "canceled" : "failed"), "\(job.text)")
                    #expect(job["provider_status"]?.stringValue == word)
                }
                #expect(TestFolder.names(in: fixture.output).isEmpty)
            }
        }

        @Test("a word that nobody knows is asked about again", .timeLimit(.minutes(1)))
        func unknownWord() throws {
            try DaemonFixture.with { fixture in
                let id = try fixture.submit("x [[simulate: status-word=pondering]]")
                try Deadline(after: .seconds(20)).first("several questions") {
                    let route = try fixture.simulator.get("requests")["routes"]?["status"]
                    return (route?["requests"]?.intValue ?? 0) >= 4 ? true : nil
                }
                let job = try fixture.job(id)
                #expect(["in_queue", "in_progress"].contains(job["state"]), "\(job.text)")
                #expect(job["provider_status"] == "pondering", "\(job.text)")
            }
        }

        @Test("a refused content says so in every member of the error", .timeLimit(.minutes(1)))
        func policy() throws {
            try DaemonFixture.with { fixture in
                let late = try fixture.run("x [[simulate: policy-late]]")
                let error = late["error"]
                #expect(error?["kind"] == "provider.content_policy", "\(late.text)")
                #expect(error?["charged"] == "yes")
                #expect(error?["retryable"] == false)
                #expect(error?["nsfw"] == true)
                #expect(
                    error?["user_message"]
                        == "Content flagged as inappropriate. Please modify your prompt and try again."
                )
                #expect(error?["message"]?.stringValue?.contains("Content policy violation") == true)
                #expect(error?["provider"]?["http_status"] == 200)
                #expect(error?["provider"]?["request_id"]?.stringValue?.isEmpty == false)
                let early = try fixture.run("x [[simulate: policy=refund]]")
                #expect(early["error"]?["kind"] == "provider.content_policy", "\(early.text)")
                #expect(early["error"]?["charged"] == "no")
                #expect(early["error"]?["hint"]?.stringValue?.contains("not been charged") == true)
                #expect(try fixture.simulator.ledger().charges.count == 1)
            }
        }

        @Test("recover is asked no more than twenty times a minute", .timeLimit(.minutes(1)))
        func recoverRate() throws {
            try DaemonFixture.with { fixture in
                _ = try fixture.run("x [[simulate: reset-after-accept]]")
                // Those beyond the limit wait or are refused here; the provider sees none of them.
                let client = try fixture.connect()
                for _ in 0..<30 {
                    _ = try client.start("runs.list", JSONObject(), timeout: .seconds(60))
                }
                func answered() throws -> Int {
                    let route = try fixture.simulator.get("requests")["routes"]?["recover"]
                    return route?["requests"]?.intValue ?? 0
                }
                try Deadline(after: .seconds(20)).first("the looks that are allowed") {
                    try answered() >= 20 ? true : nil
                }
                _ = try Programs.shell("sleep 1")
                let statuses = try fixture.simulator.get("requests")["routes"]?["recover"]?["statuses"]
                #expect(statuses?["429"] == nil, "\(statuses?.text ?? "none")")
                #expect(statuses?["200"] == 20)
            }
        }
    }
}
