import Glibc
import JobCore

/// The names of the journal's files.
struct JournalFiles {
    /// The database's name in the state directory.
    static let name = "journal.sqlite"
    /// What a copy's name ends in (or has before SQLite's own endings) until it is complete.
    static let partialSuffix = ".partial"

    /// What SQLite appends for the files beside a database.
    static let endings = ["-wal", "-shm", "-journal"]

    /// The state directory.
    let directory: String

    /// The database.
    var main: String { directory + "/" + Self.name }
    /// The write-ahead log.
    var wal: String { main + "-wal" }
    /// The index of the write-ahead log.
    var shm: String { main + "-shm" }
    /// The rollback journal; there only if a first start died while it switched to the write-ahead log.
    var rollback: String { main + "-journal" }

    /// What was set aside as damaged, oldest first, without SQLite's own endings.
    func setAside() throws(JobStoreError) -> [String] {
        let names = try StateDirectory.names(in: directory).filter { $0.hasPrefix(Self.name + ".corrupt-") }
        let databases = names.map { name in
            let ending = Self.endings.first { name.hasSuffix($0) } ?? ""
            return directory + "/" + name.dropLast(ending.count)
        }
        return Set(databases).sorted()
    }

    /// Renames a damaged database and what belongs to it; nothing is ever deleted.
    ///
    /// The database goes first: were the log gone first and the process dead, an old state of the database
    /// would look whole, and what it says is unsent might be paid.
    ///
    /// - Parameter now: For the new name.
    /// - Returns: The database's new path.
    /// - Throws: `JobStoreError` when it cannot be renamed.
    func setAside(at now: Timestamp) throws(JobStoreError) -> String {
        let target = freeName("corrupt", at: now)
        try move(main, to: target)
        try moveCompanions(to: target)
        return target
    }

    /// Renames a log that is there without its database, so that no other database takes it for its own.
    ///
    /// - Parameter now: For the new name, unless a database without a log was set aside before.
    /// - Returns: The log's new path.
    /// - Throws: `JobStoreError` when it cannot be renamed.
    func setAsideOrphans(at now: Timestamp) throws(JobStoreError) -> String {
        let lone = try setAside().last { FileStatus($0 + "-wal") == nil }
        let target = lone ?? freeName("corrupt", at: now)
        try moveCompanions(to: target)
        return target + "-wal"
    }

    /// Renames a log that belongs to another database than the one that is there now.
    ///
    /// - Parameter now: For the new name.
    /// - Returns: The log's new path.
    /// - Throws: `JobStoreError` when it cannot be renamed.
    func setAsideStaleLog(at now: Timestamp) throws(JobStoreError) -> String {
        let target = freeName("stale", at: now)
        try moveCompanions(to: target)
        return target + "-wal"
    }

    /// The moment as it stands in file names, for example `20260117T123456Z`.
    static func stamp(_ now: Timestamp) -> String {
        String(now.rfc3339.prefix { $0 != "." }.filter { $0 != "-" && $0 != ":" }) + "Z"
    }

    private func moveCompanions(to target: String) throws(JobStoreError) {
        for ending in Self.endings where FileStatus(main + ending) != nil {
            try move(main + ending, to: target + ending)
        }
        try StateDirectory.sync(directory, kind: O_DIRECTORY)
    }

    private func move(_ old: String, to new: String) throws(JobStoreError) {
        guard rename(old, new) == 0 else { throw JobStoreError(action: "set aside", file: old) }
    }

    private func freeName(_ word: String, at now: Timestamp) -> String {
        let first = "\(main).\(word)-\(Self.stamp(now))"
        var name = first
        var number = 2
        // The lock on the directory keeps others from taking the name between this look and the rename.
        while ([""] + Self.endings).contains(where: { FileStatus(name + $0) != nil }) {
            name = "\(first)-\(number)"
            number += 1
        }
        return name
    }
}
