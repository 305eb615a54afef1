import GRDB
import JobCore

/// The way from whatever lies under the journal's name to two open connections.
struct JournalOpening {
    let files: JournalFiles
    let now: Timestamp
    /// What was put right on the way, one sentence each.
    private(set) var warnings: [String] = []
    /// Which journal was set aside, in one sentence; nil when none was.
    private(set) var setAside: String?

    init(files: JournalFiles, now: Timestamp) {
        self.files = files
        self.now = now
    }

    /// Opens the journal.
    ///
    /// - Parameter first: What was found: the look reads the whole file, so nobody looks twice.
    /// - Returns: The connection that writes and the one that reads.
    /// - Throws: `JobStoreError` when it is not ours, of a newer version, or cannot be opened.
    mutating func run(
        from first: JournalCondition
    ) throws(JobStoreError) -> (writer: DatabaseQueue, reader: DatabaseQueue) {
        var found: JournalCondition? = first
        while true {
            let condition = if let found { found } else { try JournalCondition(of: files) }
            found = nil
            switch condition {
            case .newer(let version): throw Self.newer(version, files)
            case .foreign:
                throw JobStoreError(
                    .foreignFile,
                    "\(files.main) is not a journal of ours; move it out of the way"
                )
            case .corrupt(let words):
                try putAside(words)
            case .orphanedLog:
                let log = try files.setAsideOrphans(at: now)
                remember("The journal was gone, its log was set aside as \(log).")
            case .staleLog:
                let log = try files.setAsideStaleLog(at: now)
                warnings.append(
                    "\(files.main) was restored from a copy beside the log of an earlier journal; "
                        + "the log was set aside as \(log)"
                )
            case .absent, .fresh:
                // A journal that was set aside leaves its name behind. Finding one here means that the new
                // journal was never made, however many starts ago that was.
                if let old = try files.setAside().last {
                    setAside = setAside ?? "The journal was set aside as \(old)."
                }
                fallthrough
            case .usable:
                do {
                    return try connect()
                } catch  where error.code == .corrupt && setAside == nil {
                    // What the look did not show (SQLite had to roll something back first).
                    try putAside(error.message)
                }
            }
        }
    }

    /// The refusal of a journal that a newer version wrote.
    static func newer(_ version: Int, _ files: JournalFiles) -> JobStoreError {
        JobStoreError(
            .newerSchema,
            "\(files.main) was written by a newer videogend (schema \(version), known is "
                + "\(JournalSchema.version)); it was not touched"
        )
    }

    private mutating func putAside(_ words: String) throws(JobStoreError) {
        let path = try files.setAside(at: now)
        remember("The journal was damaged (\(words)) and set aside as \(path).")
    }

    private mutating func remember(_ sentence: String) {
        warnings.append(sentence)
        setAside = sentence
    }

    private func connect() throws(JobStoreError) -> (writer: DatabaseQueue, reader: DatabaseQueue) {
        try StateDirectory.createFile(files.main)
        do {
            let writer = try DatabaseQueue(path: files.main, configuration: Self.configuration)
            let version = try writer.writeWithoutTransaction(Self.setUp)
            guard version <= JournalSchema.version else { throw Self.newer(version, files) }
            try JournalSchema.migrate(writer, drainReason: setAside.map { $0 + " " + Self.advice })
            try noteCopy(writer)
            try writer.write { try JournalTransaction($0).pruneSent() }
            var readOnly = Self.configuration
            readOnly.readonly = true
            return (writer, try DatabaseQueue(path: files.main, configuration: readOnly))
        } catch {
            throw JobStoreError(error, action: "open", file: files.main)
        }
    }

    /// Seconds.
    static let busyTimeout = 5

    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.journalMode = .wal
        configuration.foreignKeysEnabled = false
        // Somebody may look into the database with another tool.
        configuration.busyMode = .timeout(Double(busyTimeout))
        configuration.label = "journal"
        return configuration
    }

    /// Sets what GRDB does not, and reads back what the promise to pay once stands on.
    private static func setUp(_ database: Database) throws -> Int {
        // GRDB's switch to the write-ahead log leaves NORMAL, with which a commit is not synced.
        try database.execute(sql: "PRAGMA synchronous = FULL")
        let synchronous = try Int.fetchOne(database, sql: "PRAGMA synchronous")
        guard synchronous == 2 else {
            throw JobStoreError(
                .notDurable,
                "SQLite refuses to sync every commit (synchronous is \(synchronous ?? -1), not 2)"
            )
        }
        // Signed URLs leave a record when its job completes, prompts when it is forgotten. ON, not FAST: a long
        // record reaches into pages of its own, and FAST leaves the text on pages that fall free.
        _ = try Int.fetchOne(database, sql: "PRAGMA secure_delete = ON")
        // A log that one large transaction blew up is cut back once its content is in the database.
        _ = try Int.fetchOne(database, sql: "PRAGMA journal_size_limit = 8388608")
        return try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
    }

    /// A copy that was put back starts drained; its mark goes in the same transaction.
    private func noteCopy(_ writer: DatabaseQueue) throws {
        let found = try writer.write { database in
            guard let copiedAt = try JournalSetting.value(database, JournalSetting.copiedAt) else {
                return false
            }
            let sentence = "The journal was restored from a copy made at \(copiedAt)."
            try JournalSetting.drain(database, because: sentence + " " + Self.advice)
            try JournalSetting.set(database, JournalSetting.copiedAt, to: nil)
            return true
        }
        if found {
            // As long as the database itself bears the mark, its log is taken for a stale one.
            try writer.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
        }
    }

    private static let advice =
        "Jobs that it does not know may be paid for: see videogenctl recover, then videogenctl resume."
}
