import Testing

@testable import JobCore

/// Ways in which money or a paid video once could get lost, found by reading.
@Suite struct LostMoneyTests {
    private static func fault(_ kind: JobFault.Kind = .providerError, _ message: String = "no") -> JobFault {
        MachineBench.fault(kind, message)
    }

    private static let done = StatusOutcome.report(RunReport(.done(urls: ["https://cdn/1"])))

    /// A job whose run is done and whose video is being fetched.
    private static func fetching(_ bench: inout MachineBench, fileName: String = "film") -> JobID {
        let id = bench.submit(fileName: fileName)
        bench.answerPost(MachineBench.accepted("run-\(id)"), of: id)
        bench.advance(.seconds(2))
        bench.answerPolls(done)
        return id
    }

    /// A held job whose submission brought no answer.
    private static func lost(_ bench: inout MachineBench) -> (id: JobID, uuid: AttemptUUID?) {
        let id = bench.submit(fileName: "film")
        let uuid = bench.answerPost(MachineBench.unknown)?.uuid
        bench.lookInVain(for: id)
        return (id, uuid)
    }

    // MARK: Paying

    /// A quota is full while the directory looks well: what is paid now could not be stored.
    @Test func diskThatOnlySeemsWellPausesSubmissions() {
        var bench = MachineBench()
        let id = Self.fetching(&bench)
        bench.answerFetches(.outputUnavailable(Self.fault(.outputNoSpace, "quota")))
        for _ in 0..<200 {
            bench.submit()
            while bench.outputChecks > 0 {
                bench.outputChecks -= 1
                bench.send(.outputChanged(nil))
            }
            bench.advance(.seconds(1))
            bench.answerFetches(.outputUnavailable(Self.fault(.outputNoSpace, "quota")))
        }
        #expect(bench.postTimes.count == 1, "paid for what cannot be stored")
        #expect(bench.gateReason?.contains("quota") == true)
        let fetched = bench.advance(upTo: .seconds(100)) { !$0.fetches.isEmpty }
        #expect(fetched)
        bench.answerFetches(.staged(MachineBench.video))
        #expect(bench.gateReason == nil && bench.posts.count == 4)
        bench.answerPublications()
        #expect(bench.state(id) == .completed)
    }

    /// The only job that was blocked is given up: nothing says any more that the disk is full.
    @Test func blockedDeliveryThatIsGivenUpHoldsUpNobody() {
        var bench = MachineBench()
        let id = Self.fetching(&bench)
        bench.answerFetches(.outputUnavailable(Self.fault(.outputNoSpace, "quota")))
        bench.send(.outputChanged(nil))
        bench.submit()
        #expect(bench.posts.isEmpty)
        bench.cancel(id, discard: true)
        #expect(bench.posts.count == 1)
    }

    /// Nobody knows what an adopted run was made from: submitting "{}" for it would be a paid request of no sense.
    @Test func adoptedRunIsNeverSubmitted() {
        var bench = MachineBench()
        let submission = bench.submission()
        bench.send(.adopt(submission, runID: "theirs", createdAt: nil, bench.token()))
        bench.advance(.seconds(2))
        bench.answerPolls(.report(RunReport(.failed(Self.fault()))))
        #expect(bench.state(submission.id) == .failed)
        #expect(bench.retry(submission.id)?.faultKind == .jobState)
        #expect(bench.retry(submission.id, acceptCharge: true)?.faultKind == .jobState)
        bench.restart()
        #expect(bench.retry(submission.id)?.faultKind == .jobState)
        #expect(bench.postTimes.isEmpty)
    }

    /// An adopted run that was discarded is collected again like any other.
    @Test func adoptedRunIsCollectedByARetry() {
        var bench = MachineBench()
        let submission = bench.submission()
        bench.send(.adopt(submission, runID: "theirs", createdAt: nil, bench.token()))
        bench.cancel(submission.id, discard: true)
        #expect(bench.retry(submission.id)?.isSuccess == true)
        #expect(bench.polls.map(\.runID) == ["theirs"] && bench.postTimes.isEmpty)
    }

    /// A body that cannot be read is no sign of life of a provider that answers nothing.
    @Test func ownFaultDoesNotEndAnOutage() {
        var bench = MachineBench()
        for _ in 0..<4 { bench.submit() }
        for _ in 0..<2 { bench.answerPost(MachineBench.unknown) }
        for _ in 0..<6 { bench.submit() }
        #expect(bench.gateReason?.contains("submissions pause") == true)
        let id = bench.posts.first?.key.job
        bench.answerPost(.notSent(Self.fault(.stateUnavailable)))
        #expect(bench.gateReason?.contains("submissions pause") == true)
        #expect(id.flatMap { bench.state($0) } == .failed)
        #expect(id.flatMap { bench.machine.jobs[$0]?.charged } == .no)
    }

