import GRDB
import Glibc
public import JobCore

extension SQLiteJobJournal {
    /// Writes a consistent copy of the journal into the state directory, while commits go on.
    ///
    /// The copy bears a mark: a daemon that finds it in the journal's place starts drained.
    ///
    /// - Parameter now: For the copy's name and mark.
    /// - Returns: The copy's absolute path.
    /// - Throws: `JobStoreError` when it cannot be written; nothing is left behind then.
    public func backup(at now: Timestamp) async throws -> String {
        let directory = directory
        return try await withReader("copy") { source in
            try JournalCopy(of: directory, at: now).write(from: source)
        }
    }
}

/// A copy of the journal in the making.
private struct JournalCopy {
    private let directory: StateDirectory
    private let now: Timestamp
    private let name: String
    private let partial: String

    init(of state: String, at now: Timestamp) throws(JobStoreError) {
        directory = try StateDirectory(preparing: state)
        self.now = now
        try directory.makeBackups()
        let first = "\(directory.backups)/journal-\(JournalFiles.stamp(now))"
        var name = first
        var number = 2
        // Copies are made one after the other on the reader's queue, so nobody takes the name meanwhile.
        while FileStatus(name + ".sqlite") != nil {
            name = "\(first)-\(number)"
            number += 1
        }
        self.name = name + ".sqlite"
        partial = self.name + JournalFiles.partialSuffix
    }

    func write(from source: Database) throws -> String {
        do {
            try StateDirectory.createFile(partial)
            try fill(from: source)
            try StateDirectory.sync(partial)
            guard rename(partial, name) == 0 else {
                throw JobStoreError(action: "rename", file: partial)
            }
            try StateDirectory.sync(directory.backups, kind: O_DIRECTORY)
            try directory.sync()
            return name
        } catch {
            for ending in [""] + JournalFiles.endings {
                unlink(partial + ending)
            }
            throw JobStoreError(error, action: "write the copy", file: partial)
        }
    }

    private func fill(from source: Database) throws {
        let target = try DatabaseQueue(path: partial)
        do {
            try target.writeWithoutTransaction { copy in
                // In one step, hence in one read transaction: a commit meanwhile neither waits nor shows.
                try source.backup(to: copy)
                try JournalSetting.set(copy, JournalSetting.copiedAt, to: now.rfc3339)
                // The copied header asks for a write-ahead log; a copy is one file.
                _ = try String.fetchOne(copy, sql: "PRAGMA journal_mode = DELETE")
            }
        } catch {
            try target.close()
            throw error
        }
        try target.close()
    }
}
