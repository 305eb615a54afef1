import ControlClient
import Glibc
import JSON
import Testing

extension EndToEnd {
    @Suite("Faults of the API")
    struct FaultTests {
        @Test(
            "charged without an answer: found by recover, one charge",
            .timeLimit(.minutes(1)),
            arguments: [
                "reset-after-accept", "error-after-accept", "gateway-after-accept", "garbled-after-accept",
                "cut-after-accept", "timeout-after-accept=20",
            ]
        )
        func adopted(_ fault: String) throws {
            try DaemonFixture.with(environment: ["VIDEOGEND_API_REQUEST_TIMEOUT": "2s"]) { fixture in
                let prompt = "x [[simulate: \(fault)]]"
                let job = try fixture.run(prompt)
                #expect(job["state"] == "completed", "\(job.text)")
                #expect(try fixture.simulator.ledger().count(prompt) == 1)
                #expect(TestFolder.names(in: fixture.output).count == 2)
            }
        }

        @Test(
            "no answer and not charged: held, until a person accepts",
            .timeLimit(.minutes(1)),
            arguments: ["reset-before-accept", "error-before-accept", "redirect-before-accept"]
        )
        func held(_ fault: String) throws {
            try DaemonFixture.with(environment: ["VIDEOGEND_JOBS_CONFIRM_FOR": "4s"]) { fixture in
                let prompt = "x [[simulate: \(fault)]]"
                let id = try fixture.submit(prompt)
                let job = try fixture.finished(id)
                #expect(job["state"] == "held", "\(job.text)")
                #expect(job["reason"]?.stringValue?.contains("accept") == true, "\(job.text)")
                let refusal = try fixture.refusal("jobs.retry", ["id": .string(id)])
                #expect(refusal.kind == "job.state")
                #expect(try fixture.simulator.ledger().charges.isEmpty)
                let retried = try fixture.call("jobs.retry", ["id": .string(id), "accept_charge": true])
                #expect(retried["job"]?["attempts"] == 2)
                #expect(try fixture.finished(id)["state"] == "completed")
                #expect(try fixture.simulator.ledger().count(prompt) == 1)
            }
        }

        @Test("refusals that cost nothing", .timeLimit(.minutes(1)))
        func refused() throws {
            try DaemonFixture.with { fixture in
                let policy = try fixture.run("x [[simulate: policy]]")
                #expect(policy["state"] == "failed")
                #expect(policy["error"]?["kind"] == "provider.content_policy", "\(policy.text)")
                #expect(policy["error"]?["charged"] == "no", "\(policy.text)")
                let limited = try fixture.run("y [[simulate: rate-limited, retry-after=1]]")
                #expect(limited["state"] == "completed", "\(limited.text)")
                let ledger = try fixture.simulator.ledger()
                #expect(ledger.charges.map(\.prompt) == ["y [[simulate: rate-limited, retry-after=1]]"])
            }
        }

        @Test("no money: waits in the queue, goes on with more", .timeLimit(.minutes(1)))
        func balance() throws {
            try DaemonFixture.with { fixture in
                func looks() throws -> Int {
                    let route = try fixture.simulator.get("requests")["routes"]?["balance"]
                    return route?["statuses"]?["200"]?.intValue ?? 0
                }
                #expect(try fixture.run("y")["state"] == "completed")
                let before = try looks()
                let id = try fixture.submit("x [[simulate: balance]]")
                let job = try Deadline(after: .seconds(10)).first("a reason that it waits") {
                    let job = try fixture.job(id)
                    return job["state"] == "queued" && job["reason"]?.stringValue != nil ? .some(job) : .none
                }
                #expect(job["reason"]?.stringValue?.contains("balance") == true, "\(job.text)")
                #expect(try fixture.simulator.ledger().charges.count == 1)
                // What it has at the refusal is known after a look; before that more would not be seen as more.
                try Deadline(after: .seconds(10)).first("a look at the balance") {
                    try looks() > before ? true : nil
                }
                try fixture.simulator.post("balance", ["usd": 500])
                // The balance is looked at after a reload, not only after the next pause.
                try fixture.call("daemon.reload")
                #expect(try fixture.finished(id)["state"] == "completed")
                #expect(try fixture.simulator.ledger().charges.count == 2)
            }
        }

