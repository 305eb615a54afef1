import GRDB
import Glibc
import JobCore
import JobEngine
import TestSupport
import Testing

@testable import JobStore

@Suite("What a commit returned for is there after a crash")
struct JournalDurabilityTests {
    @Test func everyCommitIsSynced() async throws {
        try await StateFolder.with { folder in
            let journal = try folder.open()
            let (synchronous, mode) = try await journal.writer.read { database in
                (
                    try Int.fetchOne(database, sql: "PRAGMA synchronous"),
                    try String.fetchOne(database, sql: "PRAGMA journal_mode")
                )
            }
            #expect(synchronous == 2)
            #expect(mode == "wal")
            await journal.close()
        }
    }

    /// The log is cut at every place that matters: exactly the commits before the cut are there, each as a whole.
    @Test func aTornLogLosesOnlyWhatNeverReturned() async throws {
        try await StateFolder.with { folder in
            let journal = try folder.open()
            var ends: [Int64] = [FileStatus(folder.wal)?.size ?? 0]
            for number in 0..<8 {
                try await journal.commit([
                    .job(JobSample.job(2 * number, clientKey: "k\(number)")),
                    .job(JobSample.job(2 * number + 1, .completed)), .sent(JobSample.epoch),
                ])
                ends.append(FileStatus(folder.wal)?.size ?? 0)
            }
            let main = try folder.read(folder.main)
            let log = try folder.read(folder.wal)
            await journal.close()
            #expect(ends == ends.sorted() && Set(ends).count == 9)

            for (index, end) in ends.enumerated() {
                // Right at the end of a commit, one byte short of it, and within the next one.
                for cut in [Int(end), Int(end) - 1, Int(end) + 3000] where cut >= Int(ends[0]) {
                    try await StateFolder.with { crashed in
                        mkdir(crashed.state, 0o700)
                        try crashed.write(main, to: crashed.main)
                        try crashed.write(log.prefix(cut), to: crashed.wal)
                        let count = cut < end ? index - 1 : index
                        let journal = try crashed.open()
                        let state = try await journal.restore()
                        #expect(state.live == (0..<count).map { JobSample.job(2 * $0, clientKey: "k\($0)") })
                        #expect(state.finished.count == count && state.sent.count == count)
                        #expect(state.clientKeys.count == count)
                        #expect(state.drainReason == nil && journal.warnings.isEmpty)
                        await journal.close()
                    }
                }
            }
        }
    }

    @Test func aKilledProcessLeavesWhatItCommitted() async throws {
        try await StateFolder.with { folder in
            await #expect(processExitsWith: .signal(SIGKILL)) { [root = folder.root as String] in
                let journal = try StateFolder(root: root).open()
                for number in 0..<50 {
                    try await journal.commit([.job(JobSample.job(number))])
                }
                kill(getpid(), SIGKILL)
            }
            // The kernel let go of the dead process's lock.
            let journal = try folder.open()
            #expect(try await journal.restore().live == (0..<50).map { JobSample.job($0) })
            await journal.close()
        }
    }

    @Test func closedJournalRefuses() async throws {
        try await StateFolder.with { folder in
            let journal = try folder.open()
            await journal.close()
            await journal.close()
            #expect(FileStatus(folder.wal) == nil)
            let error = await #expect(throws: JobStoreError.self) {
                try await journal.commit([.drained(true)])
            }
            #expect(error?.code == .closed)
            await #expect(throws: JobStoreError.self) { try await journal.restore() }
        }
    }

    /// Signed URLs are erased at `completed` (CONTRACT section 2), also from the pages that a record has left.
    @Test func erasedTextLeavesTheFile() async throws {
        try await StateFolder.with { folder in
            let journal = try folder.open()
            let secret = "https://cdn.example/v.mp4?signature="
            let urls = (0..<50).map { "\(secret)\($0)" + String(repeating: "x", count: 300) }
            let delivering = JobSample.attempt(0, .delivering(Delivery(urls: urls)), runID: "r")
            try await journal.commit([
                .job(JobSample.job(0, .downloading(reason: nil), attempts: [delivering]))
            ])
            let published = JobSample.attempt(0, .published, runID: "r")
            try await journal.commit([.job(JobSample.job(0, .completed, attempts: [published]))])
            await journal.close()
            for (name, bytes) in try folder.contents() {
                let text = String(decoding: bytes, as: UTF8.self)
                #expect(!text.contains("signature="), "\(name)")
            }
        }
    }

    /// … and from the log, although the journal stays open.
    @Test func erasedTextLeavesTheLogOfAnOpenJournal() async throws {
        try await StateFolder.with { folder in
            let journal = try folder.open(erasureDelay: .milliseconds(100))
            let delivery = Delivery(urls: ["https://cdn.example/v.mp4?signature=secret"])
            let delivering = JobSample.attempt(0, .delivering(delivery), runID: "r")
            try await journal.commit([
                .job(JobSample.job(0, .downloading(reason: nil), attempts: [delivering]))
            ])
            func holdsSecret() throws -> Bool {
                try folder.contents().values.contains {
                    String(decoding: $0, as: UTF8.self).contains("signature=")
                }
            }
            #expect(try holdsSecret())
            let published = JobSample.attempt(0, .published, runID: "r")
            try await journal.commit([.job(JobSample.job(0, .completed, attempts: [published]))])
            let start = ContinuousClock.now
            while try holdsSecret(), .now - start < .seconds(60) {
                try await Task.sleep(for: .milliseconds(200))
            }
            #expect(try !holdsSecret())
            await journal.close()
        }
    }

    @Test func recordsThatCannotBeReadStay() async throws {
        try await StateFolder.with { folder in
            let journal = try folder.open()
            let jobs = (0..<4).map { JobSample.job($0, $0 < 2 ? .queued(reason: nil) : .completed) }
            try await journal.commit(jobs.map(JournalChange.job))
            await journal.close()
            try folder.execute("UPDATE job SET record = '{\"id\":7}' WHERE id = '\(jobs[0].id)'")
            try folder.execute("UPDATE job SET version = 9 WHERE id = '\(jobs[3].id)'")

            for _ in 0..<2 {
                let again = try folder.open()
                let state = try await again.restore()
                #expect(state.live == [jobs[1]])
                #expect(state.finished == [jobs[2]])
                try #require(state.unreadable.count == 2)
                #expect(state.unreadable.allSatisfy { $0.contains(folder.main) && $0.contains("kept") })
                #expect(state.unreadable[0].contains(jobs[0].id.description))
                #expect(state.unreadable[1].contains("form 9"))
                #expect(state.lastID == jobs[3].id)
                #expect(try await again.finishedJobs(FinishedJobsQuery(limit: 1)) == [jobs[2]])
                await again.close()
            }
        }
    }
}
