import Testing

@testable import JobCore

/// The money rules of CONTRACT section 5, one by one.
@Suite struct MoneyRuleTests {
    private static func fault(_ kind: JobFault.Kind = .providerError) -> JobFault {
        MachineBench.fault(kind)
    }

    // MARK: 5.1, 5.2

    @Test func intentIsDurableBeforeTheRequest() throws {
        var bench = MachineBench()
        let id = bench.submit()
        let post = try #require(bench.posts.first)
        #expect(bench.disk.jobs[id]?.attempts.first?.uuid == post.uuid)
        #expect(bench.disk.jobs[id]?.attempts.first?.phase == .sending)
        #expect(bench.disk.sent.count == 1)
        let isDurable = bench.last.map { action in
            switch action {
            case .persist, .recordSent: true
            default: false
            }
        }
        let firstEffect = try #require(isDurable.firstIndex(of: false))
        #expect(!isDurable[firstEffect...].contains(true))
    }

    /// The currency that the submission named and whether it came with a cost, the one that the status named, and the
    /// one that counts (C9).
    static let currencies: [(String?, Bool, String?, String)] = [
        ("USD", true, "XNO", "XNO"), ("XNO", false, nil, "XNO"), ("XNO", true, nil, "XNO"),
        ("XNO", false, "USD", "USD"), (nil, false, "XNO", "XNO"), (nil, true, nil, "USD"),
        (nil, false, nil, "USD"),
    ]

    @Test(arguments: currencies)
    func finalCostIsInTheCurrencyThatWasNamed(
        submission: String?,
        hasCost: Bool,
        status: String?,
        expected: String
    ) {
        for restarts in [false, true] {
            var bench = MachineBench()
            let id = bench.submit()
            let charge = Cost(charged: Money(micros: 1_000_000, currency: submission ?? "USD"), final: false)
            let run = AcceptedRun(runID: "r", cost: hasCost ? charge : nil, currency: submission)
            bench.answerPost(.accepted(run))
            if restarts { bench.restart() }
            let final = Cost(charged: Money(micros: 1_250_000, currency: status ?? "USD"), final: true)
            let report = RunReport(.done(urls: ["https://cdn/1"]), cost: final, currency: status)
            bench.send(.polled(AttemptKey(job: id, index: 0), .report(report)))
            let booked = Cost(charged: Money(micros: 1_250_000, currency: expected), final: true)
            #expect(bench.disk.jobs[id]?.cost == booked)
        }
    }

    @Test func idOfTheRequestIsKept() {
        var bench = MachineBench()
        let id = bench.submit()
        bench.answerPost(.accepted(AcceptedRun(runID: "r", requestID: "req-7")))
        #expect(bench.disk.jobs[id]?.attempts.map(\.requestID) == ["req-7"])
        // The notice that tells of the run tells of it too.
        #expect(bench.notices.first { $0.job.runID == "r" }?.job.currentAttempt?.requestID == "req-7")
    }

    @Test func atMostFourRequestsAreOnTheWire() {
        var bench = MachineBench()
        for _ in 0..<10 { bench.submit() }
        #expect(bench.posts.count == 4)
        bench.answerPost(MachineBench.accepted("r"))
        #expect(bench.posts.count == 4)
        #expect(bench.postTimes.count == 5)
    }

    @Test func oneAtATimeWhileUnconfirmed() {
        var bench = MachineBench()
        for _ in 0..<10 { bench.submit() }
        bench.answerPost(MachineBench.unknown)
        #expect(bench.posts.count == 3, "nothing new beside those that were on the wire")
        for run in 0..<2 { bench.answerPost(MachineBench.accepted("r\(run)")) }
        #expect(bench.posts.count == 1)
        bench.answerPost(MachineBench.accepted("r3"))
        #expect(bench.posts.count == 1)
    }

    @Test func twoWithoutAnswerPauseUntilAQuestionIsAnswered() {
        var bench = MachineBench()
        for _ in 0..<6 { bench.submit() }
        let first = bench.posts
        for run in 0..<2 { bench.answerPost(MachineBench.accepted("r\(run)"), of: first[run + 2].key.job) }
        // Two more went out; four are on the wire, and two of them end without an answer.
        for _ in 0..<2 { bench.answerPost(MachineBench.unknown) }
        #expect(bench.gateReason?.contains("submissions pause") == true)
        for _ in 0..<2 { bench.answerPost(MachineBench.accepted("late")) }
        bench.answerPolls(.unavailable(Self.fault()))
        for _ in 0..<2 { bench.submit() }
        #expect(bench.gateReason == nil, "an answered submission ends the pause")
    }

