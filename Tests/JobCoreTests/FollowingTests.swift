import Testing

@testable import JobCore

/// From an accepted run to files in the output directory (CONTRACT sections 4 and 5.4).
@Suite struct FollowingTests {
    private static func fault(_ message: String = "no") -> JobFault {
        MachineBench.fault(.providerError, message)
    }

    private static func done(_ count: Int = 1) -> StatusOutcome {
        .report(RunReport(.done(urls: (0..<count).map { "https://cdn/\($0)" })))
    }

    /// A bench with one job that the provider has.
    private static func running(_ bench: inout MachineBench, fileName: String = "film") -> JobID {
        let id = bench.submit(fileName: fileName)
        bench.answerPost(MachineBench.accepted("run-\(id)"), of: id)
        return id
    }

    private static func fetching(_ bench: inout MachineBench, videos: Int = 1) -> JobID {
        let id = running(&bench)
        bench.advance(.seconds(2))
        bench.answerPolls(done(videos))
        return id
    }

    /// Answers everything well until nothing is left to do.
    private static func complete(_ bench: inout MachineBench) {
        for _ in 0..<200 where bench.machine.jobs.values.contains(where: { !$0.state.isTerminal }) {
            bench.answerPolls(done())
            bench.answerFetches(.staged(MachineBench.video))
            bench.answerPublications()
            bench.advance(.seconds(10))
        }
    }

    // MARK: Slow is not failed

    @Test func overdueIsAskedForHourlyAndPublishedLate() {
        var bench = MachineBench()
        bench.policy.giveUpAfter = .seconds(600)
        bench.restart()
        let id = Self.running(&bench)
        for _ in 0..<2000 where bench.state(id) != .held {
            bench.advance(.seconds(1))
            bench.answerPolls(.report(RunReport(.running)))
        }
        #expect(bench.holdKind(id) == .overdue)
        bench.advance(.seconds(3500))
        #expect(bench.polls.isEmpty)
        bench.advance(.seconds(200))
        #expect(bench.polls.count == 1)
        Self.complete(&bench)
        #expect(bench.state(id) == .completed)
    }

    @Test func pollingThinsOut() {
        var bench = MachineBench()
        _ = Self.running(&bench)
        var times: [Duration] = []
        for _ in 0..<8000 {
            bench.advance(.milliseconds(250))
            if !bench.polls.isEmpty { times.append(bench.now.uptime) }
            bench.answerPolls(.report(RunReport(.running)))
        }
        let pauses = zip(times.dropFirst(), times).map { $0 - $1 }
        #expect(pauses.first ?? .zero <= .seconds(2))
        #expect(pauses.last ?? .zero > .seconds(20))
        #expect(pauses.max() ?? .zero <= .seconds(31))
    }

    @Test func runThatIsNotKnownIsHeldAfterAWhileAndFoundLater() {
        var bench = MachineBench()
        let id = Self.running(&bench)
        let start = bench.now.uptime
        for _ in 0..<2000 where bench.state(id) != .held {
            bench.advance(.seconds(1))
            bench.answerPolls(.missing(Self.fault()))
        }
        #expect(bench.holdKind(id) == .runMissing)
        #expect(bench.now.uptime - start >= .seconds(300))
        Self.complete(&bench)
        bench.advance(.seconds(3600))
        Self.complete(&bench)
        #expect(bench.state(id) == .completed)
    }

    // MARK: Delivering

    @Test func everyVideoGetsAName() {
        var bench = MachineBench()
        let id = Self.fetching(&bench, videos: 3)
        var names: [String] = []
        for _ in 0..<3 {
            #expect(bench.fetches.count == 1)
            bench.answerFetches(.staged(MachineBench.video))
            names += bench.publications.map(\.name)
            bench.answerPublications()
        }
        #expect(names == ["film-1", "film-2", "film-3"])
        #expect(bench.state(id) == .completed)
        #expect(bench.removedStaging == [id] && bench.removedBodies == [id])
    }

