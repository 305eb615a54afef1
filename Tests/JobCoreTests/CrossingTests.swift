import Testing

@testable import JobCore

/// Rules that hold also where two things cross.
@Suite struct CrossingTests {
    /// A discarded POST that is refused late says nothing about the attempt that was bought after it.
    @Test func lateRefusalOfAnEarlierAttemptDoesNotSendTheJobAgain() {
        var bench = MachineBench()
        let id = bench.submit()
        bench.cancel(id, discard: true)
        #expect(bench.retry(id, acceptCharge: true)?.isSuccess == true)
        #expect(bench.posts.count == 2)
        // The first one is refused, the second is still on the wire.
        bench.answerPost(.refused(.rateLimited(MachineBench.fault(), retryAfter: .seconds(1))))
        #expect(bench.state(id) == .submitting)
        bench.advance(.seconds(120))
        #expect(bench.postTimes.count == 2, "sent again while the second attempt is on the wire")
    }

    /// A look that waits for its turn and is not needed any more gives its place in the window back.
    @Test func looksThatAreNotNeededAnyMoreTakeNoPlace() {
        var bench = MachineBench()
        bench.policy.requestsPerSecond = 3
        bench.send(.reconfigured(bench.policy, credential: false))
        bench.submit()
        bench.submit()
        let posts = bench.posts
        bench.answerPost(MachineBench.unknown)
        bench.answerPost(MachineBench.unknown)
        bench.policy.requestsPerSecond = 1
        bench.send(.reconfigured(bench.policy, credential: false))
        let looked = bench.advance(upTo: .seconds(20)) { !$0.looks.isEmpty }
        #expect(looked)
        bench.looks = []
        bench.advance(.seconds(2))
        bench.send(.looked(.all, .runs([])))
        // One look by name is sent, the other waits for the request budget; the answer shows both runs.
        #expect(bench.looks.count == 1)
        guard let look = bench.looks.popLast() else { return }
        let entries = posts.map { RecentRun(runID: "run-\($0.key.job)", conversationUUID: $0.uuid) }
        bench.send(.looked(look.request, .runs(entries)))
        bench.advance(.seconds(120))
        var window = bench.machine.scheduler.lookWindow
        window.limit = 1
        let isFree = window.hasRoom(at: bench.now.uptime)
        #expect(isFree, "a look that was never sent holds a place for ever")
    }

    /// An answer that comes when the origin is another one does not lead to requests to the new origin.
    @Test(arguments: ["refused", "accepted", "unknown"])
    func originChangesWhileTheRequestIsOnTheWire(_ answer: String) {
        var bench = MachineBench()
        let id = bench.submit()
        bench.policy.origin = MachineBench.elsewhere
        bench.send(.reconfigured(bench.policy, credential: false))
        #expect(bench.state(id) == .submitting)
        switch answer {
        case "refused":
            bench.answerPost(.refused(.rateLimited(MachineBench.fault(), retryAfter: .seconds(1))))
            bench.advance(.seconds(10))
            #expect(bench.state(id) == .queued)
        case "accepted":
            bench.answerPost(MachineBench.accepted("r1"))
            bench.advance(.seconds(10))
            #expect(bench.holdKind(id) == .originChanged)
        default:
            bench.answerPost(MachineBench.unknown)
            bench.advance(.seconds(10))
            #expect(bench.holdKind(id) == .originChanged)
        }
        #expect(bench.posts.isEmpty, "POSTed to another origin")
        #expect(bench.polls.isEmpty, "polled at another origin")
        #expect(bench.looks.isEmpty, "looked for at another origin")
        bench.policy.origin = MachineBench.origin
        bench.send(.reconfigured(bench.policy, credential: false))
        bench.advance(.seconds(10))
        switch answer {
        case "refused": #expect(bench.posts.count == 1)
        case "accepted": #expect(bench.polls.count == 1)
        default: #expect(bench.looks.count == 1)
        }
    }

    /// Unconfirmed attempts of another origin do not hold up this one's submissions.
    @Test func unconfirmedElsewhereDoesNotHoldUpOthers() {
        var bench = MachineBench()
        bench.submit()
        bench.policy.origin = MachineBench.elsewhere
        bench.restart()
        for _ in 0..<6 {
            bench.submit()
        }
        bench.advance(.seconds(2))
        #expect(bench.posts.count == 4)
    }

    /// Runs restored and not asked for yet do not hold up submissions when their origin is left.
    @Test func restoredRunsOfAnotherOriginDoNotHoldUpSubmissions() {
        var bench = MachineBench()
        bench.policy.requestsPerSecond = 1
        bench.restart()
        for run in 0..<3 {
            bench.submit()
            bench.advance(.seconds(2))
            bench.answerPost(MachineBench.accepted("r\(run)"))
        }
        bench.restart()
        bench.answerPolls(.unauthorized(MachineBench.fault(.providerUnauthorized)))
        bench.policy.origin = MachineBench.elsewhere
        bench.send(.reconfigured(bench.policy, credential: true))
        bench.answerBalance(MachineBench.usd(1))
        bench.submit()
        bench.advance(.seconds(20))
        #expect(bench.posts.count == 1, "\(bench.gateReason ?? "no reason given")")
    }