    @Test func pauseEndsWithASingleJobAndGrows() {
        var bench = MachineBench()
        for _ in 0..<2 { bench.submit() }
        for _ in 0..<2 { bench.answerPost(MachineBench.unknown) }
        for _ in 0..<5 { bench.submit() }
        #expect(bench.posts.isEmpty)
        var pauses: [Duration] = []
        for _ in 0..<3 {
            let paused = bench.now.uptime
            for _ in 0..<3000 where bench.posts.isEmpty {
                bench.advance(.seconds(1))
                bench.answerLooks(.runs([]))
            }
            #expect(bench.posts.count == 1, "a single job tries")
            pauses.append(bench.now.uptime - paused)
            bench.answerPost(MachineBench.unknown)
        }
        #expect(pauses[0] >= .seconds(15))
        #expect(pauses[1] > pauses[0] && pauses[2] > pauses[1], "\(pauses)")
    }

    @Test func noAnswerNoSubmission() {
        var bench = MachineBench()
        for _ in 0..<4 { bench.submit() }
        for _ in 0..<4 { bench.answerPost(MachineBench.unknown) }
        bench.submit()
        for _ in 0..<600 {
            bench.advance(.seconds(1))
            bench.answerLooks(.unavailable(Self.fault()))
        }
        #expect(bench.posts.isEmpty, "sent although nothing has been answered")
        #expect(bench.machine.counts[.unconfirmed] == 4, "looks that fail do not count")
    }

    /// Looks that bring nothing must not hold up submissions for ever: other questions are answered.
    @Test func brokenListDoesNotHoldUpSubmissionsForEver() {
        var bench = MachineBench()
        bench.submit()
        bench.answerPost(MachineBench.accepted("r"))
        for _ in 0..<2 { bench.submit() }
        for _ in 0..<2 { bench.answerPost(MachineBench.unknown) }
        bench.submit()
        for _ in 0..<60 where bench.posts.isEmpty {
            bench.advance(.seconds(1))
            bench.answerLooks(.unavailable(Self.fault()))
            bench.answerPolls(.report(RunReport(.running)))
        }
        #expect(bench.posts.count == 1)
        #expect(bench.machine.counts[.unconfirmed] == 2)
    }

    /// The provider took what its answer got lost of: there is no outage.
    @Test func foundRunEndsThePause() {
        var bench = MachineBench()
        for _ in 0..<2 { bench.submit() }
        let uuids = (0..<2).compactMap { _ in bench.answerPost(MachineBench.unknown)?.uuid }
        bench.submit()
        #expect(bench.posts.isEmpty && bench.gateReason != nil)
        let looked = bench.advance(upTo: .seconds(14)) { !$0.looks.isEmpty }
        #expect(looked)
        bench.answerLooks(
            .runs(uuids.enumerated().map { RecentRun(runID: "r\($0)", conversationUUID: $1) })
        )
        #expect(bench.posts.count == 1 && bench.gateReason == nil)
    }

    /// The list of all is answered, the list of one never: a full look takes place all the same, with growing pauses.
    @Test func listOfOneThatNeverWorksHoldsNoJobForEver() {
        var bench = MachineBench()
        let id = bench.submit()
        bench.answerPost(MachineBench.unknown)
        var random = SplitMix64(seed: 99)
        var looks = 0
        for _ in 0..<1200 where bench.state(id) == .unconfirmed {
            bench.advance(.milliseconds(500))
            while !bench.looks.isEmpty {
                let look = bench.looks.removeFirst()
                looks += 1
                let outcome: LookOutcome =
                    look.request == .all
                    ? .runs([RecentRun(runID: "other", conversationUUID: AttemptUUID(using: &random))])
                    : .unavailable(Self.fault())
                bench.send(.looked(look.request, outcome))
            }
        }
        #expect(bench.state(id) == .held)
        #expect(looks < 30, "\(looks) looks")
    }

