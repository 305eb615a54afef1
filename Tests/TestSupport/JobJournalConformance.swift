import JobCore
public import JobEngine
import Testing

/// What every `JobJournal` does; each case is run on the fake and on the real one.
public enum JobJournalConformance: String, CaseIterable, Sendable {
    case firstStart
    case everyStateAndPhase
    case progressIsNotKept
    case changesOfOneJob
    case orderWithinOneCommit
    case forgottenJobKeepsItsKey
    case keyPassesToNewerJob
    case purge
    case purgeKeepsKeysOfJobs
    case sentTimes
    case sentTimesAfterClockWasSetBack
    case drained
    case lastID
    case newestFinishedByTheirEnd
    case searchByFilters
    case searchByPages
    case canceledTaskCommits

    /// Checks this case.
    ///
    /// - Parameter open: Opens a journal on the same storage each time, empty at first; the one before was closed.
    /// - Throws: What a check or the journal throws.
    public func check(_ open: () async throws -> any JobJournal) async throws {
        switch self {
        case .firstStart: try await firstStart(open)
        case .everyStateAndPhase: try await everyStateAndPhase(open)
        case .progressIsNotKept: try await progressIsNotKept(open)
        case .changesOfOneJob: try await changesOfOneJob(open)
        case .orderWithinOneCommit: try await orderWithinOneCommit(open)
        case .forgottenJobKeepsItsKey: try await forgottenJobKeepsItsKey(open)
        case .keyPassesToNewerJob: try await keyPassesToNewerJob(open)
        case .purge: try await purge(open)
        case .purgeKeepsKeysOfJobs: try await purgeKeepsKeysOfJobs(open)
        case .sentTimes: try await sentTimes(open)
        case .sentTimesAfterClockWasSetBack: try await sentTimesAfterClockWasSetBack(open)
        case .drained: try await drained(open)
        case .lastID: try await lastID(open)
        case .newestFinishedByTheirEnd: try await newestFinishedByTheirEnd(open)
        case .searchByFilters: try await searchByFilters(open)
        case .searchByPages: try await searchByPages(open)
        case .canceledTaskCommits: try await canceledTaskCommits(open)
        }
    }

    private typealias Open = () async throws -> any JobJournal

    /// Commits the batches one after the other, closes, and restores as a new process would.
    private func restored(_ batches: [[JournalChange]], _ open: Open) async throws -> RestoredState {
        let journal = try await open()
        for batch in batches {
            try await journal.commit(batch)
        }
        await journal.close()
        let next = try await open()
        let state = try await next.restore()
        await next.close()
        return state
    }

    // MARK: Jobs

