import FoundationEssentials
import GRDB
public import JobCore
public import JobEngine
import Logging

extension SQLiteJobJournal {
    /// Reads what the last run left.
    ///
    /// - Returns: The state to go on from.
    /// - Throws: `JobStoreError` when the journal cannot be read at all.
    public func restore() async throws -> RestoredState {
        let jobs = try await withReader("read") { try JobRows($0) }
        // Nobody writes yet, so two transactions see the same. The keys of a month are read while jobs are decoded.
        async let others = withReader("read") { try OtherRows($0) }
        let live = await JobRecordCodec.decode(jobs.live)
        let finished = await JobRecordCodec.decode(jobs.finished)
        let rows = try await others
        var state = rows.settings
        for result in live {
            switch result {
            case .success(let job): state.live.append(job)
            case .failure(let record): state.unreadable.append(sentence(record))
            }
        }
        for result in finished {
            switch result {
            case .success(let job): state.finished.append(job)
            case .failure(let record): state.unreadable.append(sentence(record))
            }
        }
        state.unreadable += rows.brokenKeys.map { "Client key \($0) in \(file) names no job; it was kept." }
        return state
    }

    /// Counts the settled jobs by state.
    ///
    /// - Parameter uid: Whose; nil counts those of all users.
    /// - Returns: The counts.
    /// - Throws: `JobStoreError` when the journal cannot be read.
    public func finishedCounts(of uid: UInt32?) async throws -> [JobState.Word: Int]? {
        try await withReader("read") { try Self.finishedCounts($0, of: uid) }
    }

    static func finishedCounts(
        _ database: Database,
        of uid: UInt32? = nil
    ) throws -> [JobState.Word: Int] {
        var counts: [JobState.Word: Int] = [:]
        let condition = uid == nil ? "" : " AND uid = ?"
        let rows = try Row.fetchCursor(
            database,
            sql: "SELECT state, COUNT(*) FROM job WHERE finished_at IS NOT NULL\(condition) GROUP BY state",
            arguments: uid.map { [$0] } ?? []
        )
        while let row = try rows.next() {
            // A word of a newer version counts for nobody here.
            if let word = JobState.Word(rawValue: row[0]) {
                counts[word] = row[1]
            }
        }
        return counts
    }

    /// Reads jobs that are not in memory any more.
    ///
    /// - Parameter query: Which.
    /// - Returns: Newest first by identifier; records that cannot be read are left out and logged.
    /// - Throws: `JobStoreError` when the journal cannot be read.
    public func finishedJobs(_ query: FinishedJobsQuery) async throws -> [Job] {
        let (jobs, unreadable) = try await withReader("read") { database in
            var jobs: [Job] = []
            var unreadable: [UnreadableRecord] = []
            let codec = JobRecordCodec()
            let (sql, arguments) = query.selection
            // The limit counts jobs, not rows: a page is not shorter for a record that cannot be read.
            let rows = try Row.fetchCursor(database.cachedStatement(sql: sql), arguments: arguments)
            while jobs.count < query.limit, let row = try rows.next() {
                do throws(UnreadableRecord) {
                    jobs.append(try codec.decode(StoredRecord(row)))
                } catch {
                    unreadable.append(error)
                }
            }
            return (jobs, unreadable)
        }
        for record in unreadable {
            logger.warning(
                "a record in the journal cannot be read and was kept",
                metadata: ["job.id": "\(record.id)", "error": "\(record.reason)"]
            )
        }
        return jobs
    }

    private func sentence(_ record: UnreadableRecord) -> String {
        "Job \(record.id) in \(file) cannot be read and was kept: \(record.reason)."
    }
}