    /// What is written down is when a submission was intended; the provider counted it later.
    @Test func restoredWindowLeavesTimeForTheWay() {
        var policy = JobPolicy(origin: MachineBench.origin)
        policy.submitPerMinute = 4
        var bench = MachineBench(policy: policy)
        for _ in 0..<4 { bench.submit() }
        for number in 0..<4 { bench.answerPost(MachineBench.accepted("r\(number)")) }
        bench.restart(after: .seconds(10))
        bench.answerPolls(.report(RunReport(.running)))
        bench.submit()
        let sent = bench.advance(upTo: .seconds(120)) { !$0.posts.isEmpty }
        #expect(sent)
        #expect(bench.postTimes[4] - bench.postTimes[0] >= .seconds(64))
        #expect(bench.postTimes[4] - bench.postTimes[0] < .seconds(70))
    }

    /// Twenty extensions a minute, whatever else may be sent (FACTS E5); others overtake them.
    @Test func extensionsHaveALimitOfTheirOwn() {
        var policy = JobPolicy(origin: MachineBench.origin)
        policy.submitPerMinute = 1000
        policy.maximumActive = 1000
        var bench = MachineBench(policy: policy)
        var extensions: Set<JobID> = []
        for _ in 0..<30 {
            var submission = bench.submission()
            submission.request.operation = .extend
            extensions.insert(submission.id)
            bench.send(.submit(submission, bench.token()))
        }
        let other = bench.submit()
        var times: [Duration] = []
        var sentOther: Duration?
        let start = bench.now.uptime
        for _ in 0..<1400 where times.count < 30 {
            while let post = bench.takePost() {
                if extensions.contains(post.key.job) { times.append(bench.now.uptime) }
                if post.key.job == other { sentOther = bench.now.uptime }
                bench.send(.submitted(post.key, MachineBench.accepted("r\(post.key.job)")))
            }
            bench.advance(.milliseconds(100))
        }
        #expect(times.count == 30, "all in the end")
        #expect(times.count { $0 - start < .seconds(60) } == 20)
        #expect(sentOther.map { $0 - start < .seconds(10) } == true, "held up by the extensions")
    }

    // MARK: The list of runs

