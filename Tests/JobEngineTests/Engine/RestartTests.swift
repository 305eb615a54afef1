import JobCore
import JobEngine
import TestSupport
import Testing

/// After a restart what is paid comes first, and nothing that may be needed is tidied away.
@Suite struct RestartTests {
    /// Asks, looks and downloads of what is paid come before anything new is paid.
    @Test func paidWorkComesBeforeNewSubmissions() {
        let bench = EngineBench.started()
        let dice = Dice(seed: 3)
        bench.provider.change { script in
            script.submission = { _, _ in
                dice.below(4) == 0
                    ? .answerLost(RunPlan(takes: .seconds(500), hiddenFor: .seconds(300)))
                    : .accepted(RunPlan(takes: .seconds(500)))
            }
        }
        let paid = (0..<12).map { _ in bench.submit() }
        bench.advance(by: .seconds(100))
        bench.call { .drain($0) }
        for _ in 0..<20 { bench.submit() }
        bench.call { .resume($0) }
        bench.kill()
        bench.provider.forgetCalls()
        bench.clock.advance(by: .seconds(1))
        bench.start()
        bench.advance(by: .seconds(60))
        let calls = bench.provider.calls
        let isSubmission = calls.map { call in if case .submit = call.kind { true } else { false } }
        let first = isSubmission.firstIndex(of: true) ?? calls.count
        var asked: Set<String> = []
        for call in calls[..<first] {
            if case .status(let run) = call.kind { asked.insert(run) }
        }
        let known = paid.compactMap { bench.journal.jobs[$0]?.attempts.first?.runID }
        #expect(
            asked.isSuperset(of: known),
            "\(known.count) runs, \(asked.count) asked for before a submission"
        )
        #expect(first < calls.count, "nothing was submitted at all")
    }

    /// The link that was got first expires first, whatever the order of the jobs.
    @Test func downloadsGoOnInTheOrderInWhichTheirLinksExpire() {
        let bench = EngineBench.started()
        bench.provider.change { script in
            let dice = Dice(seed: 9)
            // Later jobs are done earlier, and no download ever begins to answer.
            script.submission = { _, now in
                .accepted(
                    RunPlan(takes: max(.seconds(1), .seconds(200) - now * 20 + .seconds(dice.below(3))))
                )
            }
            script.latency = { kind in
                if case .download = kind { .seconds(100_000) } else { .milliseconds(400) }
            }
        }
        for _ in 0..<20 { bench.submit() }
        let areDone = bench.advance(upTo: .seconds(2000)) { bench.count(.downloading) == 20 }
        #expect(areDone)
        let order = bench.journal.jobs.values
            .sorted {
                ($0.attempts[0].providerCompletedAt ?? $0.createdAt, $0.id)
                    < ($1.attempts[0].providerCompletedAt ?? $1.createdAt, $1.id)
            }
            .compactMap(\.runID)
        bench.kill()
        bench.provider.change { script in
            script.latency = { _ in .milliseconds(100) }
        }
        bench.provider.forgetCalls()
        bench.start()
        bench.advance(by: .seconds(10))
        let fetched = bench.provider.calls.compactMap { call in
            if case .download(let url) = call.kind {
                url.split(separator: "/").dropFirst(2).first
            } else {
                nil
            }
        }
        // Eight at a time: the sets follow each other.
        #expect(
            Set(fetched.prefix(8)) == Set(order.prefix(8).map { Substring($0) }),
            "\(fetched) of \(order)"
        )
        #expect(fetched.count == 20)
    }

    /// A job whose record cannot be read is not there, but its files may be all that is left of a paid video.
    @Test func filesOfUnreadableJobsStay() async throws {
        let bench = EngineBench.started()
        bench.provider.change { script in
            script.latency = { kind in
                if case .download = kind { .seconds(600) } else { .milliseconds(100) }
            }
        }
        let id = bench.submit()
        let isFetching = bench.advance(upTo: .seconds(60)) { bench.state(id) == .downloading }
        #expect(isFetching)
        bench.advance(by: .seconds(400))
        try await bench.bodies.store([1, 2, 3], for: id)
        bench.kill()
        bench.journal = bench.journal.reopened(unreadable: [id])
        bench.start()
        #expect(bench.observer.seen.restored[id] == nil)
        #expect(bench.publisher.stagedKeys.map(\.job) == [id])
        #expect(try await bench.bodies.load(for: id) == [1, 2, 3])
    }

    /// A journal that was set aside or restored from a backup: nothing is tidied away, nothing is sent until a resume.
    @Test func drainedStart() async throws {
        let bench = EngineBench.started()
        bench.provider.change { script in
            script.takesAbandoned = { false }
        }
        let id = bench.submit()
        bench.kill()
        bench.provider.forgetCalls()
        try await bench.bodies.store([1], for: try #require(JobID("0000000000000001")))
        let stranger = bench.provider.take(RunPlan())
        bench.journal = bench.journal.reopened(drainReason: "the journal was restored from a backup")
        bench.start()
        bench.submit()
        bench.advance(by: .seconds(300))
        #expect(bench.submissions.isEmpty)
        #expect(bench.observer.seen.drained)
        #expect(bench.observer.seen.gate?.contains("restored from a backup") == true)
        #expect(bench.state(id) == .held, "its intent was on disk: nobody knows whether it was sent")
        #expect(try await bench.bodies.load(for: try #require(JobID("0000000000000001"))) == [1])
        let list = bench.call { .listRuns(limit: 10, $0) }
        bench.advance(by: .seconds(1))
        guard case .success(.runs(let runs, let known)) = list.value else {
            Issue.record("no list")
            return
        }
        #expect(runs.map(\.runID) == [stranger] && known.isEmpty)
        bench.call { .resume($0) }
        bench.advance(by: .seconds(300))
        #expect(bench.count(.completed) == 1)
    }

    /// Bodies are needed for a retry as long as a job may be retried, however many jobs ended after it.
    @Test func bodyOfAFailedJobStaysBehindAThousandOthers() async throws {
        let bench = EngineBench.started()
        let submission = bench.submission(body: .stored(bytes: 3))
        try await bench.bodies.store([1, 2, 3], for: submission.id)
        bench.provider.change { script in
            script.submission = { _, _ in .rejected(JobFault(.providerRejected, "no")) }
        }
        bench.call { .submit(submission, $0) }
        bench.advance(by: .seconds(1))
        #expect(bench.state(submission.id) == .failed)
        bench.call { .drain($0) }
        for _ in 0..<1100 {
            let id = bench.submit()
            bench.call { .cancel(id, discard: false, $0) }
        }
        bench.restart()
        #expect(bench.observer.seen.restored[submission.id] == nil, "not among the newest")
        #expect(try await bench.bodies.load(for: submission.id) == [1, 2, 3])
        bench.advance(by: .seconds(6 * 86_400))
        #expect(try await bench.bodies.load(for: submission.id) == [1, 2, 3])
        bench.advance(by: .seconds(86_400 + 7200))
        await #expect(throws: JobFault.self) { try await bench.bodies.load(for: submission.id) }
    }

    /// A clock that is wrong at the start does not make a body old.
    @Test func bodiesSurviveAStartWithAWrongClock() async throws {
        let bench = EngineBench.started()
        let submission = bench.submission(body: .stored(bytes: 3))
        try await bench.bodies.store([1, 2, 3], for: submission.id)
        bench.provider.change { script in
            script.submission = { _, _ in .rejected(JobFault(.providerRejected, "no")) }
        }
        bench.call { .submit(submission, $0) }
        bench.advance(by: .seconds(1))
        bench.kill()
        bench.wall.step(by: .seconds(400 * 86_400))
        bench.start()
        bench.advance(by: .seconds(600))
        #expect(try await bench.bodies.load(for: submission.id) == [1, 2, 3])
        // The time server has set it right.
        bench.wall.step(by: .seconds(-400 * 86_400))
        bench.advance(by: .seconds(7200))
        #expect(try await bench.bodies.load(for: submission.id) == [1, 2, 3])
        #expect(bench.journal.jobs[submission.id] != nil)
    }
}
