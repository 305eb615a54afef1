import ControlClient
import Glibc
import JSON
import Testing

extension EndToEnd {
    @Suite("SIGKILL again and again")
    struct KillTests {
        private struct Sent {
            let prompt: String
            let key: String
        }

        /// How often the daemon is killed, and how many jobs it has at least in the end.
        private static let kills = 200
        private static let jobs = 200
        /// Few: who looks for a submission without an answer asks four times, and no more than 20 times a minute in all.
        private static let submittedInTheStorm = 10

        @Test(
            "200 times at random over 200 jobs: one file, one receipt and one charge each",
            .timeLimit(.minutes(4))
        )
        func storm() throws {
            try DaemonFixture.with(
                simulator: ["--recover-per-minute", "0"],
                environment: [
                    "VIDEOGEND_JOBS_CONFIRM_FOR": "3s", "VIDEOGEND_API_SUBMIT_PER_MINUTE": "100000",
                ],
                starts: false
            ) { fixture in
                try fixture.simulator.rule("slow", "slow-accept=0.3")
                try fixture.simulator.rule("long", "video-bytes=200000", "trickle=400000")
                try fixture.simulator.rule("torn", "truncated", "video-bytes=100000")
                var random = SeededGenerator(state: 20_260_404)
                var sent: [Sent] = []
                // Most are paid before the first kill, and end at any time during the storm.
                try fixture.start()
                while sent.count < Self.jobs - Self.submittedInTheStorm {
                    let seconds = Int.random(in: 5...60, using: &random)
                    let kind = Self.kinds.randomElement(using: &random) ?? "plain"
                    sent.append(
                        Sent(
                            prompt: "\(kind) \(sent.count) [[simulate: processing=\(seconds)]]",
                            key: "key-\(sent.count)"
                        )
                    )
                    try submit(sent[sent.count - 1], to: fixture, awaited: true)
                }
                try Deadline(after: .seconds(60)).first("charges for them") {
                    try fixture.simulator.ledger().charges.count == sent.count ? true : nil
                }
                let start = SystemTime.monotonic
                for round in 0..<Self.kills {
                    try fixture.kill()
                    try fixture.launch()
                    if Bool.random(using: &random) {
                        // Perhaps before it has read its journal.
                        pause(.milliseconds(Int.random(in: 10...300, using: &random)))
                        continue
                    }
                    try fixture.waitUntilReady()
                    if round.isMultiple(of: 9), sent.count < Self.jobs {
                        let kind = Self.kinds.randomElement(using: &random) ?? "plain"
                        sent.append(Sent(prompt: "\(kind) \(sent.count)", key: "key-\(sent.count)"))
                        try submit(sent[sent.count - 1], to: fixture, awaited: Bool.random(using: &random))
                    }
                    pause(.milliseconds(Int.random(in: 0...200, using: &random)))
                }
                try fixture.kill()
                let storm = SystemTime.monotonic - start
                try fixture.start()
                while sent.count < Self.jobs {
                    sent.append(Sent(prompt: "plain \(sent.count)", key: "key-\(sent.count)"))
                }
                let held = try checkEnd(fixture, sent)
                print(
                    "\(Self.kills) kills in \(storm), \(sent.count) jobs over after "
                        + "\(SystemTime.monotonic - start), \(held) of them held on the way"
                )
            }
        }

        private static let kinds = ["plain", "plain", "plain", "slow", "slow", "long", "torn"]

        /// Submits a job; when nobody waits for the answer, the daemon may die before the job is on disk.
        private func submit(_ job: Sent, to fixture: DaemonFixture, awaited: Bool) throws {
            let client = try fixture.connect()
            let params: JSONValue = [
                "client_key": .string(job.key),
                "request": ["model": "kling-video", "prompt": .string(job.prompt)],
            ]
            let call = try client.start(
                "jobs.submit",
                params.objectValue ?? JSONObject(),
                timeout: .seconds(10)
            )
            if awaited, try client.result(of: call, until: SystemTime.monotonic + .seconds(20)) == nil {
                throw EndToEndError("no answer to \(job.key)")
            }
        }

        private func pause(_ duration: Duration) {
            _ = Deadline(after: duration).firstReadable(of: [])
        }