    /// The balance grew while another submission was on the wire, whose answer tells so.
    @Test func moneyThatAnAcceptedSubmissionShows() {
        var bench = MachineBench()
        bench.submit()
        bench.submit()
        bench.answerPost(.refused(.balance(Self.fault(.balanceInsufficient))))
        bench.answerBalance(MachineBench.usd(100))
        let rich = AcceptedRun(runID: "r", remainingBalance: Money(micros: 5000, currency: "USD"))
        bench.answerPost(.accepted(rich))
        bench.advance(.seconds(20))
        bench.answerBalance(MachineBench.usd(5000))
        #expect(bench.gateReason == nil, "waits for money that is there")
        #expect(bench.posts.count == 1)
    }

    /// "Retry-After: 0" again and again is no reason to ask without end.
    @Test func waitOfNothingIsAWait() {
        var bench = MachineBench()
        bench.submit()
        for _ in 0..<10 {
            bench.answerPost(.refused(.rateLimited(Self.fault(), retryAfter: .zero)))
            #expect(bench.posts.isEmpty)
            bench.advance(.seconds(1))
        }
    }

    /// A key that is good for the balance and refused for submissions.
    @Test func keyThatIsRefusedAgainAndAgainIsTriedWithGrowingPauses() {
        var bench = MachineBench()
        bench.submit()
        for _ in 0..<7200 {
            bench.answerPost(.refused(.unauthorized(Self.fault(.providerUnauthorized))))
            bench.answerBalance(MachineBench.usd(1))
            bench.advance(.seconds(1))
        }
        let times = bench.postTimes
        let pauses = zip(times.dropFirst(), times).map { $0 - $1 }
        #expect(times.count < 40, "\(times.count) times in two hours")
        #expect(pauses == pauses.sorted(), "\(pauses)")
    }

    // MARK: Runs

    /// It shows up after the day in which it is looked for: found by somebody else's look, it is still ours.
    @Test func runThatShowsUpAfterItWasAbandonedIsAdopted() {
        var bench = MachineBench()
        let (id, uuid) = Self.lost(&bench)
        for _ in 0..<3000 where bench.phase(id) != .abandoned {
            bench.advance(.seconds(60))
            bench.answerLooks(.runs([]))
        }
        #expect(bench.phase(id) == .abandoned)
        bench.restart()
        let token = bench.token()
        bench.send(.listRuns(limit: 10, token))
        bench.answerLooks(.runs([RecentRun(runID: "late", conversationUUID: uuid)]))
        #expect(bench.state(id) == .inQueue)
        guard case .success(.runs(_, let known)) = bench.replies[token.value] else {
            Issue.record("no list")
            return
        }
        #expect(known == ["late": id])
    }

    /// The same for an earlier attempt of a job that has completed meanwhile.
    @Test func lateRunOfACompletedJobIsPublishedToo() {
        var bench = MachineBench()
        let (id, uuid) = Self.lost(&bench)
        bench.retry(id, acceptCharge: true)
        bench.answerPost(MachineBench.accepted("second"))
        for _ in 0..<3000 where bench.phase(id) != .abandoned {
            bench.advance(.seconds(60))
            bench.answerLooks(.runs([]))
            bench.answerPolls(Self.done)
            bench.answerFetches(.staged(MachineBench.video))
            bench.answerPublications()
        }
        #expect(bench.machine.jobs[id]?.isSettled == true && bench.state(id) == .completed)
        let token = bench.token()
        bench.send(.listRuns(limit: 10, token))
        bench.answerLooks(.runs([RecentRun(runID: "late", conversationUUID: uuid)]))
        bench.advance(.seconds(2))
        bench.answerPolls(Self.done)
        bench.answerFetches(.staged(MachineBench.video))
        #expect(bench.publications.map(\.name) == ["film-a1"])
        bench.answerPublications()
        #expect(bench.machine.jobs[id]?.outputs.count == 2 && bench.machine.jobs[id]?.isSettled == true)
    }

