import ControlClient
import Glibc
import JSON
import Testing

extension EndToEnd {
    @Suite("SIGKILL")
    struct CrashTests {
        @Test("in every state and at random: the same files, one charge each", .timeLimit(.minutes(3)))
        func killed() throws {
            try DaemonFixture.with(
                simulator: ["--recover-per-minute", "0"],
                environment: ["VIDEOGEND_JOBS_CONFIRM_FOR": "5s"]
            ) { fixture in
                var jobs: [(id: String, prompt: String)] = []
                func submit(_ kind: String, _ count: Int) throws -> [String] {
                    try (0..<count).map { _ in
                        let prompt = "\(kind) \(jobs.count)"
                        let id = try fixture.submit(prompt)
                        jobs.append((id, prompt))
                        return id
                    }
                }
                func killAndStart() throws {
                    try fixture.kill()
                    try fixture.start()
                }
                try fixture.simulator.rule("submitting", "slow-accept=2")
                try fixture.simulator.rule("unconfirmed", "reset-after-accept=1", "late-recover=1")
                try fixture.simulator.rule("waiting", "stuck")
                try fixture.simulator.rule("running", "stuck-running")
                try fixture.simulator.rule("loading", "video-bytes=60000", "trickle=40000")

                // Sent a moment ago: it may be on the wire, or not.
                let sent = try submit("submitting", 3)
                try killAndStart()
                for id in sent {
                    _ = try fixture.finished(id)
                }
                // Sent, charged, not answered.
                let charged = try fixture.simulator.ledger().charges.count
                let unanswered = try submit("submitting", 3)
                try Deadline(after: .seconds(10)).first("three more charges") {
                    try fixture.simulator.ledger().charges.count >= charged + 3 ? true : nil
                }
                #expect(try fixture.job(unanswered[0])["state"] == "submitting")
                try killAndStart()
                for id in unanswered {
                    _ = try fixture.finished(id)
                }
                let lost = try submit("unconfirmed", 3)
                try fixture.follow(lost[0], until: "unconfirmed")
                try killAndStart()

                let waiting = try submit("waiting", 5)
                let running = try submit("running", 5)
                for id in waiting {
                    try fixture.follow(id, until: "in_queue")
                }
                for id in running {
                    try fixture.follow(id, until: "in_progress")
                }
                try killAndStart()
                #expect(try fixture.job(waiting[0])["state"] == "in_queue")
                try fixture.simulator.post("finish", [:])
                for id in lost + waiting + running {
                    _ = try fixture.finished(id)
                }
                let loading = try submit("loading", 5)
                for id in loading {
                    try fixture.follow(id, until: "downloading")
                }
                try killAndStart()
                let over = try submit("over", 5)
                try fixture.follow(over[0], until: "completed")
                try killAndStart()

                try killAtRandom(fixture, submit)
                try checkEnd(fixture, jobs)
                #expect(jobs.count >= 50)
            }
        }

        /// Kills the daemon after a random number of events, six times.
        private func killAtRandom(_ fixture: DaemonFixture, _ submit: (String, Int) throws -> [String]) throws
        {
            var random = SeededGenerator(state: 20_260_101)
            let kinds = ["plain", "plain", "plain", "submitting", "unconfirmed", "loading"]
            for _ in 0..<6 {
                let client = try fixture.connect()
                _ = try client.call("events.subscribe", timeout: .seconds(10))
                for _ in 0..<5 {
                    _ = try submit(kinds.randomElement(using: &random) ?? "plain", 1)
                }
                for _ in 0..<Int.random(in: 1...24, using: &random) {
                    _ = try client.nextNotification(timeout: .milliseconds(700))
                }
                try fixture.kill()
                try fixture.start()
            }
        }

        private func checkEnd(_ fixture: DaemonFixture, _ jobs: [(id: String, prompt: String)]) throws {
            var retried: Set<String> = []
            for (id, prompt) in jobs where try fixture.finished(id, within: .seconds(90))["state"] == "held" {
                // Its request never reached the simulator, which is for a person to find out.
                let count = try fixture.simulator.ledger().count(prompt)
                let job = try fixture.job(id)
                #expect(count == 0, "held although it was charged: \(job.text)")
                guard count == 0 else { continue }
                retried.insert(id)
                try fixture.call("jobs.retry", ["id": .string(id), "accept_charge": true])
            }
            for (id, _) in jobs {
                let job = try fixture.finished(id, within: .seconds(90))
                #expect(job["state"] == "completed", "\(job.text)")
                let file = job["output"]?["file"]?.stringValue ?? ""
                let digest = try Programs.shell("sha256sum '\(file)'").prefix(64)
                #expect(job["output"]?["sha256"]?.stringValue == String(digest))
            }
            let ledger = try fixture.simulator.ledger()
            for (id, prompt) in jobs {
                let job = try fixture.job(id)
                #expect(ledger.count(prompt) == 1, "\(job.text)")
            }
            #expect(ledger.charges.count == jobs.count)
            #expect(ledger.repeatedConversations.isEmpty)
            #expect(TestFolder.names(in: fixture.output).count == 2 * jobs.count)
            // The marker of a publication stays while a late run of the first attempt may still come.
            let left = TestFolder.names(in: fixture.folder(".staging")).filter { name in
                !(name.hasSuffix(".moving") && retried.contains { name.hasPrefix($0) })
            }
            #expect(left == ["quarantine"])
            // The rest was on the wire, or is sent after the restart.
            #expect(retried.count <= 20)
        }
    }
}
