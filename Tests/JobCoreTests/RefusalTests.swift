import Testing

@testable import JobCore

/// What holds up all jobs, and what lets them go on (CONTRACT 5.5, 5.6).
@Suite struct RefusalTests {
    private static func fault(_ kind: JobFault.Kind = .providerError) -> JobFault {
        MachineBench.fault(kind)
    }

    // MARK: 5.5

    @Test func rateLimitHoldsTheWholeQueue() {
        var bench = MachineBench()
        for _ in 0..<3 { bench.submit() }
        while bench.posts.count > 1 { bench.answerPost(MachineBench.accepted("r\(bench.posts.count)")) }
        bench.answerPost(.refused(.rateLimited(Self.fault(), retryAfter: .seconds(40))))
        let sent = bench.postTimes.count
        bench.submit()
        bench.advance(.seconds(39))
        #expect(bench.postTimes.count == sent)
        #expect(bench.gateReason?.contains("wait until") == true)
        bench.advance(.seconds(2))
        #expect(bench.postTimes.count > sent)
    }

    /// A request that was on the wire before the 429 says nothing about it.
    @Test func acceptanceDoesNotEndTheWait() {
        var bench = MachineBench()
        for _ in 0..<3 { bench.submit() }
        bench.answerPost(.refused(.rateLimited(Self.fault(), retryAfter: .seconds(40))))
        for run in 0..<2 { bench.answerPost(MachineBench.accepted("r\(run)")) }
        bench.advance(.seconds(39))
        #expect(bench.postTimes.count == 3)
    }

    @Test func rateLimitWithoutATimeWaitsLongerEachTime() {
        var bench = MachineBench()
        bench.submit()
        for _ in 0..<4 {
            bench.answerPost(.refused(.rateLimited(Self.fault(), retryAfter: nil)))
            _ = bench.advance(upTo: .seconds(400)) { !$0.posts.isEmpty }
        }
        let pauses = zip(bench.postTimes.dropFirst(), bench.postTimes).map { $0 - $1 }
        #expect(pauses == [.seconds(5), .seconds(10), .seconds(20), .seconds(40)])
    }

    /// `Retry-After: 0`, or a date that has passed, must not become a loop of submissions.
    @Test func aWaitOfNothingIsNoWait() {
        var bench = MachineBench()
        bench.submit()
        for _ in 0..<3 {
            bench.answerPost(.refused(.rateLimited(Self.fault(), retryAfter: .zero)))
            _ = bench.advance(upTo: .seconds(400)) { !$0.posts.isEmpty }
        }
        let pauses = zip(bench.postTimes.dropFirst(), bench.postTimes).map { $0 - $1 }
        #expect(pauses == [.seconds(5), .seconds(10), .seconds(20)])
    }

    @Test func missingMoneyWaitsForMoreMoney() {
        var bench = MachineBench()
        bench.policy.maximumActive = 1
        bench.restart()
        let poor = bench.submit()
        let next = bench.submit()
        bench.answerPost(.refused(.balance(Self.fault(.balanceInsufficient))))
        #expect(bench.posts.isEmpty)
        bench.answerBalance(MachineBench.usd(100))
        bench.advance(.seconds(6))
        bench.answerBalance(MachineBench.usd(100))
        bench.advance(.seconds(11))
        #expect(bench.posts.isEmpty, "the balance is the same as at the refusal")
        bench.answerBalance(MachineBench.usd(101))
        #expect(bench.posts.map(\.key.job) == [next], "the refused job waits behind the others")
        bench.answerPost(.rejected(Self.fault()))
        #expect(bench.posts.map(\.key.job) == [poor])
    }

    @Test func reloadAndResumeLookAtTheBalance() {
        var bench = MachineBench()
        bench.submit()
        bench.answerPost(.refused(.balance(Self.fault(.balanceInsufficient))))
        bench.answerBalance(MachineBench.usd(1))
        bench.send(.reconfigured(bench.policy, credential: false))
        #expect(bench.balanceChecks == 1)
        bench.answerBalance(MachineBench.usd(1))
        bench.send(.resume(bench.token()))
        #expect(bench.balanceChecks == 1)
        bench.answerBalance(MachineBench.usd(2))
        #expect(bench.posts.count == 1)
    }

    @Test func refusedKeyStopsAllUntilItWorks() {
        var bench = MachineBench()
        let id = bench.submit()
        bench.answerPost(.refused(.unauthorized(Self.fault(.providerUnauthorized))))
        #expect(bench.state(id) == .queued)
        #expect(bench.gateReason?.contains("API key") == true)
        bench.advance(.seconds(6))
        #expect(bench.balanceChecks == 1)
        bench.answerBalance(.unauthorized(Self.fault()))
        bench.advance(.seconds(3600))
        #expect(bench.posts.isEmpty)
        bench.answerBalance(MachineBench.usd(1))
        #expect(bench.posts.count == 1)
    }

    @Test func unreachableIsTriedOneAtATimeWithGrowingPauses() {
        var bench = MachineBench()
        for _ in 0..<3 { bench.submit() }
        for _ in 0..<3 { bench.answerPost(.refused(.unreachable(Self.fault()))) }
        let before = bench.postTimes.count
        for _ in 0..<5 {
            _ = bench.advance(upTo: .seconds(100)) { !$0.posts.isEmpty }
            #expect(bench.posts.count == 1)
            bench.answerPost(.refused(.unreachable(Self.fault())))
        }
        let times = bench.postTimes[before...]
        let pauses = zip(times.dropFirst(), times).map { $0 - $1 }
        #expect(pauses == pauses.sorted() && pauses.last ?? .zero <= .seconds(60))
        _ = bench.advance(upTo: .seconds(100)) { !$0.posts.isEmpty }
        bench.answerPost(MachineBench.accepted("r"))
        #expect(bench.posts.count == 2, "all go on at once")
    }

    @Test func drainLastsOverRestarts() {
        var bench = MachineBench()
        bench.send(.drain(bench.token()))
        bench.submit()
        bench.restart()
        bench.advance(.seconds(100))
        #expect(bench.posts.isEmpty && bench.machine.isDrained)
        bench.send(.resume(bench.token()))
        #expect(bench.posts.count == 1)
        bench.restart()
        #expect(!bench.machine.isDrained)
    }

    // MARK: 5.6

    @Test func clientKeyNamesOneJob() {
        var bench = MachineBench()
        let first = bench.submit(key: "k")
        bench.restart()
        let second = bench.submit(key: "k")
        #expect(bench.machine.jobs[second] == nil)
        #expect(bench.removedBodies == [second])
        let token = bench.token()
        bench.send(.submit(bench.submission(key: "k"), token))
        guard case .success(.submitted(let job, duplicate: true)) = bench.replies[token.value] else {
            return #expect(Bool(false), "no duplicate")
        }
        #expect(job.id == first)
        let conflict = bench.token()
        bench.send(.submit(bench.submission(key: "k", fingerprint: "other"), conflict))
        #expect(bench.replies[conflict.value]?.faultKind == .jobKeyConflict)
        let stranger = bench.submit(owner: 1001, key: "k", fingerprint: "other")
        #expect(bench.machine.jobs[stranger] != nil)
    }
}