    /// Nobody decides about a job that is completed, so a paid video of an earlier attempt is not dropped because its
    /// download once was an error page.
    @Test func refusedVideoOfAnEarlierAttemptIsFetchedAgain() {
        var bench = MachineBench()
        let (id, uuid) = Self.lost(&bench)
        bench.retry(id, acceptCharge: true)
        bench.answerPost(MachineBench.accepted("second"))
        bench.advance(.seconds(2))
        bench.answerPolls(Self.done)
        bench.answerFetches(.staged(MachineBench.video))
        bench.answerPublications()
        let looked = bench.advance(upTo: .seconds(7200)) { !$0.looks.isEmpty }
        #expect(looked)
        bench.answerLooks(.runs([RecentRun(runID: "first", conversationUUID: uuid)]))
        bench.advance(.seconds(2))
        bench.answerPolls(Self.done)
        bench.answerFetches(.rejected(Self.fault(.outputRejected, "HTML")))
        #expect(bench.phase(id, 0) != .failed)
        let asked = bench.advance(upTo: .seconds(7200)) { !$0.polls.isEmpty }
        #expect(asked, "never fetched again")
        bench.answerPolls(Self.done)
        bench.answerFetches(.staged(MachineBench.video))
        bench.answerPublications()
        #expect(bench.phase(id, 0) == .published)
    }

    /// What was just submitted may still be saved from being held: it does not wait for those that are.
    @Test func justLostIsLookedForBeforeLongLost() {
        var bench = MachineBench()
        let held = (0..<60).map { _ in
            let id = Self.lost(&bench).id
            // An answered submission: no pause.
            bench.submit()
            bench.answerPost(.rejected(Self.fault()))
            return id
        }
        #expect(bench.machine.counts[.held] == held.count)
        // Soon after a start all of them are looked for.
        bench.restart()
        let id = bench.submit()
        bench.answerPost(MachineBench.unknown)
        var looked: [JobID] = []
        for _ in 0..<2000 where !looked.contains(id) {
            looked += bench.looks.compactMap { look in
                if case .one(let key) = look.request { key.job } else { nil }
            }
            bench.answerLooks(.runs([]))
            bench.advance(.milliseconds(200))
        }
        #expect(looked.contains(id))
        #expect(looked.count < 25, "\(looked.count - 1) of \(held.count) held jobs were looked for first")
    }

    /// It ends all the same: what is no video for hours is none.
    @Test func videoThatIsNeverOneEndsInTheLog() {
        var bench = MachineBench()
        let (id, uuid) = Self.lost(&bench)
        bench.retry(id, acceptCharge: true)
        bench.answerPost(.rejected(Self.fault()))
        let looked = bench.advance(upTo: .seconds(7200)) { !$0.looks.isEmpty }
        #expect(looked)
        bench.answerLooks(.runs([RecentRun(runID: "first", conversationUUID: uuid)]))
        var fetches = 0
        for _ in 0..<2000 where bench.phase(id, 0) != .failed {
            bench.advance(.seconds(60))
            bench.answerPolls(Self.done)
            fetches += bench.fetches.count
            bench.answerFetches(.rejected(Self.fault(.outputRejected, "HTML")))
        }
        #expect(bench.phase(id, 0) == .failed && fetches == 8)
        #expect(bench.machine.jobs[id]?.charged == .yes)
    }

    /// A job read back from the journal brings the names of its runs with it.
    @Test func runOfAJobThatWasOnlyInTheJournalIsNotAdoptedTwice() {
        var bench = MachineBench()
        let id = Self.fetching(&bench)
        bench.cancel(id, discard: true)
        bench.answerFetches(.stopped)
        bench.send(.drain(bench.token()))
        for _ in 0..<1100 { bench.cancel(bench.submit()) }
        #expect(bench.machine.jobs[id] == nil)
        #expect(bench.retry(id)?.isSuccess == true)
        let submission = bench.submission()
        let adopted = bench.call { .adopt(submission, runID: "run-\(id)", createdAt: nil, $0) }
        #expect(adopted?.faultKind == .jobState)
    }

    /// A run that was done and shows as running again is not asked for each second for ever.
    @Test func doneAndRunningAgainIsAskedForLessAndLess() {
        var bench = MachineBench()
        _ = Self.fetching(&bench)
        bench.answerFetches(.expired(Self.fault()))
        var polls = 0
        for _ in 0..<600 {
            polls += bench.polls.count
            bench.answerPolls(.report(RunReport(.running)))
            bench.advance(.seconds(1))
        }
        #expect(polls < 40, "\(polls) polls in ten minutes")
    }

    // MARK: Files