        @Test("money that comes while the balance cannot be asked for", .timeLimit(.minutes(1)))
        func balanceUnknownAtRefusal() throws {
            try DaemonFixture.with { fixture in
                // The balance before the refusal is known from here.
                #expect(try fixture.run("y")["state"] == "completed")
                try fixture.simulator.post("outage", ["mode": "503", "routes": ["balance"]])
                let id = try fixture.submit("x [[simulate: balance]]")
                try Deadline(after: .seconds(10)).first("a look at the balance") {
                    let route = try fixture.simulator.get("requests")["routes"]?["balance"]
                    return (route?["statuses"]?["503"]?.intValue ?? 0) > 0 ? true : nil
                }
                try fixture.simulator.post("balance", ["usd": 500])
                try fixture.simulator.post("outage", ["mode": "none"])
                try fixture.call("daemon.reload")
                #expect(try fixture.finished(id, within: .seconds(15))["state"] == "completed")
                #expect(try fixture.simulator.ledger().charges.count == 2)
            }
        }

        @Test(
            "downloads that need a second try",
            .timeLimit(.minutes(1)),
            arguments: [
                "truncated, video-bytes=200000", "expired", "reset-media", "no-range, truncated",
                "changing-file, truncated", "media-500-first", "media-redirect", "relative-url",
            ]
        )
        func downloads(_ fault: String) throws {
            try DaemonFixture.with { fixture in
                let job = try fixture.run("x [[simulate: \(fault)]]", within: .seconds(45))
                #expect(job["state"] == "completed", "\(job.text)")
                let file = job["output"]?["file"]?.stringValue ?? ""
                let bytes = TestFolder.contents(of: file)
                let run = job["run_id"]?.stringValue ?? "none"
                #expect(String(decoding: bytes.suffix(128), as: UTF8.self).contains("run=\(run)"))
                _ = try Programs.shell("ffprobe -v error '\(file)'")
                #expect(try fixture.simulator.ledger().charges.count == 1)
                if fault.hasPrefix("truncated") {
                    let media = try fixture.simulator.get("requests")["routes"]?["media"]?["statuses"]
                    #expect(media?["206"] == 1, "\(media?.text ?? "none")")
                }
            }
        }

        @Test("a page instead of a video: quarantine, held", .timeLimit(.minutes(1)))
        func quarantine() throws {
            try DaemonFixture.with { fixture in
                for fault in ["html-video", "json-video", "garbage-video"] {
                    let id = try fixture.submit("x [[simulate: \(fault)]]")
                    let job = try fixture.finished(id)
                    #expect(job["state"] == "held", "\(job.text)")
                    #expect(job["reason"]?.stringValue?.isEmpty == false)
                }
                #expect(TestFolder.names(in: fixture.output).isEmpty)
                #expect(TestFolder.names(in: fixture.folder(".staging/quarantine")).count == 3)
                #expect(try fixture.simulator.ledger().charges.count == 3)
            }
        }

        @Test("a failed run", .timeLimit(.minutes(1)))
        func failed() throws {
            try DaemonFixture.with { fixture in
                for fault in ["failed", "failed-object", "failed-silent"] {
                    let job = try fixture.run("x [[simulate: \(fault)]]")
                    #expect(job["state"] == "failed", "\(job.text)")
                    #expect(job["attempts_log"]?.arrayValue?.last?["refund_expected"] == true, "\(job.text)")
                    #expect(job["error"]?["message"]?.stringValue?.isEmpty == false)
                }
                #expect(try fixture.simulator.ledger().charges.count == 3)
            }
        }

        @Test("several videos of one run", .timeLimit(.minutes(1)))
        func several() throws {
            try DaemonFixture.with { fixture in
                let observer = try DirectoryObserver(fixture.output)
                let job = try fixture.run("x [[simulate: multi=4]]")
                let files = (job["outputs"]?.arrayValue ?? []).compactMap { $0["file"]?.stringValue }
                #expect(files.count == 4)
                for (index, file) in files.enumerated() {
                    #expect(file.hasSuffix("-\(index + 1).mp4"), "\(file)")
                }
                #expect(observer.events().count == 8)
                #expect(TestFolder.names(in: fixture.output).count == 8)
                #expect(try fixture.simulator.ledger().charges.count == 1)
            }
        }

        @Test("the output directory goes and comes back during a download", .timeLimit(.minutes(1)))
        func outputDirectory() throws {
            try DaemonFixture.with { fixture in
                let id = try fixture.submit("x [[simulate: video-bytes=60000, trickle=20000]]")
                try fixture.follow(id, until: "downloading")
                #expect(rmdir(fixture.output) == 0)
                try Deadline(after: .seconds(10)).first("a status that tells of it") {
                    try fixture.call("daemon.status")["output"]?["writable"] == false ? true : nil
                }
                let waiting = try fixture.submit("y")
                #expect(try fixture.job(waiting)["state"] == "queued")
                #expect(mkdir(fixture.output, 0o755) == 0)
                for id in [id, waiting] {
                    #expect(try fixture.finished(id)["state"] == "completed")
                }
                #expect(TestFolder.names(in: fixture.output).count == 4)
                #expect(try fixture.simulator.ledger().charges.count == 2)
            }
        }
    }
}
