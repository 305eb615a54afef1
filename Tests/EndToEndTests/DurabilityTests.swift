import Glibc
import JSON
import Testing

extension EndToEnd {
    @Suite("What is on the disk before it matters")
    struct DurabilityTests {
        @Test(
            "sync, pay; sync, rename, sync, tell: in the real daemon's system calls",
            .timeLimit(.minutes(2))
        )
        func order() throws {
            try DaemonFixture.with(starts: false) { fixture in
                let file = fixture.folder("trace")
                try fixture.start(
                    SystemCallTrace.command(writingTo: file, [try Programs.path("videogend")])
                )
                // One after the other, so that no job is helped by a sync that another one needed.
                var jobs = [
                    try fixture.run("the first", within: .seconds(60)),
                    try fixture.run("the second [[simulate: video-bytes=700000]]", within: .seconds(60)),
                    try fixture.run(
                        "the third [[simulate: truncated, video-bytes=90000]]",
                        within: .seconds(60)
                    ),
                ]
                // And some together: then one sync may serve many.
                let together = try (0..<5).map { try fixture.submit("together \($0)") }
                jobs += try together.map { try fixture.finished($0, within: .seconds(60)) }
                #expect(try fixture.terminate() == 0)

                let trace = SystemCallTrace(file: file)
                func rules(_ trace: SystemCallTrace) -> DurabilityRules {
                    DurabilityRules(
                        trace: trace,
                        journal: fixture.folder("state/journal.sqlite"),
                        output: fixture.output,
                        staging: fixture.folder(".staging")
                    )
                }
                for (index, job) in jobs.enumerated() {
                    #expect(job["state"] == "completed", "\(job.text)")
                    let job = try DurabilityRules.TracedJob(job)
                    let steps = try rules(trace).steps(of: job)
                    guard index < 3 else { continue }
                    // Without any one of them the same trace is refused: the rules look at each.
                    for step in steps {
                        #expect(throws: DurabilityRules.Violation.self, "without \(step)") {
                            _ = try rules(trace.removing(step)).steps(of: job)
                        }
                    }
                }
                #expect(try fixture.simulator.ledger().charges.count == jobs.count)
            }
        }
    }
}
