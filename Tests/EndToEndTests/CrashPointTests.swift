import ControlClient
import Glibc
import JSON
import Testing

extension EndToEnd {
    @Suite("Death before single system calls")
    struct CrashPointTests {
        /// Where the daemon dies: before these calls on that path; `ID` stands for the job.
        struct Point: CustomTestStringConvertible, Sendable {
            let calls: String
            let path: String
            var count = 1

            var testDescription: String {
                "\(calls) \(path) \(count)"
            }
        }

        private static let points = [
            Point(calls: "pwrite64", path: ".staging/ID-0-0.part"),
            Point(calls: "fsync", path: ".staging/ID-0-0.part"),
            Point(calls: "renameat", path: ".staging"),
            Point(calls: "fsync", path: ".staging"),
            Point(calls: "pwrite64", path: ".staging/ID-0-0.receipt"),
            Point(calls: "fsync", path: ".staging/ID-0-0.receipt"),
            Point(calls: "fsync", path: ".staging/ID-0-0.video"),
            Point(calls: "renameat2", path: "videos"),
            Point(calls: "renameat2", path: "videos", count: 2),
            Point(calls: "renameat2", path: "videos", count: 3),
            Point(calls: "fsync", path: "videos"),
            Point(calls: "unlinkat", path: ".staging", count: 2),
            Point(calls: "unlinkat", path: ".staging", count: 4),
        ]

        /// How many writes to the journal's log are reached, one after the other.
        private static let writes = [1, 2, 3, 4, 5, 6, 8, 10, 12, 14, 16, 20]

        @Test("while a video is published: the same two files, one charge", .timeLimit(.minutes(2)))
        func publishing() throws {
            try DaemonFixture.with { fixture in
                var deaths = 0
                for (number, point) in Self.points.enumerated() {
                    deaths += try die(at: point, fixture, "publishing \(number)")
                }
                #expect(deaths >= Self.points.count - 1)
                try checkEnd(fixture, jobs: Self.points.count)
            }
        }

        @Test("while the journal is written: nothing lost, one charge", .timeLimit(.minutes(2)))
        func committing() throws {
            try DaemonFixture.with(
                simulator: ["--recover-per-minute", "0"],
                environment: ["VIDEOGEND_JOBS_CONFIRM_FOR": "3s"]
            ) { fixture in
                var deaths = 0
                for (number, count) in Self.writes.enumerated() {
                    let calls = number.isMultiple(of: 2) ? "pwrite64" : "fdatasync"
                    deaths += try die(
                        at: Point(
                            calls: calls,
                            path: "state/journal.sqlite-wal",
                            count: calls == "pwrite64" ? count : (number + 1) / 2
                        ),
                        fixture,
                        "committing \(number)"
                    )
                }
                #expect(deaths >= Self.writes.count / 2)
                try checkEnd(fixture, jobs: Self.writes.count)
            }
        }

        /// Runs one job with a daemon that dies at a point, and to its end with the next one.
        ///
        /// - Returns: 1 if the point was reached.
        private func die(at point: Point, _ fixture: DaemonFixture, _ prompt: String) throws -> Int {
            try fixture.call("daemon.drain")
            let id = try fixture.submit(prompt)
            let path = fixture.folder(point.path.replacing("ID", with: id))
            let options = Tracer.injection(point.calls, on: path, "signal=SIGKILL", at: point.count)
            let tracer = try Tracer(try fixture.process(), options, in: fixture.folder)
            // The daemon may die before it answers, or even before it reads.
            let client = try fixture.connect()
            _ = try? client.start("daemon.resume", timeout: .seconds(10))
            let ended = Deadline(after: .seconds(20))
            var reached = false
            while !ended.isOver {
                if let status = try fixture.statusAfter(.milliseconds(30)) {
                    #expect(status == 128 + SIGKILL)
                    reached = true
                    break
                }
                if TestFolder.names(in: fixture.output).contains(where: { $0.contains("\(id).mp4") }),
                    (try? fixture.job(id))?["state"] == "completed"
                {
                    break
                }
            }
            if reached {
                try fixture.start()
            } else {
                try tracer.detach()
            }
            try fixture.call("daemon.resume")
            var job = try fixture.finished(id, within: .seconds(40))
            if job["state"] == "held" {
                #expect(try fixture.simulator.ledger().count(prompt) == 0, "\(job.text)")
                try fixture.call("jobs.retry", ["id": .string(id), "accept_charge": true])
                job = try fixture.finished(id, within: .seconds(40))
            }
            #expect(job["state"] == "completed", "\(point.testDescription): \(job.text)")
            #expect(try fixture.simulator.ledger().count(prompt) == 1, "\(point.testDescription)")
            let file = job["output"]?["file"]?.stringValue ?? ""
            let digest = try Programs.shell("sha256sum '\(file)'").prefix(64)
            #expect(job["output"]?["sha256"]?.stringValue == String(digest), "\(point.testDescription)")
            return reached ? 1 : 0
        }

        private func checkEnd(_ fixture: DaemonFixture, jobs: Int) throws {
            let ledger = try fixture.simulator.ledger()
            #expect(ledger.charges.count == jobs)
            #expect(ledger.repeatedConversations.isEmpty)
            #expect(TestFolder.names(in: fixture.output).count == 2 * jobs)
            let left = TestFolder.names(in: fixture.folder(".staging")).filter { !$0.hasSuffix(".moving") }
            #expect(left == ["quarantine"])
            #expect(TestFolder.names(in: fixture.folder(".staging/quarantine")).isEmpty)
        }
    }
}
