import Testing

@testable import JobCore

/// `api.base_url` changes by a reload while something is on its way (CONTRACT 5.4).
@Suite struct OriginReloadTests {
    private func move(_ bench: inout MachineBench, to origin: String) {
        bench.policy.origin = origin
        bench.send(.reconfigured(bench.policy, credential: false))
    }

    /// A download that ends after the change leads to no status request elsewhere.
    @Test func expiredLinkIsNotRenewedElsewhere() {
        var bench = MachineBench()
        bench.submit()
        bench.answerPost(MachineBench.accepted("run"))
        bench.advance(.seconds(2))
        bench.answerPolls(.report(RunReport(.done(urls: ["https://cdn/1"]))))
        move(&bench, to: MachineBench.elsewhere)
        bench.answerFetches(.expired(MachineBench.fault()))
        bench.advance(.seconds(10))
        #expect(bench.polls.isEmpty)
    }

    /// A list that was asked for before the change shows a run: it is followed when the origin is back.
    @Test func runFoundAfterTheChangeIsFollowedLater() {
        var bench = MachineBench()
        let id = bench.submit()
        let uuid = bench.answerPost(MachineBench.unknown)?.uuid
        bench.advance(.seconds(2))
        move(&bench, to: MachineBench.elsewhere)
        bench.answerLooks(.runs([RecentRun(runID: "run", conversationUUID: uuid)]))
        bench.advance(.seconds(60))
        bench.polls = []
        move(&bench, to: MachineBench.origin)
        bench.advance(.seconds(60))
        bench.answerLooks(.runs([RecentRun(runID: "run", conversationUUID: uuid)]))
        bench.advance(.seconds(60))
        #expect(!bench.polls.isEmpty)
        #expect(bench.state(id) == .inQueue)
    }

    /// An earlier attempt of a queued job is looked for again when the origin is back.
    @Test func lookForAnEarlierAttemptGoesOn() {
        var bench = MachineBench()
        let id = bench.submit()
        bench.answerPost(MachineBench.unknown)
        bench.lookInVain(for: id)
        bench.send(.drain(bench.token()))
        #expect(bench.retry(id, acceptCharge: true)?.isSuccess == true)
        move(&bench, to: MachineBench.elsewhere)
        bench.advance(.seconds(600))
        bench.looks = []
        move(&bench, to: MachineBench.origin)
        bench.advance(.seconds(7200))
        #expect(!bench.looks.isEmpty)
    }

    /// A look for an attempt of the old origin that ends after the change does not hold up the new one.
    @Test func lookThatEndsAfterTheChangeHoldsUpNobody() {
        var bench = MachineBench()
        bench.submit()
        bench.answerPost(MachineBench.unknown)
        let isByName = bench.advance(upTo: .seconds(20)) { bench in !bench.looks.isEmpty }
        #expect(isByName)
        if let look = bench.looks.popLast() { bench.send(.looked(look.request, .runs([]))) }
        #expect(bench.looks.count == 1)
        move(&bench, to: MachineBench.elsewhere)
        bench.answerLooks(.runs([]))
        for _ in 0..<3 { bench.submit() }
        #expect(bench.posts.count == 3)
    }
}