extension FinishedJobsQuery {
    /// The statement and its arguments.
    ///
    /// The index is named, so that a search never falls back to reading every record.
    fileprivate var selection: (sql: String, arguments: StatementArguments) {
        var conditions = ["finished_at IS NOT NULL"]
        var arguments = StatementArguments()
        func add(_ condition: String, _ value: (any DatabaseValueConvertible)?) {
            guard let value else { return }
            conditions.append(condition)
            arguments += [value]
        }
        add("id = ?", id?.description)
        add("id < ?", before?.description)
        add("uid = ?", uid)
        add("label = ?", label)
        if !states.isEmpty {
            let marks = Array(repeating: "?", count: states.count).joined(separator: ", ")
            conditions.append("state IN (\(marks))")
            arguments += StatementArguments(states.map(\.rawValue).sorted())
        }
        let sql = """
            SELECT id, version, record FROM job INDEXED BY job_list
            WHERE \(conditions.joined(separator: " AND ")) ORDER BY id DESC
            """
        return (sql, arguments)
    }
}

/// The jobs that the start reads.
private struct JobRows: Sendable {
    /// How many finished jobs are kept in memory (CONTRACT section 2, `jobs.keep_finished`).
    static let finishedInMemory = 1000

    var live: [StoredRecord] = []
    var finished: [StoredRecord] = []

    init(_ database: Database) throws {
        try database.inTransaction(.deferred) {
            live = try StoredRecord.fetch(
                database,
                "SELECT id, version, record FROM job WHERE finished_at IS NULL ORDER BY id"
            )
            finished = try StoredRecord.fetch(
                database,
                """
                SELECT id, version, record FROM job WHERE finished_at IS NOT NULL
                ORDER BY finished_at DESC, id DESC LIMIT \(Self.finishedInMemory)
                """
            )
            return .commit
        }
    }
}

/// What else it reads.
private struct OtherRows: Sendable {
    /// How far back the sliding windows are restored.
    static let sentWindow = Duration.seconds(180)

    var brokenKeys: [String] = []
    /// Everything but the jobs.
    var settings = RestoredState()

    init(_ database: Database) throws {
        try database.inTransaction(.deferred) {
            try readKeys(database)
            try readSent(database)
            try readSettings(database)
            return .commit
        }
    }

    private mutating func readKeys(_ database: Database) throws {
        let rows = try Row.fetchCursor(
            database,
            sql: "SELECT uid, key, job, fingerprint, created_at FROM client_key"
        )
        while let row = try rows.next() {
            guard let job = JobID(row[2]) else {
                brokenKeys.append(row[1])
                continue
            }
            settings.clientKeys.append(
                ClientKeyRecord(
                    uid: row[0],
                    key: row[1],
                    job: job,
                    fingerprint: row[3],
                    createdAt: Timestamp(milliseconds: row[4])
                )
            )
        }
    }

    private mutating func readSent(_ database: Database) throws {
        let times = try Int64.fetchAll(database, sql: "SELECT at FROM sent ORDER BY rowid")
        guard let last = times.last else { return }
        // Times after the last one are from before a clock was set back, see `JournalTransaction.pruneSent`.
        settings.sent = times.map { min($0, last) }
            .filter { $0 >= last - Self.sentWindow.milliseconds }
            .sorted()
            .map(Timestamp.init(milliseconds:))
    }

    private mutating func readSettings(_ database: Database) throws {
        settings.drained = try JournalSetting.value(database, JournalSetting.drained) != nil
        settings.drainReason = try JournalSetting.value(database, JournalSetting.drainReason)
        let given = try JournalSetting.value(database, JournalSetting.lastID).flatMap { JobID($0) }
        let present = try String.fetchOne(database, sql: "SELECT MAX(id) FROM job").flatMap { JobID($0) }
        settings.lastID = [given, present].compactMap(\.self).max()
        settings.finishedCounts = try SQLiteJobJournal.finishedCounts(database)
    }
}

extension StoredRecord {
    fileprivate init(_ row: Row) {
        self.init(id: row[0], version: row[1], bytes: row[2])
    }

    fileprivate static func fetch(_ database: Database, _ sql: String) throws -> [StoredRecord] {
        var records: [StoredRecord] = []
        let rows = try Row.fetchCursor(database, sql: sql)
        while let row = try rows.next() {
            records.append(StoredRecord(row))
        }
        return records
    }
}