    /// What is paid and has a link comes before questions, the oldest link first.
    @Test func downloadsComeBeforePollsAndByAge() {
        var bench = MachineBench()
        let ids = (0..<10).map { number in
            let id = bench.submit()
            bench.answerPost(MachineBench.accepted("r\(number)"), of: id)
            return id
        }
        bench.advance(.seconds(3))
        // Done in the opposite order, a second apart; the last one is still running.
        for id in ids.dropFirst().reversed() {
            bench.now.wall = bench.now.wall + .seconds(1)
            bench.send(.polled(AttemptKey(job: id, index: 0), Self.done))
        }
        bench.restart()
        #expect(bench.fetches.map(\.key.job) == Array(ids.dropFirst().reversed().prefix(8)))
        let isFetch = bench.last.compactMap { action -> Bool? in
            switch action {
            case .fetch: true
            case .poll: false
            default: nil
            }
        }
        #expect(isFetch.first == true && isFetch.last == false, "\(isFetch)")
    }

    /// A download that was told to stop ends after its job: what it left behind goes.
    @Test func nothingOfADiscardedJobStaysInTheStagingDirectory() {
        var bench = MachineBench()
        let id = Self.fetching(&bench)
        bench.cancel(id, discard: true)
        bench.removedStaging = []
        bench.answerFetches(.stopped)
        #expect(bench.removedStaging == [id])
    }

    /// Given up in the middle of a rename and wanted again at once: there would be two files of one run.
    @Test func retryDuringAPublicationWaitsForIt() {
        var bench = MachineBench()
        let id = Self.fetching(&bench)
        bench.answerFetches(.staged(MachineBench.video))
        bench.cancel(id, discard: true)
        #expect(bench.retry(id)?.faultKind == .jobState)
        bench.answerPublications()
        #expect(bench.machine.jobs[id]?.outputs.count == 1)
        #expect(bench.state(id) == .canceled && bench.fetches.isEmpty)
        #expect(bench.retry(id)?.isSuccess == true, "whoever wants it fetched again may")
    }

    /// The job is completed, but an earlier attempt is looked for; when nobody looks any more, nothing stays behind.
    @Test func nothingStaysInTheStagingDirectoryWhenTheSearchEnds() {
        var bench = MachineBench()
        let (id, _) = Self.lost(&bench)
        bench.retry(id, acceptCharge: true)
        bench.answerPost(MachineBench.accepted("second"))
        for _ in 0..<3000 where bench.phase(id) != .abandoned {
            #expect(bench.removedStaging.isEmpty)
            bench.advance(.seconds(60))
            bench.answerLooks(.runs([]))
            bench.answerPolls(Self.done)
            bench.answerFetches(.staged(MachineBench.video))
            bench.answerPublications()
        }
        #expect(bench.state(id) == .completed && bench.removedStaging == [id])
    }

    @Test func whyAVideoWasRefusedIsStillKnownAfterARestart() {
        var bench = MachineBench()
        let id = Self.fetching(&bench)
        bench.answerFetches(.rejected(Self.fault(.outputRejected, "an HTML page")))
        bench.restart()
        bench.advance(.seconds(60))
        guard case .held(let reason) = bench.machine.jobs[id]?.state else {
            Issue.record("not held")
            return
        }
        #expect(reason.message.contains("an HTML page"), "\(reason.message)")
        #expect(bench.retry(id)?.isSuccess == true)
        #expect(bench.polls.count == 1)
    }

    // MARK: Stopping

    @Test func nothingIsAskedForOrFetchedWhileStopping() {
        var bench = MachineBench()
        _ = Self.fetching(&bench)
        let id = bench.submit()
        bench.answerPost(MachineBench.accepted("r"))
        bench.answerFetches(.interrupted(Self.fault()))
        bench.submit()
        bench.answerPost(MachineBench.unknown)
        bench.polls = []
        bench.looks = []
        bench.send(.stop)
        bench.advance(.seconds(300))
        #expect(bench.polls.isEmpty && bench.looks.isEmpty && bench.fetches.isEmpty)
        bench.restart()
        #expect(bench.polls.contains { $0.key.job == id })
    }

    // MARK: Clock

    /// Two steps that are small each, but not together.
    @Test func smallStepsOfTheClockAddUp() {
        var bench = MachineBench()
        bench.policy.keepFinished = .seconds(7200)
        bench.restart()
        let id = bench.submit()
        bench.answerPost(.rejected(Self.fault()))
        for _ in 0..<2 {
            bench.advance(.seconds(600))
            bench.now.wall = bench.now.wall + .seconds(2400)
        }
        bench.advance(.seconds(80_000))
        #expect(bench.disk.purges.isEmpty && bench.disk.jobs[id] != nil)
    }
}