    @Test func takenNameGetsANumberThatIsOnDiskFirst() throws {
        var bench = MachineBench()
        let id = Self.fetching(&bench)
        bench.answerFetches(.staged(MachineBench.video))
        for expected in ["film", "film-2", "film-3"] {
            #expect(bench.publications.map(\.name) == [expected])
            guard case .delivering(let delivery) = bench.disk.jobs[id]?.attempts.first?.phase else {
                return #expect(Bool(false), "not delivering")
            }
            #expect(delivery.items.first?.name == expected)
            if expected != "film-3" { bench.answerPublications(.nameTaken) }
        }
        // The same name is taken up after a crash between the rename and the commit.
        bench.restart()
        #expect(bench.publications.map(\.name) == ["film-3"])
        bench.answerPublications()
        #expect(bench.state(id) == .completed)
    }

    @Test func signedLinksAreForgotten() {
        var bench = MachineBench()
        let id = Self.fetching(&bench)
        Self.complete(&bench)
        #expect(bench.disk.jobs[id].map { "\($0)" }?.contains("https://cdn") == false)
    }

    @Test func refusedVideoIsHeldAndFetchedAgain() {
        var bench = MachineBench()
        let id = Self.fetching(&bench)
        bench.answerFetches(.rejected(Self.fault("HTML")))
        #expect(bench.holdKind(id) == .outputRejected)
        #expect(bench.retry(id)?.isSuccess == true)
        #expect(bench.postTimes.count == 1, "not bought again")
        #expect(bench.polls.count == 1, "a new link is asked for")
        Self.complete(&bench)
        #expect(bench.state(id) == .completed)
    }

    @Test func brokenDownloadsGoOnWithGrowingPausesAndANewLink() {
        var bench = MachineBench()
        let id = Self.fetching(&bench)
        var fetched = 0
        for _ in 0..<3 {
            fetched += bench.fetches.count
            bench.answerFetches(.interrupted(Self.fault("reset")))
            bench.advance(.seconds(5))
        }
        #expect(fetched == 3)
        guard case .downloading(let reason) = bench.machine.jobs[id]?.state else {
            return #expect(Bool(false), "not downloading")
        }
        #expect(reason?.contains("reset") == true)
        bench.answerFetches(.interrupted(Self.fault("reset")))
        bench.advance(.seconds(10))
        #expect(bench.fetches.isEmpty && bench.polls.count == 1, "after four tries the link is renewed")
        Self.complete(&bench)
        #expect(bench.state(id) == .completed)
    }

    @Test func expiredLinkIsRenewedAtOnce() {
        var bench = MachineBench()
        _ = Self.fetching(&bench)
        bench.answerFetches(.expired(Self.fault()))
        #expect(bench.polls.count == 1)
        bench.answerPolls(.report(RunReport(.done(urls: ["https://cdn/new"]))))
        #expect(bench.fetches.map(\.url) == ["https://cdn/new"])
    }

    @Test func atMostEightDownloads() {
        var bench = MachineBench()
        for _ in 0..<12 { _ = Self.running(&bench) }
        bench.advance(.seconds(2))
        bench.answerPolls(Self.done())
        #expect(bench.fetches.count == JobPolicy.downloadsAtOnce)
    }

    @Test func brokenOutputStopsSubmissionsAndNoDownload() {
        var bench = MachineBench()
        let id = Self.fetching(&bench)
        bench.answerFetches(.outputUnavailable(Self.fault("read-only")))
        bench.submit()
        #expect(bench.posts.isEmpty)
        #expect(bench.state(id) == .downloading)
        #expect(bench.gateReason?.contains("read-only") == true)
        #expect(bench.outputChecks == 1)
        bench.send(.outputChanged(Self.fault("read-only")))
        bench.advance(.seconds(2))
        #expect(bench.outputChecks >= 2)
        bench.answerFetches(.outputUnavailable(Self.fault("read-only")))
        bench.send(.outputChanged(nil))
        #expect(bench.posts.count == 1 && bench.fetches.count == 1)
    }

    @Test func vanishedStagedFileIsFetchedAgain() {
        var bench = MachineBench()
        let id = Self.fetching(&bench)
        bench.answerFetches(.staged(MachineBench.video))
        bench.answerPublications(.stagedFileMissing)
        #expect(bench.polls.count == 1)
        Self.complete(&bench)
        #expect(bench.state(id) == .completed)
    }

    // MARK: Giving up