    private func firstStart(_ open: Open) async throws {
        let state = try await restored([[]], open)
        #expect(
            state.live.isEmpty && state.finished.isEmpty && state.clientKeys.isEmpty && state.sent.isEmpty
        )
        #expect(!state.drained && state.drainReason == nil && state.lastID == nil)
        #expect(state.finishedCounts.isEmpty && state.unreadable.isEmpty)
    }

    private func everyStateAndPhase(_ open: Open) async throws {
        let jobs = JobSample.everyState.map(\.job)
        let state = try await restored([jobs.map(JournalChange.job)], open)
        let settled = jobs.filter(\.isSettled)
        #expect(state.live == jobs.filter { !$0.isSettled })
        #expect(state.finished == settled.reversed())
        #expect(state.finishedCounts == Dictionary(grouping: settled, by: \.state.word).mapValues(\.count))
        #expect(state.unreadable.isEmpty)
        let keyed = jobs.filter { $0.clientKey != nil }
        #expect(state.clientKeys.count == keyed.count)
        #expect(Set(state.clientKeys) == Set(keyed.compactMap(\.keyRecord)))
    }

    private func progressIsNotKept(_ open: Open) async throws {
        var job = JobSample.job(0, .inProgress, attempts: [JobSample.attempt(0, .running(Run()), runID: "r")])
        let kept = job
        job.progress = 40
        job.providerStatus = "IN_PROGRESS"
        job.runNote = "not yet"
        #expect(try await restored([[.job(job)]], open).live == [kept])
    }

    private func changesOfOneJob(_ open: Open) async throws {
        let queued = JobSample.job(0)
        let completed = JobSample.job(0, .completed)
        let first = try await restored([[.job(queued)], [.job(completed)]], open)
        #expect(first.live.isEmpty)
        #expect(first.finished == [completed])
        #expect(first.finishedCounts == [.completed: 1])
        let retried = try await restored([[.job(queued)]], open)
        #expect(retried.live == [queued])
        #expect(retried.finished.isEmpty)
        #expect(retried.finishedCounts.isEmpty)
    }

    private func orderWithinOneCommit(_ open: Open) async throws {
        let job = JobSample.job(0)
        let other = JobSample.job(1, .completed)
        let state = try await restored(
            [
                [
                    .forget(job.id), .job(other), .job(job), .forget(other.id), .drained(true),
                    .drained(false),
                    .job(JobSample.job(0, .submitting)),
                ]
            ],
            open
        )
        #expect(state.live == [JobSample.job(0, .submitting)])
        #expect(state.finished.isEmpty)
        #expect(!state.drained)
        #expect(state.lastID == other.id)
    }

    // MARK: Keys

    private func forgottenJobKeepsItsKey(_ open: Open) async throws {
        let job = JobSample.job(0, .completed, clientKey: "k")
        let state = try await restored([[.job(job)], [.forget(job.id)]], open)
        #expect(state.finished.isEmpty)
        #expect(state.clientKeys == [job.keyRecord].compactMap(\.self))
    }

    private func keyPassesToNewerJob(_ open: Open) async throws {
        let older = JobSample.job(0, .failed(JobFault(.providerError, "no")), clientKey: "k")
        let newer = JobSample.job(1, clientKey: "k")
        let foreign = JobSample.job(2, uid: 7, clientKey: "k")
        let state = try await restored([[.job(older)], [.job(newer), .job(foreign)], [.job(older)]], open)
        #expect(Set(state.clientKeys) == Set([newer.keyRecord, foreign.keyRecord].compactMap(\.self)))
    }

    private func purge(_ open: Open) async throws {
        let ended = (0..<4).map { JobSample.job($0, .completed, clientKey: "k\($0)") }
        let live = JobSample.job(10)
        // Exactly at the limit stays.
        let limit = try #require(ended[2].finishedAt)
        let state = try await restored(
            [(ended + [live]).map(JournalChange.job), [.purge(before: limit)]],
            open
        )
        #expect(state.finished == [ended[3], ended[2]])
        #expect(state.live == [live])
        #expect(state.finishedCounts == [.completed: 2])
        #expect(state.clientKeys.count == 4)
        #expect(state.lastID == live.id)
    }

    private func purgeKeepsKeysOfJobs(_ open: Open) async throws {
        let live = JobSample.job(0, clientKey: "live")
        let ended = JobSample.job(1, .completed, clientKey: "ended")
        let month = Duration.seconds(30 * 86_400)
        let early = ended.createdAt + month
        let first = try await restored([[.job(live), .job(ended)], [.purge(before: early)]], open)
        #expect(first.finished.isEmpty)
        #expect(Set(first.clientKeys.map(\.key)) == ["live", "ended"])
        let later = try await restored([[.purge(before: early + .milliseconds(1))]], open)
        #expect(later.clientKeys.map(\.key) == ["live"])
    }

    // MARK: Window, drain, identifiers

    private func sentTimes(_ open: Open) async throws {
        let last = JobSample.epoch
        func back(_ seconds: Int) -> Timestamp { last + .seconds(-seconds) }
        let times = [back(700), back(181), back(180), back(1), back(1), last]
        let kept = [back(180), back(1), back(1), last]
        #expect(try await restored([times.map(JournalChange.sent)], open).sent == kept)
        #expect(try await restored([[.purge(before: last)]], open).sent == kept)
    }

    private func sentTimesAfterClockWasSetBack(_ open: Open) async throws {
        let now = JobSample.epoch
        let changes: [JournalChange] = [.sent(now + .seconds(3600)), .sent(now + .seconds(-10)), .sent(now)]
        let expected = [now + .seconds(-10), now, now]
        #expect(try await restored([changes], open).sent == expected)
        #expect(try await restored([[.purge(before: now)]], open).sent == expected)
        let later = now + .seconds(190)
        #expect(try await restored([[.sent(later)]], open).sent == [later])
    }

    private func drained(_ open: Open) async throws {
        #expect(try await restored([[.drained(true)]], open).drained)
        #expect(try await restored([], open).drained)
        #expect(try await !restored([[.drained(false)]], open).drained)
        #expect(try await !restored([], open).drained)
    }

    private func lastID(_ open: Open) async throws {
        let high = JobSample.job(9, .completed)
        let low = JobSample.job(3)
        #expect(try await restored([[.job(high), .job(low)], [.job(low)]], open).lastID == high.id)
        #expect(try await restored([[.forget(high.id)], [.job(low)]], open).lastID == high.id)
    }

    // MARK: Finished jobs

    private func newestFinishedByTheirEnd(_ open: Open) async throws {
        var jobs = (0..<1003).map { JobSample.job($0, .completed) }
        // The oldest ended last, and two ended at the same moment.
        jobs[0].finishedAt = JobSample.epoch + .seconds(5000)
        jobs[1002].finishedAt = jobs[1001].finishedAt
        let state = try await restored([jobs.map(JournalChange.job)], open)
        #expect(state.finished.count == 1000)
        #expect(state.finished.map(\.id) == ([0] + (4..<1003).reversed()).map { jobs[$0].id })
        #expect(state.finishedCounts == [.completed: 1003])
    }

    private func searchByFilters(_ open: Open) async throws {
        let fault = JobFault(.providerError, "no")
        let jobs = [
            JobSample.job(0, .completed, label: "a"),
            JobSample.job(1, .failed(fault), label: "a"),
            JobSample.job(2, .completed, uid: 7, label: "a"),
            JobSample.job(3, .canceled(reason: nil), uid: 7),
            JobSample.job(4, label: "a"),
        ]
        let journal = try await open()
        try await journal.commit(jobs.map(JournalChange.job))
        func search(_ change: (inout FinishedJobsQuery) -> Void) async throws -> [Job] {
            var query = FinishedJobsQuery(limit: 10)
            change(&query)
            return try await journal.finishedJobs(query)
        }
        // A journal that keeps no finished jobs counts none.
        if let counts = try await journal.finishedCounts(of: nil) {
            #expect(counts == [.completed: 2, .failed: 1, .canceled: 1])
            #expect(try await journal.finishedCounts(of: 7) == [.completed: 1, .canceled: 1])
            #expect(try await journal.finishedCounts(of: 8) == [:])
        }
        #expect(try await search { _ in } == [jobs[3], jobs[2], jobs[1], jobs[0]])
        #expect(try await search { $0.id = jobs[1].id } == [jobs[1]])
        #expect(try await search { $0.id = jobs[4].id }.isEmpty)
        #expect(try await search { $0.before = jobs[2].id } == [jobs[1], jobs[0]])
        #expect(try await search { $0.uid = 7 } == [jobs[3], jobs[2]])
        #expect(try await search { $0.label = "a" } == [jobs[2], jobs[1], jobs[0]])
        #expect(try await search { $0.label = "A" }.isEmpty)
        #expect(try await search { $0.states = [.failed, .canceled] } == [jobs[3], jobs[1]])
        #expect(try await search { $0.states = [.queued] }.isEmpty)
        #expect(
            try await search {
                $0.uid = 1000
                $0.label = "a"
                $0.states = [.completed]
                $0.before = jobs[4].id
            } == [jobs[0]]
        )
        await journal.close()
    }

    private func searchByPages(_ open: Open) async throws {
        let jobs = (0..<25).map { JobSample.job($0, .completed) }
        let journal = try await open()
        try await journal.commit(jobs.map(JournalChange.job))
        var found: [Job] = []
        var sizes: [Int] = []
        repeat {
            var query = FinishedJobsQuery(limit: 10)
            query.before = found.last?.id
            let page = try await journal.finishedJobs(query)
            sizes.append(page.count)
            found += page
        } while sizes.last == 10 && sizes.count < 5
        #expect(found == jobs.reversed())
        #expect(sizes == [10, 10, 5])
        await journal.close()
    }

    // MARK: Stopping

    /// A daemon that is stopping still notes what it was charged for.
    private func canceledTaskCommits(_ open: Open) async throws {
        let journal = try await open()
        let job = JobSample.job(0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.cancelAll()
            group.addTask { try await journal.commit([.job(job)]) }
            try await group.waitForAll()
        }
        await journal.close()
        #expect(try await restored([], open).live == [job])
    }
}

extension Job {
    fileprivate var keyRecord: ClientKeyRecord? {
        clientKey.map {
            ClientKeyRecord(
                uid: owner.uid,
                key: $0,
                job: id,
                fingerprint: request.fingerprint,
                createdAt: createdAt
            )
        }
    }
}
