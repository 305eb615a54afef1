import GRDB
import Glibc
import JobCore
import JobEngine
import TestSupport
import Testing

@testable import JobStore

@Suite("Whatever lies under the journal's name is kept")
struct JournalOpeningTests {
    private let aside = "journal.sqlite.corrupt-20260117T123456Z"

    /// A closed journal with a hundred jobs.
    private func fill(_ folder: StateFolder) async throws {
        let journal = try folder.open()
        try await journal.commit((0..<100).map { .job(JobSample.job($0)) })
        await journal.close()
    }

    /// Opens, expects an empty journal that is drained for a reason, now and at the next start, until resume.
    private func expectDrained(_ folder: StateFolder, mentioning word: String) async throws {
        for _ in 0..<2 {
            let journal = try folder.open()
            let state = try await journal.restore()
            #expect(state.live.isEmpty)
            #expect(state.drained)
            #expect(state.drainReason?.contains(word) == true)
            #expect(state.drainReason?.contains("videogenctl resume") == true)
            await journal.close()
        }
        let journal = try folder.open()
        try await journal.commit([.drained(false)])
        await journal.close()
        let resumed = try folder.open()
        let state = try await resumed.restore()
        #expect(!state.drained && state.drainReason == nil)
        await resumed.close()
    }

    @Test(arguments: [0..<100, 8192..<12288, 12288..<16384])
    func damagedFileIsSetAside(_ range: Range<Int>) async throws {
        try await StateFolder.with { folder in
            try await fill(folder)
            try folder.damage(folder.main, at: range)
            let damaged = try folder.read(folder.main)
            let journal = try folder.open()
            #expect(journal.warnings.count == 1)
            #expect(journal.warnings.first?.contains(aside) == true)
            #expect(try await journal.restore().live.isEmpty)
            await journal.close()
            #expect(try folder.contents()[aside] == damaged)
            try await expectDrained(folder, mentioning: aside)
        }
    }

    @Test func truncatedFileIsSetAside() async throws {
        try await StateFolder.with { folder in
            try await fill(folder)
            let half = try folder.read(folder.main).prefix(20_000)
            try folder.write(half, to: folder.main)
            try await expectDrained(folder, mentioning: aside)
            #expect(try folder.contents()[aside] == Array(half))
        }
    }

    @Test func damagedFileTakesItsLogAlong() async throws {
        try await StateFolder.with { folder in
            try await folder.leaveCrashed([[.job(JobSample.job(0))]])
            try folder.damage(folder.main, at: 0..<50)
            let before = try folder.contents()
            try await expectDrained(folder, mentioning: aside)
            let after = try folder.contents()
            #expect(after[aside] == before["journal.sqlite"])
            #expect(after[aside + "-wal"] == before["journal.sqlite-wal"])
            #expect(folder.mode(folder.state + "/" + aside) == 0o600)
        }
    }

    @Test func secondDamageInOneSecondGetsItsOwnName() async throws {
        try await StateFolder.with { folder in
            for _ in 0..<2 {
                try await fill(folder)
                try folder.damage(folder.main, at: 0..<100)
            }
            let journal = try folder.open()
            await journal.close()
            #expect(try folder.contents()[aside + "-2"] != nil)
        }
    }

    @Test func deathWhileSettingAsideIsNoFirstStart() async throws {
        try await StateFolder.with { folder in
            try await folder.leaveCrashed([[.job(JobSample.job(0))]])
            let log = try folder.read(folder.wal)
            // Dead after the first rename: the log is still under its old name.
            rename(folder.main, folder.state + "/" + aside)
            try await expectDrained(folder, mentioning: aside)
            #expect(try folder.contents()[aside + "-wal"] == log)
        }
        try await StateFolder.with { folder in
            try await fill(folder)
            // Dead after the last rename: the new journal was not made.
            rename(folder.main, folder.state + "/" + aside)
            try await expectDrained(folder, mentioning: aside)
        }
        try await StateFolder.with { folder in
            try await fill(folder)
            // Dead while the new journal was made: a file without tables.
            rename(folder.main, folder.state + "/" + aside)
            try folder.execute("PRAGMA journal_mode = WAL; CREATE TABLE grdb_migrations (identifier TEXT)")
            try await expectDrained(folder, mentioning: aside)
        }
    }

    @Test func logWithoutItsDatabaseIsKept() async throws {
        try await StateFolder.with { folder in
            try await folder.leaveCrashed([[.job(JobSample.job(0))]])
            let log = try folder.read(folder.wal)
            unlink(folder.main)
            try await expectDrained(folder, mentioning: "set aside")
            #expect(try folder.contents()[aside + "-wal"] == log)
        }
        try await StateFolder.with { folder in
            try await folder.leaveCrashed([[.job(JobSample.job(0))]])
            // As a file system may leave it after a power cut: SQLite itself would delete the log.
            try folder.write([], to: folder.main)
            try await expectDrained(folder, mentioning: aside)
            #expect(try folder.contents()[aside + "-wal"]?.isEmpty == false)
        }
    }

    // MARK: Newer and foreign

    @Test func newerSchemaIsNotTouched() async throws {
        try await StateFolder.with { folder in
            try await fill(folder)
            try folder.execute("PRAGMA user_version = 2")
            chmod(folder.main, 0o644)
            let before = try folder.contents()
            #expect(folder.refusal() == .newerSchema)
            #expect(try folder.contents() == before)
            #expect(folder.mode(folder.main) == 0o644)
        }
    }

    /// The newer version died before the log was moved into the database.
    @Test func newerSchemaInTheLogIsNotTouched() async throws {
        try await StateFolder.with { folder in
            let journal = try folder.open()
            try await journal.commit([.job(JobSample.job(0))])
            try await journal.writer.writeWithoutTransaction {
                try $0.execute(sql: "PRAGMA user_version = 3")
            }
            let main = try folder.read(folder.main)
            let log = try folder.read(folder.wal)
            await journal.close()
            try folder.write(main, to: folder.main)
            try folder.write(log, to: folder.wal)
            #expect(main[63] == 1)
            let before = try folder.contents()
            #expect(folder.refusal() == .newerSchema)
            #expect(try folder.contents() == before)
            #expect(before.keys.sorted() == ["journal.sqlite", "journal.sqlite-wal"])
        }
    }

    @Test func foreignDatabaseIsNotTouched() async throws {
        try await StateFolder.with { folder in
            mkdir(folder.state, 0o700)
            try folder.execute("CREATE TABLE address (name TEXT); PRAGMA user_version = 7")
            let before = try folder.contents()
            #expect(folder.refusal() == .foreignFile)
            #expect(try folder.contents() == before)
        }
        try await StateFolder.with { folder in
            mkdir(folder.state, 0o700)
            mkdir(folder.main, 0o700)
            #expect(folder.refusal() == .foreignFile)
        }
    }

    @Test func unfinishedFirstStartGoesOn() async throws {
        try await StateFolder.with { folder in
            mkdir(folder.state, 0o700)
            try folder.write([], to: folder.main)
            let journal = try folder.open()
            #expect(journal.warnings.isEmpty)
            #expect(try await !journal.restore().drained)
            await journal.close()
        }
    }
}