    /// After a journal that was set aside or put back, submissions wait until the provider's list was answered once.
    @Test func resumeAsksForTheListFirst() {
        var bench = MachineBench()
        bench.restart(drainReason: "the journal was damaged")
        bench.submit()
        func resume() -> ReplyToken {
            let token = bench.token()
            bench.send(.resume(token))
            return token
        }
        let first = resume()
        #expect(bench.replies[first.value] == nil && bench.looks.count == 1)
        bench.answerLooks(.unavailable(Self.fault()))
        #expect(bench.replies[first.value]?.faultKind == .providerError)
        #expect(
            bench.posts.isEmpty && bench.disk.drained == false
                && bench.gateReason?.contains("damaged") == true
        )
        // Stopped by hand in between, the reason is still there.
        bench.send(.drain(bench.token()))
        let second = resume()
        #expect(bench.replies[second.value] == nil && bench.posts.isEmpty)
        bench.answerLooks(.runs([]))
        #expect(bench.replies[second.value]?.isSuccess == true)
        #expect(bench.posts.count == 1)
        // From then on it is a stop like any other.
        bench.send(.drain(bench.token()))
        #expect(bench.call { .resume($0) }?.isSuccess == true)
    }

    @Test func questionForTheListCostsNothing() {
        var bench = MachineBench()
        let token = bench.token()
        bench.send(.listRuns(limit: 10, token))
        bench.answerLooks(.unavailable(JobFault(.providerError, "no", charged: .unknown)))
        guard case .failure(let fault) = bench.replies[token.value] else {
            Issue.record("answered")
            return
        }
        #expect(fault.charged == .no)
    }

    // MARK: Client keys

    @Test func keyIsLookedUpWithoutHandingIn() {
        var bench = MachineBench()
        let id = bench.submit(key: "k")
        func look(_ key: String, _ fingerprint: String) -> Result<JobReply, JobFault>? {
            let submission = bench.submission(key: key, fingerprint: fingerprint)
            return bench.call { .lookUpKey(submission, $0) }
        }
        guard case .success(.submitted(let job, duplicate: true)) = look("k", "f") else {
            Issue.record("not found")
            return
        }
        #expect(job.id == id)
        #expect(look("k", "other")?.faultKind == .jobKeyConflict)
        guard case .success(.done) = look("l", "f") else {
            Issue.record("found")
            return
        }
        #expect(bench.machine.jobs.count == 1)
    }

    // MARK: Outages

    /// 503 for ten minutes with a hundred jobs: at most six are held, the others complete.
    @Test func outageDoesNotEmptyTheQueue() {
        var bench = MachineBench()
        for _ in 0..<100 { bench.submit() }
        let end = bench.now.uptime + .seconds(600)
        var runs = 0
        for _ in 0..<40_000 where bench.machine.counts[.completed, default: 0] < 94 {
            let isBack = bench.now.uptime >= end
            while let post = bench.takePost() {
                runs += isBack ? 1 : 0
                bench.send(
                    .submitted(post.key, isBack ? MachineBench.accepted("r\(runs)") : MachineBench.unknown)
                )
            }
            bench.answerLooks(.runs([]))
            bench.answerPolls(.report(RunReport(.done(urls: ["https://cdn/1"]))))
            bench.answerFetches(.staged(MachineBench.video))
            bench.answerPublications()
            bench.advance(.milliseconds(500))
        }
        #expect(bench.machine.counts[.held, default: 0] <= 6)
        #expect(bench.machine.counts[.completed, default: 0] >= 94)
        #expect(bench.machine.counts[.queued, default: 0] == 0)
    }

    @Test func unknownIsNeverSentAgain() {
        var bench = MachineBench()
        let id = bench.submit()
        bench.answerPost(MachineBench.unknown)
        for _ in 0..<30 {
            bench.advance(.seconds(3600))
            bench.answerLooks(.runs([]))
            bench.answerLooks(.runs([]))
            bench.restart()
        }
        #expect(bench.postTimes.count == 1)
        #expect(bench.holdKind(id) == .unconfirmed)
    }

    @Test func submissionsPerMinuteAreLimitedAlsoOverARestart() {
        var bench = MachineBench()
        bench.policy.submitPerMinute = 5
        bench.restart()
        for _ in 0..<12 { bench.submit() }
        func answerAll(_ bench: inout MachineBench) {
            while let post = bench.takePost() {
                bench.send(.submitted(post.key, MachineBench.accepted("r\(post.uuid)")))
            }
        }
        answerAll(&bench)
        #expect(bench.postTimes.count == 5)
        bench.restart()
        bench.answerPolls(.report(RunReport(.running)))
        bench.advance(.seconds(50))
        answerAll(&bench)
        #expect(bench.postTimes.count == 5, "the window is restored")
        for _ in 0..<20 {
            bench.answerPolls(.report(RunReport(.running)))
            bench.advance(.seconds(1))
            answerAll(&bench)
        }
        #expect(bench.postTimes.count == 10)
    }

    // MARK: 5.3

    @Test(arguments: [0, 1, 2])
    func runThatIsFoundIsAdopted(_ absences: Int) {
        var bench = MachineBench()
        let id = bench.submit()
        let uuid = bench.answerPost(MachineBench.unknown)?.uuid
        for _ in 0..<300 where (bench.disk.jobs[id]?.absences ?? 9) < absences {
            bench.advance(.milliseconds(100))
            bench.answerLooks(.runs([]))
        }
        let strangers = [
            RecentRun(runID: "other", model: "kling", conversationUUID: AttemptUUID("other")),
            RecentRun(runID: "nameless", model: "kling", createdAt: bench.now.wall),
        ]
        for _ in 0..<300 where bench.looks.isEmpty { bench.advance(.milliseconds(100)) }
        guard let look = bench.looks.popLast() else { return #expect(Bool(false), "nobody looks") }
        bench.send(
            .looked(look.request, .runs(strangers + [RecentRun(runID: "ours", conversationUUID: uuid)]))
        )
        #expect(bench.state(id) == .inQueue)
        #expect(bench.machine.jobs[id]?.runID == "ours")
    }

    @Test func heldNamesTheCandidates() throws {
        var bench = MachineBench()
        let id = bench.submit()
        bench.answerPost(MachineBench.unknown)
        let nameless = RecentRun(runID: "nameless", model: "kling", createdAt: bench.now.wall)
        for _ in 0..<600 where bench.state(id) == .unconfirmed {
            bench.advance(.milliseconds(100))
            bench.answerLooks(.runs([nameless]))
        }
        guard case .held(let reason) = bench.machine.jobs[id]?.state else {
            return #expect(Bool(false), "not held")
        }
        #expect(reason.message.contains("nameless") && reason.message.contains("--accept-charge"))
    }

    @Test func heldOnlyAfterThreeLooksWithinConfirmFor() {
        var bench = MachineBench()
        let id = bench.submit()
        let start = bench.now.uptime
        bench.answerPost(MachineBench.unknown)
        var times: [Duration] = []
        for _ in 0..<600 where bench.state(id) == .unconfirmed {
            bench.advance(.milliseconds(100))
            let isGeneral = bench.looks.contains { $0.request == .all }
            bench.answerLooks(.runs([]))
            if isGeneral { times.append(bench.now.uptime - start) }
        }
        #expect(times.count >= 3)
        #expect(bench.now.uptime - start <= bench.policy.confirmFor + .seconds(1))
        let pauses = zip(times.dropFirst(), times).map { $0 - $1 }
        #expect(pauses == pauses.sorted(), "\(pauses)")
    }

    @Test func lateRunIsAdoptedWhileHeld() {
        var bench = MachineBench()
        let id = bench.submit()
        let uuid = bench.answerPost(MachineBench.unknown)?.uuid
        bench.lookInVain(for: id)
        #expect(bench.holdKind(id) == .unconfirmed)
        bench.restart()
        for _ in 0..<100 where bench.looks.isEmpty { bench.advance(.seconds(60)) }
        bench.answerLooks(.runs([RecentRun(runID: "late", conversationUUID: uuid)]))
        #expect(bench.state(id) == .inQueue)
    }

    @Test func retryOfAMaybePaidJobNeedsConsentAndPublishesBoth() {
        var bench = MachineBench()
        let id = bench.submit(fileName: "film")
        let uuid = bench.answerPost(MachineBench.unknown)?.uuid
        bench.lookInVain(for: id)
        #expect(bench.retry(id)?.faultKind == .jobState)
        #expect(bench.retry(id, acceptCharge: true)?.isSuccess == true)
        bench.answerPost(MachineBench.accepted("second"))
        #expect(bench.posts.isEmpty)
        #expect(bench.machine.jobs[id]?.attemptCount == 2)
        // The first one turns up after all.
        for _ in 0..<100 where bench.looks.isEmpty { bench.advance(.seconds(60)) }
        bench.answerLooks(
            .runs([
                RecentRun(
                    runID: "first",
                    conversationUUID: uuid
                )
            ])
        )
        var names: [String] = []
        for _ in 0..<100 where bench.machine.jobs[id]?.isSettled != true {
            bench.advance(.seconds(10))
            bench.answerPolls(.report(RunReport(.done(urls: ["https://cdn/1"]))))
            bench.answerFetches(.staged(MachineBench.video))
            names += bench.publications.map(\.name)
            bench.answerPublications()
        }
        #expect(Set(names) == ["film", "film-a1"])
        #expect(bench.state(id) == .completed)
        #expect(bench.machine.jobs[id]?.outputs.count == 2)
    }

    @Test func abandonedAfterADay() {
        var bench = MachineBench()
        let id = bench.submit()
        bench.answerPost(MachineBench.unknown)
        for _ in 0..<3000 where bench.phase(id) != .abandoned {
            bench.advance(.seconds(60))
            while !bench.looks.isEmpty { bench.answerLooks(.runs([])) }
        }
        #expect(bench.phase(id) == .abandoned)
        let looked = bench.now.uptime - .seconds(1000)
        #expect(looked > .seconds(80_000) && looked < .seconds(110_000), "\(looked)")
        #expect(bench.state(id) == .held)
    }
}

extension Job {
    /// How many looks did not show the newest attempt.
    var absences: Int {
        if case .unconfirmed(let lookUp) = attempts.last?.phase { lookUp.absences } else { 9 }
    }
}
