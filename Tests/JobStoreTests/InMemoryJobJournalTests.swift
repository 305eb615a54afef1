import JobCore
import JobEngine
import TestSupport
import Testing

@Suite("The journal without a disk fails and dies as told")
struct InMemoryJobJournalTests {
    private struct Full: Error {}

    @Test func failsThatOftenAndKeepsNothing() async throws {
        let journal = InMemoryJobJournal()
        journal.failNextCommits(2, with: Full())
        let changes = [JournalChange.job(JobSample.job(0))]
        for _ in 0..<2 {
            await #expect(throws: Full.self) { try await journal.commit(changes) }
        }
        #expect(try await journal.restore().live.isEmpty)
        try await journal.commit(changes)
        #expect(try await journal.restore().live == [JobSample.job(0)])
        #expect(journal.commits == [changes])
    }

    @Test func holdsCommitsUntilTheyAreReleased() async throws {
        let journal = InMemoryJobJournal()
        journal.holdCommits()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await journal.commit([.job(JobSample.job(0))]) }
            await journal.waitForHeldCommits(1)
            #expect(try await journal.restore().live.isEmpty)
            journal.releaseCommits()
            try await group.waitForAll()
        }
        #expect(try await journal.restore().live.count == 1)
    }

    @Test(arguments: 0...2) func crashLosesWhatDidNotLand(_ landing: Int) async throws {
        let journal = InMemoryJobJournal()
        try await journal.commit([.drained(true)])
        journal.holdCommits()
        await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<2 {
                group.addTask { try await journal.commit([.job(JobSample.job(number))]) }
                await journal.waitForHeldCommits(number + 1)
            }
            journal.crash(landing: landing)
            for _ in 0..<2 {
                await #expect(throws: InMemoryJobJournal.Crashed.self) { try await group.next() }
            }
        }
        await #expect(throws: InMemoryJobJournal.Crashed.self) { try await journal.commit([]) }
        let state = try await journal.reopened().restore()
        #expect(state.drained)
        #expect(state.live == (0..<landing).map { JobSample.job($0) })
    }
}
