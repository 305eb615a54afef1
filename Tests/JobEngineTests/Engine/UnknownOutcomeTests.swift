import JobCore
import JobEngine
import TestSupport
import Testing

/// Submissions of which nobody knows whether they were taken (CONTRACT 5.2, 5.3), with engine, journal and provider.
@Suite struct UnknownOutcomeTests {
    /// 503 for ten minutes with a hundred queued jobs, and every answer lost: the queue is not emptied into `held`.
    @Test func outageOfTenMinutes() {
        let bench = EngineBench.started()
        bench.provider.change { script in
            script.submission = { _, now in now < .seconds(600) ? .requestLost : .accepted(RunPlan()) }
            script.status = { _, now in
                now < .seconds(600) ? .unavailable(JobFault(.providerError, "503")) : nil
            }
        }
        let ids = (0..<100).map { _ in bench.submit() }
        bench.advance(by: .seconds(600))
        #expect(bench.observer.seen.gate?.contains("submissions pause") == true)
        let isOver = bench.advance(upTo: .seconds(3600)) {
            bench.count(.completed) + bench.count(.held) == 100
        }
        #expect(isOver)
        #expect(bench.count(.held) <= 6, "\(bench.count(.held)) held")
        #expect(bench.provider.runs.count == bench.count(.completed))
        #expect(EngineBench.most(bench.submissions, within: .seconds(60)) <= 50)
        #expect(EngineBench.most(bench.looks, within: .seconds(60)) <= 20)
        // What is held was never taken, and goes on when a person says so.
        for id in ids where bench.state(id) == .held {
            bench.call { .retry(id, acceptCharge: true, stored: nil, $0) }
        }
        let isThrough = bench.advance(upTo: .seconds(600)) { bench.count(.completed) == 100 }
        #expect(isThrough && bench.provider.runs.count == 100)
    }

    /// Many at once, as after a crash: looked for within the limit of 20 a minute, found or held.
    @Test func manyUnconfirmedAfterACrash() {
        let bench = EngineBench.started()
        bench.provider.change { script in
            script.latency = { kind in
                if case .submit = kind { .seconds(100_000) } else { .milliseconds(100) }
            }
        }
        var ids: [JobID] = []
        // Four are on the wire at a time; each crash makes them unconfirmed, and half of them were taken.
        for round in 0..<10 {
            let dice = Dice(seed: UInt64(round))
            bench.provider.change { script in
                script.takesAbandoned = { dice.below(2) == 0 }
                script.submission = { _, _ in
                    .accepted(RunPlan(takes: .seconds(1000), hiddenFor: .seconds(5)))
                }
            }
            ids += (0..<4).map { _ in bench.submit() }
            bench.advance(by: .seconds(1))
            bench.kill()
            bench.clock.advance(by: .seconds(90))
            if round == 9 {
                bench.provider.change { script in
                    script.latency = { _ in .milliseconds(100) }
                }
            }
            bench.start()
        }
        bench.advance(by: .seconds(400))
        #expect(EngineBench.most(bench.looks, within: .seconds(60)) <= 20)
        bench.advance(by: .seconds(7200))
        let charged = Set(bench.provider.runs.compactMap(\.uuid))
        for id in ids {
            guard let job = bench.job(id), let attempt = job.attempts.first else {
                Issue.record("\(id) is gone")
                continue
            }
            #expect(job.attempts.count == 1)
            #expect(job.state.word == (charged.contains(attempt.uuid) ? .completed : .held), "\(job.state)")
        }
    }

    /// Shows up an hour later while held.
    @Test func lateRunWhileHeld() {
        let bench = EngineBench.started()
        bench.provider.change { script in
            script.submission = { _, _ in .answerLost(RunPlan(hiddenFor: .seconds(3600))) }
        }
        let id = bench.submit()
        bench.advance(by: .seconds(40))
        guard case .held(let reason) = bench.job(id)?.state else {
            Issue.record("not held: \(String(describing: bench.job(id)?.state))")
            return
        }
        #expect(reason.message.contains("videogenctl retry --accept-charge \(id)"))
        let pauses = zip(bench.looks.dropFirst(), bench.looks).map { $0 - $1 }.filter { $0 > .seconds(1) }
        #expect(pauses == pauses.sorted(), "\(pauses)")
        bench.restart()
        bench.advance(by: .seconds(3500))
        #expect(bench.state(id) == .held)
        let isThere = bench.advance(upTo: .seconds(7200)) { bench.state(id) == .completed }
        #expect(isThere)
        #expect(bench.submissions.count == 1 && bench.files == ["\(id).json", "\(id).mp4"])
    }

