import GRDB
import JobCore
import JobEngine
import TestSupport
import Testing

@testable import JobStore

@Suite("A large journal is read quickly")
struct JournalSpeedTests {
    #if DEBUG
    /// Unoptimised code decodes many times slower; the bound only finds what grows with the square.
    private static let bound = Duration.seconds(20)
    #else
    private static let bound = Duration.seconds(1)
    #endif

    /// Rows like a job's, with identifiers of their own, made inside SQLite.
    private func add(_ job: Job, _ count: Int, from first: Int, to folder: StateFolder) async throws {
        let journal = try folder.open()
        try await journal.commit([.job(job)])
        await journal.close()
        try folder.execute(
            """
            WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < \(count))
            INSERT INTO job (id, state, uid, label, finished_at, version, record)
            SELECT printf('%016d', \(first) + n), state, uid, label, finished_at + n, version,
            CAST(replace(CAST(record AS TEXT), id, printf('%016d', \(first) + n)) AS BLOB)
            FROM number, job WHERE id = '\(job.id)';
            DELETE FROM job WHERE id = '\(job.id)';
            """
        )
    }

    @Test func startOverTenThousandLiveAndAHundredThousandFinishedJobs() async throws {
        try await StateFolder.with { folder in
            let samples = Dictionary(uniqueKeysWithValues: JobSample.everyState.map { ($0.name, $0.job) })
            try await add(#require(samples["in-progress"]), 10_000, from: 0, to: folder)
            try await add(#require(samples["completed"]), 100_000, from: 1_000_000, to: folder)
            let clock = ContinuousClock()
            var state = RestoredState()
            var journal: SQLiteJobJournal?
            let opening = try clock.measure { journal = try folder.open() }
            let open = try #require(journal)
            let restoring = try await clock.measure { state = try await open.restore() }
            #expect(state.live.count == 10_000)
            #expect(state.finished.count == 1000)
            #expect(state.finishedCounts == [.completed: 100_000])
            print("journal of 110 000 jobs: opened in \(opening), restored in \(restoring)")
            #expect(opening + restoring < Self.bound)

            var query = FinishedJobsQuery(limit: 100)
            query.label = "nobody's"
            let searching = try await clock.measure { _ = try await open.finishedJobs(query) }
            print("search without a match over 100 000 finished jobs: \(searching)")
            await open.close()
        }
    }
}