        /// Waits until all are over, and compares.
        ///
        /// - Returns: How many were held.
        private func checkEnd(_ fixture: DaemonFixture, _ sent: [Sent]) throws -> Int {
            // The same key names the same job, whether its submission came through or not.
            var ids: [String] = []
            for job in sent {
                ids.append(try fixture.submit(job.prompt, key: job.key))
            }
            #expect(Set(ids).count == sent.count)
            print("after the storm: \(try fixture.call("daemon.status")["jobs"]?.text ?? "nothing")")
            let held = try settle(fixture, sent, ids)

            let ledger = try fixture.simulator.ledger()
            #expect(ledger.charges.count == sent.count)
            #expect(ledger.repeatedConversations.isEmpty)
            var digests: [String: String] = [:]
            for line in try Programs.shell("cd \(fixture.output) && sha256sum *.mp4").split(separator: "\n") {
                let words = line.split(separator: " ")
                digests["\(fixture.output)/\(words[1])"] = String(words[0])
            }
            var names: Set<String> = []
            for (job, id) in zip(sent, ids) {
                let found = try fixture.job(id)
                #expect(found["state"] == "completed", "\(found.text)")
                #expect(ledger.count(job.prompt) == 1, "\(found.text)")
                #expect(found["outputs"]?.arrayValue?.count == 1)
                let file = found["output"]?["file"]?.stringValue ?? ""
                let receiptFile = found["output"]?["receipt"]?.stringValue ?? ""
                #expect(found["output"]?["sha256"]?.stringValue == digests[file])
                let end = String(decoding: TestFolder.contents(of: file).suffix(128), as: UTF8.self)
                #expect(end.contains("run=\(found["run_id"]?.stringValue ?? "none") "), "\(found.text)")
                let receipt = try JSONParser.parse(TestFolder.text(of: receiptFile))
                #expect(receipt["job_id"]?.stringValue == id)
                #expect(receipt["sha256"]?.stringValue == digests[file])
                names.formUnion([file, receiptFile])
            }
            #expect(names.count == 2 * sent.count)
            let present = TestFolder.names(in: fixture.output).map { "\(fixture.output)/\($0)" }
            #expect(Set(present) == names)
            // The marker of a publication stays while a late run of an unconfirmed attempt may still come.
            let left = TestFolder.names(in: fixture.folder(".staging")).filter { name in
                !(name.hasSuffix(".moving") && held.contains { name.hasPrefix($0) })
            }
            #expect(left == ["quarantine"])
            #expect(TestFolder.names(in: fixture.folder(".staging/quarantine")).isEmpty)
            #expect(try listed(fixture) == Set(ids))
            let words = try fixture.call("daemon.status")["jobs"]?["completed"]?.intValue
            #expect(words == sent.count)
            return held.count
        }

        /// Waits for all; what is held is retried when the simulator was not paid for it.
        ///
        /// - Returns: The jobs that were held.
        private func settle(_ fixture: DaemonFixture, _ sent: [Sent], _ ids: [String]) throws -> Set<String> {
            var held: Set<String> = []
            for (job, id) in zip(sent, ids)
            where try fixture.finished(id, within: .seconds(150))["state"] == "held" {
                held.insert(id)
                let count = try fixture.simulator.ledger().count(job.prompt)
                let found = try fixture.job(id)
                #expect(count == 0, "held although it was charged: \(found.text)")
                guard count == 0 else { continue }
                try fixture.call("jobs.retry", ["id": .string(id), "accept_charge": true])
            }
            for id in held {
                _ = try fixture.finished(id, within: .seconds(90))
            }
            return held
        }

        /// The identifiers of all jobs, page by page; one that comes twice is an issue.
        private func listed(_ fixture: DaemonFixture) throws -> Set<String> {
            var ids: Set<String> = []
            var params: JSONValue = ["limit": 60]
            while true {
                let page = try fixture.call("jobs.list", params)
                for job in page["jobs"]?.arrayValue ?? [] {
                    let isNew = ids.insert(job["id"]?.stringValue ?? "").inserted
                    #expect(isNew, "listed twice: \(job.text)")
                }
                guard let cursor = page["next_cursor"]?.stringValue else { return ids }
                params = ["limit": 60, "cursor": .string(cursor)]
            }
        }
    }
}
