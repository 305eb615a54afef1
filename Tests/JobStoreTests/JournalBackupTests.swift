import GRDB
import Glibc
import JobCore
import JobEngine
import TestSupport
import Testing

@testable import JobStore

@Suite("A copy of the journal is whole, private, and starts drained")
struct JournalBackupTests {
    @Test func copiesWhileCommitsGoOn() async throws {
        try await StateFolder.with { folder in
            let journal = try folder.open()
            try await journal.commit((0..<100).map { .job(JobSample.job($0)) })
            let path = try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 100..<200 {
                    group.addTask { try await journal.commit([.job(JobSample.job(number))]) }
                }
                let path = try await journal.backup(at: StateFolder.now)
                try await group.waitForAll()
                return path
            }
            #expect(path == folder.state + "/backups/journal-20260117T123456Z.sqlite")
            #expect(
                try StateDirectory.names(in: folder.state + "/backups") == ["journal-20260117T123456Z.sqlite"]
            )
            #expect(folder.mode(path) == 0o600)
            #expect(folder.mode(folder.state + "/backups") == 0o700)
            // Two copies in one second are two files.
            let second = try await journal.backup(at: StateFolder.now)
            #expect(second == folder.state + "/backups/journal-20260117T123456Z-2.sqlite")
            #expect(try await journal.restore().live.count == 200)
            await journal.close()

            try await StateFolder.with { other in
                mkdir(other.state, 0o700)
                try other.write(folder.read(path), to: other.main)
                let restored = try other.open()
                let state = try await restored.restore()
                #expect(state.live.count >= 100)
                #expect(
                    state.live == (0..<state.live.count).map { JobSample.job($0) } || state.live.count > 100
                )
                #expect(state.drained)
                #expect(state.drainReason?.contains("2026-01-17T12:34:56.789Z") == true)
                await restored.close()
                // The mark is gone, the drain is not.
                let again = try other.open()
                #expect(try await again.restore().drainReason != nil)
                try await again.commit([.drained(false)])
                await again.close()
                let resumed = try other.open()
                #expect(try await !resumed.restore().drained)
                await resumed.close()
            }
        }
    }

    /// The commonest mistake: the copy is put back while the log of the killed daemon still lies there.
    @Test func logOfTheOldJournalIsNotReplayed() async throws {
        try await StateFolder.with { folder in
            let journal = try folder.open()
            try await journal.commit([.job(JobSample.job(0))])
            let path = try await journal.backup(at: StateFolder.now)
            await journal.close()
            try await folder.leaveCrashed([[.job(JobSample.job(1))], [.job(JobSample.job(0, .submitting))]])
            let log = try folder.read(folder.wal)
            try folder.write(folder.read(path), to: folder.main)

            let restored = try folder.open()
            let state = try await restored.restore()
            #expect(state.live == [JobSample.job(0)])
            #expect(state.drained)
            #expect(restored.warnings.count == 1)
            await restored.close()
            #expect(try folder.contents()["journal.sqlite.stale-20260117T123456Z-wal"] == log)
        }
    }

    @Test func deathWhileTheMarkIsTakenOffStaysDrained() async throws {
        try await StateFolder.with { folder in
            let journal = try folder.open()
            try await journal.commit([.job(JobSample.job(0))])
            let copy = try folder.read(try await journal.backup(at: StateFolder.now))
            await journal.close()
            try folder.write(copy, to: folder.main)
            // The transaction that takes the mark off is in the log, and not yet in the database.
            let database = try DatabaseQueue(path: folder.main)
            try await database.writeWithoutTransaction { database in
                try database.execute(
                    sql: """
                        PRAGMA journal_mode = WAL;
                        BEGIN;
                        DELETE FROM setting WHERE name = 'copied_at';
                        INSERT INTO setting VALUES ('drained', '1');
                        COMMIT;
                        """
                )
            }
            let main = try folder.read(folder.main)
            let log = try folder.read(folder.wal)
            try database.close()
            try folder.write(main, to: folder.main)
            try folder.write(log, to: folder.wal)

            let restored = try folder.open()
            let state = try await restored.restore()
            #expect(state.drained && state.drainReason != nil)
            #expect(state.live == [JobSample.job(0)])
            await restored.close()
        }
    }

    @Test func unfinishedCopyIsRemovedAtTheNextStart() async throws {
        try await StateFolder.with { folder in
            mkdir(folder.state, 0o700)
            mkdir(folder.state + "/backups", 0o755)
            let whole = folder.state + "/backups/journal-20260101T000000Z.sqlite"
            try folder.write([1], to: whole)
            chmod(whole, 0o640)
            try folder.write([1], to: whole + ".partial")
            try folder.write([1], to: whole + ".partial-wal")
            let journal = try folder.open()
            #expect(
                try StateDirectory.names(in: folder.state + "/backups") == ["journal-20260101T000000Z.sqlite"]
            )
            #expect(folder.mode(whole) == 0o600)
            #expect(folder.mode(folder.state + "/backups") == 0o700)
            #expect(journal.warnings.count == 2)
            await journal.close()
        }
    }
}
