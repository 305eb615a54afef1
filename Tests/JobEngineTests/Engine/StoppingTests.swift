import JobCore
import JobEngine
import TestSupport
import Testing

/// Stopping (CONTRACT section 7): nothing new, what is on the wire is awaited, and no longer than it may take.
@Suite struct StoppingTests {
    private static func slow(_ bench: EngineBench, submissions: Duration) {
        bench.provider.change { script in
            script.latency = { kind in
                if case .submit = kind { submissions } else { .milliseconds(100) }
            }
        }
    }

    @Test func submissionOnTheWireIsAwaited() {
        let bench = EngineBench.started()
        Self.slow(bench, submissions: .seconds(10))
        let ids = (0..<6).map { _ in bench.submit() }
        bench.advance(by: .seconds(1))
        bench.stop()
        bench.advance(by: .seconds(8))
        #expect(!bench.hasEnded)
        bench.advance(by: .seconds(2))
        #expect(bench.hasEnded)
        #expect(bench.provider.runs.count == 4, "four were on the wire")
        let states = ids.compactMap { bench.journal.jobs[$0]?.state.word }
        #expect(states.filter { $0 == .inQueue }.count == 4)
        #expect(states.filter { $0 == .queued }.count == 2)
        bench.kill()
        bench.start()
        bench.advance(by: .seconds(120))
        #expect(ids.allSatisfy { bench.state($0) == .completed })
        #expect(bench.provider.runs.count == 6)
    }

    @Test func longerThanTheDeadlineIsFoundAtTheNextStart() {
        let bench = EngineBench.started()
        Self.slow(bench, submissions: .seconds(200))
        let id = bench.submit()
        bench.advance(by: .seconds(1))
        bench.stop()
        bench.advance(by: .milliseconds(29_900))
        #expect(!bench.hasEnded)
        bench.advance(by: .milliseconds(200))
        #expect(bench.hasEnded, "the deadline of the stop has passed")
        bench.kill()
        Self.slow(bench, submissions: .milliseconds(100))
        bench.start()
        bench.advance(by: .seconds(120))
        #expect(bench.state(id) == .completed)
        #expect(bench.provider.runs.count == 1, "paid once")
    }

    /// Questions about runs follow each other without end: a stop begins none.
    @Test func pollsDoNotHoldUpTheStop() {
        let bench = EngineBench.started()
        bench.provider.change { script in
            script.submission = { _, _ in .accepted(RunPlan(takes: .seconds(4000))) }
        }
        for _ in 0..<40 { bench.submit() }
        bench.advance(by: .seconds(60))
        bench.provider.change { script in
            script.latency = { _ in .seconds(5) }
        }
        bench.advance(by: .seconds(20))
        let begin = bench.clock.now
        bench.stop()
        _ = bench.advance(upTo: .seconds(40)) { bench.hasEnded }
        #expect(bench.hasEnded)
        #expect(
            begin.duration(to: bench.clock.now) <= .seconds(5),
            "the stop took \(begin.duration(to: bench.clock.now))"
        )
    }

    @Test func downloadStopsWhereItCanGoOn() {
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
        bench.stop()
        #expect(bench.hasEnded, "a download is no reason to wait")
        #expect(bench.publisher.stagedKeys.count == 1)
        bench.kill()
        bench.start()
        bench.advance(by: .seconds(700))
        #expect(bench.state(id) == .completed && bench.provider.runs.count == 1)
    }

    /// A stop with a journal that takes nothing: no effect of what is not durable, and an end all the same.
    @Test func journalThatTakesNothing() {
        let bench = EngineBench.started()
        bench.journal.failNextCommits(1000, with: JobFault(.stateUnavailable, "the disk is full"))
        let submission = bench.submission()
        let reply = bench.call { .submit(submission, $0) }
        bench.stop()
        bench.advance(by: .seconds(31))
        #expect(bench.hasEnded)
        #expect(bench.provider.calls.isEmpty)
        #expect(reply.value?.fault?.kind == .daemonDraining)
        #expect(bench.journal.jobs.isEmpty, "the client was told that nothing was accepted")
    }

    /// The commit outlasts the deadline, and lands: who is told that nothing was accepted would buy it twice.
    @Test func commitThatLandsAtTheVeryEndIsAnswered() {
        let bench = EngineBench.started()
        bench.journal.holdCommits()
        let submission = bench.submission()
        let reply = bench.call { .submit(submission, $0) }
        bench.stop()
        bench.advance(by: .seconds(31))
        bench.journal.releaseCommits()
        bench.executor.runUntilQuiet()
        #expect(bench.hasEnded)
        #expect(bench.journal.jobs[submission.id] != nil)
        #expect(reply.value?.isSuccess == true, "\(String(describing: reply.value))")
        #expect(bench.provider.calls.isEmpty, "sent after the deadline")
    }

    @Test func callsAfterTheEndReturn() {
        let bench = EngineBench.started()
        bench.stop()
        #expect(bench.hasEnded)
        let reply = bench.call { .drain($0) }
        #expect(reply.value?.fault?.kind == .daemonDraining)
        let pong = Pending<Bool>()
        if let engine = bench.engine {
            bench.executor.start {
                await engine.ping()
                pong.set(true)
            }
        }
        bench.executor.runUntilQuiet()
        #expect(pong.value == true, "a watchdog would wait for ever")
    }

    /// SIGTERM with a hundred jobs in every state: nothing is sent again at the start that follows.
    @Test func hundredJobsInEveryState() {
        let bench = EngineBench.started()
        let dice = Dice(seed: 5)
        bench.provider.change { script in
            script.submission = { _, _ in
                let plan = RunPlan(takes: .seconds(dice.below(400)))
                return dice.below(10) == 0 ? .answerLost(plan) : .accepted(plan)
            }
            script.latency = { _ in .milliseconds(50 + dice.below(3000)) }
        }
        let ids = (0..<100).map { _ in bench.submit() }
        bench.advance(by: .seconds(100))
        let before = bench.clock.now
        bench.stop()
        _ = bench.advance(upTo: .seconds(40)) { bench.hasEnded }
        #expect(bench.hasEnded && before.duration(to: bench.clock.now) <= .seconds(35))
        bench.kill()
        bench.start()
        bench.advance(by: .seconds(3600))
        #expect(bench.provider.runs.count == 100)
        #expect(ids.allSatisfy { bench.state($0) == .completed })
        let uuids = bench.provider.runs.compactMap(\.uuid)
        #expect(Set(uuids).count == 100)
    }
}