    /// An attempt that is looked for while its job is over is taken up again when its origin comes back.
    @Test func lookForADiscardedAttemptGoesOnWhenTheOriginIsBack() {
        var bench = MachineBench()
        let id = bench.submit()
        bench.answerPost(MachineBench.unknown)
        bench.cancel(id, discard: true)
        bench.policy.origin = MachineBench.elsewhere
        bench.send(.reconfigured(bench.policy, credential: false))
        bench.advance(.seconds(100))
        bench.looks = []
        bench.policy.origin = MachineBench.origin
        bench.send(.reconfigured(bench.policy, credential: false))
        bench.advance(.seconds(100))
        #expect(!bench.looks.isEmpty)
    }

    /// The search for a lost attempt lasts a day of running time, not of a wall clock that was set.
    @Test func clockStepDoesNotEndTheSearch() {
        var bench = MachineBench()
        let id = bench.submit()
        bench.answerPost(MachineBench.unknown)
        for _ in 0..<400 where bench.state(id) != .held {
            bench.advance(.milliseconds(100))
            bench.answerLooks(.runs([]))
        }
        #expect(bench.holdKind(id) == .unconfirmed)
        bench.now.wall = bench.now.wall + .seconds(3 * 86_400)
        bench.advance(.seconds(61))
        bench.answerLooks(.runs([]))
        bench.answerLooks(.runs([]))
        guard case .lost = bench.phase(id) else {
            Issue.record("\(String(describing: bench.phase(id)))")
            return
        }
    }

    /// A discarded attempt whose job was queued again, and that turns up before anything new was sent.
    @Test func runThatTurnsUpBeforeTheRetryIsSentIsNotBoughtAgain() {
        var bench = MachineBench()
        let id = bench.submit()
        let post = bench.answerPost(MachineBench.unknown)
        bench.cancel(id, discard: true)
        bench.send(.drain(bench.token()))
        #expect(bench.retry(id, acceptCharge: true)?.isSuccess == true)
        #expect(bench.state(id) == .queued)
        bench.send(.looked(.all, .runs([RecentRun(runID: "r", conversationUUID: post?.uuid)])))
        bench.send(.resume(bench.token()))
        #expect(bench.posts.isEmpty, "bought again although the run is there")
        #expect(bench.state(id) == .inQueue)
    }

    /// The numbers of `daemon.status` follow what a purge forgets, also jobs that only the journal holds.
    @Test(arguments: [1, 1200])
    func countsFollowAPurge(_ jobs: Int) {
        var bench = MachineBench()
        bench.restart()
        bench.send(.drain(bench.token()))
        for _ in 0..<jobs {
            bench.cancel(bench.submit())
        }
        #expect(bench.machine.counts[.canceled] == jobs)
        bench.advance(.seconds(31 * 86_400))
        #expect(bench.disk.jobs.isEmpty)
        // The journal counts what it has left.
        bench.send(.recounted([:]))
        #expect(bench.machine.counts[.canceled] == 0)
    }

    /// What a download that was given up left behind goes with whatever attempt of its job ends last.
    @Test(arguments: ["refused", "rejected", "failed", "failed, and given up"])
    func leftOversOfADiscardedDownloadGoWithTheLastAttempt(_ ending: String) {
        var bench = MachineBench()
        let id = bench.submit()
        let first = bench.answerPost(MachineBench.unknown)
        for _ in 0..<400 where bench.state(id) != .held {
            bench.advance(.milliseconds(100))
            bench.answerLooks(.runs([]))
        }
        bench.retry(id, acceptCharge: true)
        bench.advance(.seconds(61))
        if ending.hasPrefix("failed") {
            bench.answerPost(MachineBench.accepted("r2"))
            bench.polls = []
        }
        // The first one turns up, and is being fetched when all is given up.
        bench.answerLooks(.runs([RecentRun(runID: "r1", conversationUUID: first?.uuid)]))
        bench.advance(.seconds(20))
        bench.send(.polled(AttemptKey(job: id, index: 0), .report(RunReport(.done(urls: ["https://v/1"])))))
        #expect(bench.fetches.count == 1)
        bench.cancel(id, discard: true)
        if ending == "failed" {
            bench.retry(id)
        }
        bench.removedStaging = []
        bench.answerFetches(.staged(MachineBench.video))
        switch ending {
        case "refused":
            #expect(bench.removedStaging.isEmpty)
            bench.answerPost(.refused(.rateLimited(MachineBench.fault(), retryAfter: .seconds(1))))
        case "rejected":
            #expect(bench.removedStaging.isEmpty)
            bench.answerPost(.rejected(MachineBench.fault()))
        case "failed":
            #expect(bench.removedStaging.isEmpty)
            bench.send(
                .polled(AttemptKey(job: id, index: 1), .report(RunReport(.failed(MachineBench.fault()))))
            )
            #expect(bench.state(id) == .failed)
        default: break
        }
        #expect(bench.removedStaging == [id])
    }

    /// A video that is removed before its rename would leave its receipt alone in the watched directory.
    @Test func nothingIsRemovedBesideAPublication() {
        var bench = MachineBench()
        let id = bench.submit()
        bench.answerPost(MachineBench.accepted("r1"))
        bench.advance(.seconds(2))
        bench.answerPolls(.report(RunReport(.done(urls: ["https://v/1"]))))
        bench.answerFetches(.staged(MachineBench.video))
        #expect(bench.publications.count == 1)
        bench.cancel(id, discard: true)
        #expect(bench.removedStaging.isEmpty)
        bench.answerPublications()
        #expect(bench.removedStaging == [id])
        #expect(bench.machine.jobs[id]?.outputs.count == 1, "the file is there, and the job says so")
    }
}