    @Test func discardWhileSendingFollowsNothing() {
        var bench = MachineBench()
        let id = bench.submit()
        #expect(bench.cancel(id, discard: true)?.savesMoney == .unknown)
        bench.answerPost(MachineBench.accepted("run"))
        bench.advance(.seconds(100))
        #expect(bench.polls.isEmpty && bench.fetches.isEmpty)
        #expect(bench.state(id) == .canceled)
        #expect(bench.machine.jobs[id]?.runID == "run")
        #expect(bench.machine.jobs[id]?.cost != nil, "what it cost is remembered")
    }

    @Test func discardedRunIsCollectedByARetry() {
        var bench = MachineBench()
        let id = Self.fetching(&bench)
        bench.cancel(id, discard: true)
        // Nothing is removed beside the download; its end removes what is left.
        #expect(bench.stoppedFetches.count == 1 && bench.removedStaging.isEmpty)
        bench.answerFetches(.stopped)
        #expect(bench.removedStaging == [id])
        bench.restart()
        #expect(bench.retry(id)?.isSuccess == true)
        Self.complete(&bench)
        #expect(bench.state(id) == .completed)
        #expect(bench.postTimes.count == 1, "not bought again")
    }

    /// A job that waits to be sent again has no run, whatever its attempt before had.
    @Test func retriedJobShowsNothingOfTheRunBefore() {
        var bench = MachineBench()
        bench.send(.drain(bench.token()))
        bench.send(.resume(bench.token()))
        let id = bench.submit()
        bench.answerPost(MachineBench.accepted("run"))
        bench.advance(.seconds(2))
        bench.answerPolls(.report(RunReport(.failed(MachineBench.fault()), word: "FAILED")))
        #expect(bench.state(id) == .failed && bench.machine.jobs[id]?.runID == "run")
        bench.send(.drain(bench.token()))
        #expect(bench.retry(id)?.isSuccess == true)
        #expect(bench.state(id) == .queued)
        #expect(bench.machine.jobs[id]?.runID == nil && bench.machine.jobs[id]?.providerStatus == nil)
    }

    @Test func cancelTellsWhetherMoneyIsSaved() {
        var bench = MachineBench()
        bench.send(.drain(bench.token()))
        #expect(bench.cancel(bench.submit())?.savesMoney == .yes)
        bench.send(.resume(bench.token()))
        let sending = bench.submit()
        #expect(bench.cancel(sending)?.savesMoney == .unknown)
        bench.answerPost(MachineBench.accepted("r"))
        #expect(bench.cancel(sending)?.savesMoney == .no)
        #expect(bench.state(sending) == .inQueue, "a paid run goes on without discard")
    }

    // MARK: Restoring

    @Test(arguments: [
        JobState.Word.queued, .submitting, .unconfirmed, .inQueue, .inProgress, .downloading, .held,
    ])
    func everyStateGoesOnAfterARestart(_ word: JobState.Word) {
        var scene = StateEventTests.Scene(word)
        let id = scene.id
        let uuid = scene.bench.machine.jobs[id]?.attempts.first?.uuid
        let posts = scene.bench.postTimes.count
        scene.bench.restart()
        scene.bench.send(.resume(scene.bench.token()))
        if word == .queued { scene.bench.answerPost(MachineBench.accepted("run")) }
        for _ in 0..<100 where scene.bench.state(id) != .completed {
            scene.bench.answerLooks(.runs([RecentRun(runID: "run", conversationUUID: uuid)]))
            Self.complete(&scene.bench)
        }
        #expect(scene.bench.state(id) == .completed)
        #expect(scene.bench.postTimes.count == posts + (word == .queued ? 1 : 0))
    }

    @Test func restoredRunsComeBeforeNewSubmissions() {
        var bench = MachineBench()
        let old = Self.running(&bench)
        bench.restart()
        bench.submit()
        #expect(bench.posts.isEmpty || bench.polls.first?.key.job == old)
        #expect(bench.polls.map(\.key.job) == [old])
    }

    // MARK: Limits and order

    @Test func maximumActiveAndQueued() {
        var bench = MachineBench()
        bench.policy.maximumActive = 2
        bench.policy.maximumQueued = 3
        bench.restart()
        for _ in 0..<5 { bench.submit() }
        #expect(bench.machine.counts[.submitting] == 2 && bench.machine.counts[.queued] == 3)
        let token = bench.token()
        bench.send(.submit(bench.submission(), token))
        #expect(bench.replies[token.value]?.faultKind == .limitsExceeded)
        bench.answerPost(.rejected(Self.fault()))
        #expect(bench.machine.counts[.submitting] == 2 && bench.machine.counts[.queued] == 2)
    }

