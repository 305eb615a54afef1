import JobEngine
import Synchronization
import TestSupport
import Testing

@testable import JobStore

@Suite("Every journal keeps the promises of the port")
struct JobJournalConformanceTests {
    @Test(arguments: JobJournalConformance.allCases)
    func onDisk(_ promise: JobJournalConformance) async throws {
        try await StateFolder.with { folder in
            try await promise.check { try folder.open() }
        }
    }

    @Test(arguments: JobJournalConformance.allCases)
    func inMemory(_ promise: JobJournalConformance) async throws {
        let journal = Mutex(InMemoryJobJournal())
        try await promise.check {
            journal.withLock { journal in
                journal = journal.reopened()
                return journal
            }
        }
    }
}
