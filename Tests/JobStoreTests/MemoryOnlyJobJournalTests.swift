import JobCore
import JobEngine
import TestSupport
import Testing

@testable import JobStore

@Suite("Without a state directory nothing is kept")
struct MemoryOnlyJobJournalTests {
    @Test func forgets() async throws {
        let journal = MemoryOnlyJobJournal()
        try await journal.commit([.job(JobSample.job(0, .completed)), .drained(true)])
        let state = try await journal.restore()
        #expect(state.live.isEmpty && state.finished.isEmpty && !state.drained && state.lastID == nil)
        #expect(try await journal.finishedJobs(FinishedJobsQuery(limit: 10)).isEmpty)
        await journal.close()
    }

    @Test func saysWhyThereIsNoBackup() async throws {
        let error = await #expect(throws: JobStoreError.self) {
            try await MemoryOnlyJobJournal().backup(at: StateFolder.now)
        }
        #expect(error?.code == .noJournal)
        #expect(error?.message.contains("state.directory") == true)
        #expect(error?.fault.kind == .stateUnavailable)
        #expect(error?.fault.retryable == false)
    }
}
