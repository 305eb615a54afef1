import GRDB
import JobCore

/// The tables and their versions.
enum JournalSchema {
    /// The version that this code reads and writes, in `PRAGMA user_version`.
    static let version = 1
    /// `VDGJ`, in `PRAGMA application_id`: whose database this is.
    static let applicationID = 0x5644_474A

    /// The steps from nothing to the present version; released steps are never edited, only followed by others.
    ///
    /// - Parameter drainReason: Why a journal that is made now starts drained. It is written with the tables in
    ///   one transaction: there is no moment at which a new journal could pass for a first start.
    /// - Returns: The steps.
    static func migrator(drainReason: String?) -> DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1", foreignKeyChecks: .immediate) { database in
            try database.execute(sql: versionOne)
            if let drainReason {
                try JournalSetting.drain(database, because: drainReason)
            }
        }
        return migrator
    }

    /// Makes the tables or brings them to the present version.
    ///
    /// - Parameters:
    ///   - writer: The open database.
    ///   - drainReason: Why a journal that is made now starts drained.
    /// - Throws: What SQLite says.
    static func migrate(_ writer: DatabaseQueue, drainReason: String?) throws {
        let migrator = migrator(drainReason: drainReason)
        guard try !writer.read(migrator.hasCompletedMigrations) else { return }
        try migrator.migrate(writer)
        // The version belongs into the file's header at once, where older daemons look for it first.
        try writer.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
    }

    // Rows of `job` are large, so the table keeps its rowid and the searches have indexes of their own:
    // `job_live` for the start, `job_finished` for the newest, the counts and the purge, `job_list` for
    // filters: it covers every column that can be asked for, so a search touches only the rows it returns.
    //
    // `finished_at` is NULL for jobs that are not settled. Identifiers sort by time of creation.
    private static let versionOne = """
        CREATE TABLE job (
            id TEXT NOT NULL PRIMARY KEY,
            state TEXT NOT NULL,
            uid INTEGER NOT NULL,
            label TEXT,
            finished_at INTEGER,
            version INTEGER NOT NULL,
            record BLOB NOT NULL
        );
        CREATE INDEX job_live ON job (id) WHERE finished_at IS NULL;
        CREATE INDEX job_finished ON job (finished_at, id, state) WHERE finished_at IS NOT NULL;
        CREATE INDEX job_list ON job (id, uid, state, label) WHERE finished_at IS NOT NULL;
        CREATE TABLE client_key (
            uid INTEGER NOT NULL,
            key TEXT NOT NULL,
            job TEXT NOT NULL,
            fingerprint TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            PRIMARY KEY (uid, key)
        ) WITHOUT ROWID;
        CREATE TABLE sent (at INTEGER NOT NULL);
        CREATE TABLE setting (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        PRAGMA application_id = \(applicationID);
        PRAGMA user_version = 1;
        """
}

/// The rows of the table `setting`.
enum JournalSetting {
    /// Present when submissions are stopped by an administrator.
    static let drained = "drained"
    /// Why the daemon itself stopped submissions; gone with the resume.
    static let drainReason = "drain_reason"
    /// The highest identifier when a job was last forgotten; the table may have a higher one.
    static let lastID = "last_id"
    /// In copies only: when the copy was made.
    static let copiedAt = "copied_at"

    /// Reads a setting.
    static func value(_ database: Database, _ name: String) throws -> String? {
        try String.fetchOne(
            database.cachedStatement(sql: "SELECT value FROM setting WHERE name = ?"),
            arguments: [name]
        )
    }

    /// Writes a setting, or removes it.
    static func set(_ database: Database, _ name: String, to value: String?) throws {
        if let value {
            try database.cachedStatement(
                sql: """
                    INSERT INTO setting (name, value) VALUES (?, ?)
                    ON CONFLICT (name) DO UPDATE SET value = excluded.value
                    """
            ).execute(arguments: [name, value])
        } else {
            try database.cachedStatement(sql: "DELETE FROM setting WHERE name = ?").execute(arguments: [name])
        }
    }

    /// Stops submissions until an administrator has looked.
    static func drain(_ database: Database, because reason: String) throws {
        try set(database, drained, to: "1")
        try set(database, drainReason, to: reason)
    }
}
