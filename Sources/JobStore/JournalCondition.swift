import GRDB
import Glibc

/// What lies under the journal's name, found out without touching it.
enum JournalCondition: Equatable {
    /// Nothing.
    case absent
    /// A log without its database.
    case orphanedLog
    /// A database in which a first start has made nothing yet.
    case fresh
    /// A journal of this version or an older one.
    case usable
    /// A journal of this newer version.
    case newer(Int)
    /// Something else.
    case foreign
    /// A damaged file, with SQLite's words for it.
    case corrupt(String)
    /// A copy that an administrator put back, beside the log of the database that was there before.
    case staleLog

    /// Looks.
    init(of files: JournalFiles) throws(JobStoreError) {
        let log = FileStatus(files.wal)?.size ?? 0
        guard let main = FileStatus(files.main) else {
            guard access(files.main, F_OK) != 0, errno == ENOENT else {
                throw JobStoreError(action: "look at", file: files.main)
            }
            self = log > 0 ? .orphanedLog : .absent
            return
        }
        guard main.kind == S_IFREG else {
            self = .foreign
            return
        }
        guard main.size > 0 else {
            // SQLite would silently delete the log.
            self = log > 0 ? .corrupt("the file is empty although its log is not") : .fresh
            return
        }
        do {
            self = try Self.look(at: files, hasLog: log > 0)
        } catch {
            let failure = JobStoreError(error, action: "read", file: files.main)
            guard failure.code == .corrupt else { throw failure }
            self = .corrupt(error.message ?? "not a database")
        }
    }

    private static func look(at files: JournalFiles, hasLog: Bool) throws(DatabaseError) -> JournalCondition {
        let alone: Facts?
        do {
            alone = try Facts(SQLiteProbe(files.main, .mainOnly))
        } catch {
            // Without its log a database may well look damaged: pages are copied back in any order.
            guard hasLog else { throw error }
            alone = nil
        }
        if let alone, alone.isNewer {
            return .newer(alone.version)
        }
        if hasLog, alone?.isCopy == true {
            // The mark of a copy is removed, and the log emptied, before anything else is written. So the log
            // is not this database's own, or holds nothing but that removal.
            return .staleLog
        }
        if (FileStatus(files.rollback)?.size ?? 0) > 0 {
            // A first start died while it made the file. Only SQLite can roll that back, by writing; the
            // version is looked at again after that.
            return .usable
        }
        let scope: SQLiteProbe.Scope = hasLog ? .withLog : .mainOnly
        let probe = try SQLiteProbe(files.main, scope)
        let facts = try Facts(probe)
        if facts.isNewer {
            return .newer(facts.version)
        }
        guard facts.isOurs else {
            return facts.isEmpty ? .fresh : .foreign
        }
        let words = try probe.values("PRAGMA quick_check(1)")
        return words == ["ok"] ? .usable : .corrupt(words.first ?? "quick_check says nothing")
    }
}

/// What a database says about itself.
private struct Facts {
    let version: Int
    let isOurs: Bool
    let isEmpty: Bool
    let isCopy: Bool

    init(_ probe: borrowing SQLiteProbe) throws(DatabaseError) {
        version = try probe.values("PRAGMA user_version").first.flatMap { Int($0) } ?? 0
        let application = try probe.values("PRAGMA application_id").first
        isOurs = application == String(JournalSchema.applicationID)
        let tables = try probe.values(
            "SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
                + "AND name NOT LIKE 'grdb\\_%' ESCAPE '\\'"
        )
        isEmpty = tables.isEmpty
        guard isOurs, tables.contains("setting") else {
            isCopy = false
            return
        }
        let mark = try probe.values("SELECT value FROM setting WHERE name = '\(JournalSetting.copiedAt)'")
        isCopy = !mark.isEmpty
    }

    var isNewer: Bool {
        isOurs && version > JournalSchema.version
    }
}
