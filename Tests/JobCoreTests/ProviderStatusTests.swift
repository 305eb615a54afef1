import Testing

@testable import JobCore

/// `provider_status` and the reason of a run that is not further (CONTRACT section 3): shown, and never journaled.
@Suite struct ProviderStatusTests {
    /// A bench with one job that the provider has.
    private static func running(_ bench: inout MachineBench) -> JobID {
        let id = bench.submit(fileName: "film")
        bench.answerPost(MachineBench.accepted("run"), of: id)
        return id
    }

    private static func report(
        _ status: RunReport.Status,
        _ word: String?,
        progress: Int? = nil
    ) -> StatusOutcome {
        .report(RunReport(status, word: word, progress: progress))
    }

    private static func key(_ id: JobID) -> AttemptKey {
        AttemptKey(job: id, index: 0)
    }

    private static func writes(_ bench: MachineBench) -> Int {
        bench.last.count { if case .persist = $0 { true } else { false } }
    }

    @Test func everyWordIsShownAndNoneIsWritten() {
        var bench = MachineBench()
        _ = Self.running(&bench)
        let words: [(String, RunReport.Status, Int)] = [
            ("pending", .queued, 0), ("queued", .queued, 0), ("generating", .running, 1),
            ("delivering", .running, 0), ("uploading", .running, 0), ("DREAMING", .unknown, 0),
            ("dreaming still", .unknown, 0),
        ]
        for (word, status, writes) in words {
            let polled = bench.advance(upTo: .seconds(60)) { !$0.polls.isEmpty }
            #expect(polled, "\(word)")
            bench.notices = []
            bench.answerPolls(Self.report(status, word))
            #expect(bench.notices.last?.job.providerStatus == word)
            // A new state is told as such; the word comes with it and not once more.
            #expect(Set(bench.notices.map(\.kind)) == [writes == 0 ? .progress : .state], "\(word)")
            #expect(Self.writes(bench) == writes, "\(word)")
            // The same word again is no news.
            let again = bench.advance(upTo: .seconds(60)) { !$0.polls.isEmpty }
            #expect(again, "\(word)")
            bench.notices = []
            bench.answerPolls(Self.report(status, word))
            #expect(bench.notices.isEmpty && Self.writes(bench) == 0, "\(word)")
        }
    }

    @Test func atMostOnceASecondAndTheLastWordIsNotLost() {
        var bench = MachineBench()
        let id = Self.running(&bench)
        bench.advance(.seconds(5))
        bench.send(.polled(Self.key(id), Self.report(.running, "a", progress: 1)))
        bench.advance(.seconds(5))
        bench.notices = []
        for (word, progress) in [("b", 2), ("c", 3), ("d", 4)] {
            bench.send(.polled(Self.key(id), Self.report(.running, word, progress: progress)))
            bench.step(to: bench.now.uptime + .milliseconds(200))
        }
        #expect(bench.notices.map(\.job.providerStatus) == ["b"])
        bench.notices = []
        bench.step(to: bench.now.uptime + .seconds(1))
        // Nothing is new, but what was held back is told.
        bench.send(.polled(Self.key(id), Self.report(.running, "d", progress: 4)))
        #expect(bench.notices.map(\.job.providerStatus) == ["d"])
        #expect(bench.notices.map(\.job.progress) == [4])
        #expect(bench.notices.map(\.kind) == [.progress])
    }

    @Test func theWordComesWithANewStateAndNotBesideIt() {
        var bench = MachineBench()
        let id = Self.running(&bench)
        bench.advance(.seconds(5))
        bench.notices = []
        bench.send(.polled(Self.key(id), Self.report(.failed(MachineBench.fault()), "FAILED")))
        #expect(bench.notices.last?.job.state.word == .failed)
        #expect(bench.notices.last?.job.providerStatus == "FAILED")
        #expect(bench.notices.allSatisfy { $0.kind == .state })
        // What is submitted anew has no status at the provider.
        bench.notices = []
        #expect(bench.retry(id)?.isSuccess == true)
        #expect(bench.notices.first?.job.state.word == .queued)
        #expect(bench.notices.allSatisfy { $0.job.providerStatus == nil })
    }

    @Test func doneWithoutALinkSaysSo() throws {
        var bench = MachineBench()
        let id = Self.running(&bench)
        bench.advance(.seconds(5))
        bench.notices = []
        bench.send(.polled(Self.key(id), Self.report(.done(urls: []), "COMPLETED")))
        let told = try #require(bench.notices.last?.job)
        #expect(bench.notices.count == 1 && told.state == .inQueue)
        #expect(told.providerStatus == "COMPLETED")
        #expect(told.runNote?.contains("no link") == true)
        #expect(Self.writes(bench) == 0)
        bench.advance(.seconds(5))
        bench.send(.polled(Self.key(id), Self.report(.running, "uploading")))
        #expect(bench.notices.last?.job.runNote == nil, "it is not done after all")
        bench.advance(.seconds(5))
        bench.send(.polled(Self.key(id), Self.report(.done(urls: []), "COMPLETED")))
        #expect(bench.notices.last?.job.runNote != nil && bench.state(id) == .inProgress)
        bench.advance(.seconds(5))
        bench.send(.polled(Self.key(id), Self.report(.done(urls: ["https://cdn/1"]), "COMPLETED")))
        #expect(bench.notices.last?.job.runNote == nil && bench.state(id) == .downloading)
    }

    @Test func renewalWithoutALinkIsTheReasonOfTheDownload() {
        var bench = MachineBench()
        let id = Self.running(&bench)
        bench.advance(.seconds(5))
        bench.polls = []
        bench.send(.polled(Self.key(id), Self.report(.done(urls: ["https://cdn/1"]), "COMPLETED")))
        bench.answerFetches(.expired(MachineBench.fault()))
        bench.answerPolls(Self.report(.done(urls: []), "COMPLETED"))
        guard case .downloading(let reason) = bench.machine.jobs[id]?.state else {
            Issue.record("not downloading")
            return
        }
        #expect(reason?.contains("no link") == true)
        let asked = bench.advance(upTo: .seconds(600)) { !$0.polls.isEmpty }
        #expect(asked)
        bench.answerPolls(Self.report(.done(urls: ["https://cdn/2"]), "COMPLETED"))
        #expect(bench.machine.jobs[id]?.state == .downloading(reason: nil))
    }
}