    /// Shows up an hour later, after a person had accepted a second charge: both videos, both costs.
    @Test func lateRunAfterARetry() {
        let bench = EngineBench.started()
        let dice = Dice(seed: 1)
        let isFirst = Pending<Bool>()
        bench.provider.change { script in
            script.submission = { _, _ in
                guard isFirst.value == nil else { return .accepted(RunPlan(takes: .seconds(5))) }
                isFirst.set(false)
                return .answerLost(
                    RunPlan(
                        ending: .done([SampleVideo.mp4(length: 900 + dice.below(9))]),
                        hiddenFor: .seconds(3600)
                    )
                )
            }
        }
        let id = bench.submit(fileName: "film")
        bench.advance(by: .seconds(60))
        let refused = bench.call { .retry(id, acceptCharge: false, stored: nil, $0) }
        #expect(refused.value?.fault?.kind == .jobState && refused.value?.fault?.charged == .unknown)
        bench.call { .retry(id, acceptCharge: true, stored: nil, $0) }
        bench.advance(by: .seconds(60))
        #expect(bench.state(id) == .completed && bench.files == ["film.json", "film.mp4"])
        bench.restart()
        let isThere = bench.advance(upTo: .seconds(3 * 3600)) { bench.files.count == 4 }
        #expect(isThere && bench.files == ["film-a1.json", "film-a1.mp4", "film.json", "film.mp4"])
        bench.advance(by: .seconds(1))
        let job = bench.job(id)
        #expect(job?.isSettled == true && job?.outputs.count == 2)
        #expect(job?.cost?.charged.micros == 700_000)
        #expect(bench.provider.runs.count == 2)
        #expect(bench.publisher.stagedKeys.isEmpty)
    }

    /// Slow is not failed: a run of three days is parked after one, and published when it comes.
    @Test func runOfThreeDays() {
        let bench = EngineBench.started()
        bench.provider.change { script in
            script.submission = { _, _ in .accepted(RunPlan(takes: .seconds(3 * 86_400))) }
        }
        let id = bench.submit()
        bench.advance(by: .seconds(86_400 + 60))
        #expect(bench.state(id) == .held)
        bench.provider.forgetCalls()
        bench.restart()
        bench.advance(by: .seconds(86_400))
        #expect(bench.provider.calls.count <= 26, "\(bench.provider.calls.count) calls in a day")
        bench.advance(by: .seconds(86_400 + 3700))
        #expect(bench.state(id) == .completed)
        #expect(bench.provider.runs.count == 1)
    }

    /// The links of a finished run expire again and again, and the downloads break off: it arrives all the same.
    @Test func downloadThatBreaksOffAndExpires() {
        let bench = EngineBench.started()
        let video = SampleVideo.mp4(length: 10_000)
        bench.provider.change { script in
            script.submission = { _, _ in .accepted(RunPlan(ending: .done([video]))) }
            script.download = { _, _ in .breaksOff(after: 900) }
            script.urlLifetime = .seconds(5)
        }
        let id = bench.submit()
        let isThere = bench.advance(upTo: .seconds(3600)) { bench.state(id) == .completed }
        #expect(isThere)
        #expect(bench.publisher.published.last?.bytes == video)
        #expect(bench.provider.runs.count == 1)
    }

    /// The output directory takes nothing although it looks well (a quota): nothing more is paid, nothing is lost.
    @Test func diskThatTakesNothing() {
        let bench = EngineBench.started()
        let first = bench.submit()
        bench.publisher.setQuotaFault(JobFault(.outputNoSpace, "disk quota exceeded"))
        bench.advance(by: .seconds(60))
        let others = (0..<10).map { _ in bench.submit() }
        bench.advance(by: .seconds(1800))
        #expect(bench.provider.runs.count == 1, "paid for what cannot be stored")
        #expect(bench.observer.seen.gate?.contains("quota") == true)
        #expect(bench.state(first) == .downloading)
        bench.publisher.setQuotaFault(nil)
        bench.advance(by: .seconds(300))
        #expect((others + [first]).allSatisfy { bench.state($0) == .completed })
    }

    /// A discard while its video is fetched leaves nothing in the staging directory.
    @Test func discardWhileFetching() {
        let bench = EngineBench.started()
        bench.provider.change { script in
            script.latency = { kind in
                if case .download = kind { .seconds(600) } else { .milliseconds(100) }
            }
        }
        let id = bench.submit()
        let isFetching = bench.advance(upTo: .seconds(60)) { bench.state(id) == .downloading }
        #expect(isFetching)
        bench.call { .cancel(id, discard: true, $0) }
        bench.advance(by: .seconds(1))
        #expect(bench.state(id) == .canceled)
        #expect(bench.publisher.stagedKeys.isEmpty && bench.files.isEmpty)
        bench.call { .retry(id, acceptCharge: false, stored: nil, $0) }
        bench.advance(by: .seconds(1300))
        #expect(bench.state(id) == .completed && bench.provider.runs.count == 1)
    }
}