    @Test func ownersTakeTurns() {
        var bench = MachineBench()
        bench.policy.maximumActive = 1
        bench.restart()
        bench.send(.drain(bench.token()))
        for owner in [1, 1, 1, 2, 2, 3] as [UInt32] { bench.submit(owner: owner) }
        bench.send(.resume(bench.token()))
        var owners: [UInt32] = []
        while let post = bench.answerPost(.rejected(Self.fault())) {
            owners.append(bench.disk.jobs[post.key.job]?.owner.uid ?? 0)
        }
        #expect(owners == [1, 2, 3, 1, 2, 1])
    }

    @Test func purgeKeepsTheFirstHourAndADayAfterAClockStep() {
        var bench = MachineBench()
        bench.policy.keepFinished = .seconds(7200)
        bench.restart()
        let id = bench.submit()
        bench.answerPost(.rejected(Self.fault()))
        bench.advance(.seconds(3000))
        #expect(bench.disk.purges.isEmpty)
        bench.now.wall = bench.now.wall + .seconds(30 * 86_400)
        bench.advance(.seconds(80_000))
        #expect(bench.disk.purges.isEmpty && bench.disk.jobs[id] != nil)
        bench.advance(.seconds(20_000))
        #expect(!bench.disk.purges.isEmpty && bench.disk.jobs[id] == nil)
        #expect(bench.machine.jobs[id] == nil)
    }

    /// What is kept for less than an hour is not kept for one all the same.
    @Test func purgeComesInTimeForShortTimes() {
        var bench = MachineBench()
        let id = bench.submit()
        bench.answerPost(.rejected(Self.fault()))
        bench.advance(.seconds(30))
        bench.policy.keepFinished = .seconds(10)
        bench.send(.reconfigured(bench.policy, credential: false))
        bench.advance(.seconds(11))
        #expect(bench.machine.jobs[id] == nil && bench.disk.jobs[id] == nil)
        #expect(bench.disk.purges.count == 1)
    }

    @Test(arguments: [false, true])
    func aRunIsAdoptedOnce(_ afterItsEnd: Bool) {
        var bench = MachineBench()
        let first = bench.submission()
        _ = bench.call { .adopt(first, runID: "r", createdAt: nil, $0) }
        if afterItsEnd {
            bench.advance(.seconds(2))
            bench.answerPolls(.report(RunReport(.done(urls: ["https://cdn/1"]))))
            bench.answerFetches(.staged(MachineBench.video))
            bench.answerPublications()
            #expect(bench.state(first.id) == .completed)
        }
        let second = bench.submission()
        #expect(bench.call { .adopt(second, runID: "r", createdAt: nil, $0) }?.faultKind == .jobState)
        #expect(bench.state(second.id) == nil)
    }

    /// Only the provider knows the request of an adopted run: nothing could be submitted again.
    @Test func adoptedRunIsCollectedAgainButNotSubmitted() {
        var bench = MachineBench()
        var submission = bench.submission()
        submission.request.body = JobRequest.nothingToSend
        _ = bench.call { .adopt(submission, runID: "r", createdAt: nil, $0) }
        bench.cancel(submission.id, discard: true)
        #expect(bench.retry(submission.id)?.isSuccess == true)
        #expect(bench.state(submission.id) == .inQueue)
        bench.advance(.seconds(2))
        bench.answerPolls(.report(RunReport(.failed(Self.fault()))))
        #expect(bench.state(submission.id) == .failed)
        #expect(bench.retry(submission.id)?.faultKind == .jobState)
        bench.advance(.seconds(60))
        #expect(bench.postTimes.isEmpty && bench.state(submission.id) == .failed)
    }

    @Test func nothingStartsWhileStopping() {
        var bench = MachineBench()
        bench.policy.maximumActive = 1
        bench.restart()
        let first = bench.submit()
        bench.submit()
        bench.send(.stop)
        bench.answerPost(.rejected(Self.fault()))
        #expect(bench.posts.isEmpty && bench.state(first) == .failed)
        let token = bench.token()
        bench.send(.submit(bench.submission(), token))
        #expect(bench.replies[token.value]?.faultKind == .daemonDraining)
    }
}
