import GRDB
import JobCore
import JobEngine

/// What changes do to the tables, inside somebody's transaction.
struct JournalTransaction {
    /// How long a client key is remembered at least (CONTRACT section 5).
    static let keepKeys = Duration.seconds(30 * 86_400)
    /// How long the times of POSTs are kept; the longest window that is restored is three minutes.
    static let keepSent = Duration.seconds(600)

    private let database: Database
    private let codec = JobRecordCodec()

    init(_ database: Database) {
        self.database = database
    }

    /// Applies changes in order.
    func apply(_ changes: [JournalChange]) throws {
        for change in changes {
            switch change {
            case .job(let job): try put(job)
            case .forget(let id):
                try noteLast()
                try database.cachedStatement(sql: "DELETE FROM job WHERE id = ?")
                    .execute(arguments: [id.description])
            case .purge(let time):
                try purge(before: time)
            case .sent(let time):
                try database.cachedStatement(sql: "INSERT INTO sent (at) VALUES (?)")
                    .execute(arguments: [time.milliseconds])
            case .drained(let drained):
                try JournalSetting.set(database, JournalSetting.drained, to: drained ? "1" : nil)
                if !drained {
                    try JournalSetting.set(database, JournalSetting.drainReason, to: nil)
                }
            }
        }
    }

    /// Forgets POSTs that no window reaches back to.
    ///
    /// The row that came last is the measure, not a clock. Rows with a later time are from before a clock was
    /// set back; the best that is known of them is that they are no younger than the last.
    func pruneSent() throws {
        guard let last = try Int64.fetchOne(database, sql: "SELECT at FROM sent ORDER BY rowid DESC LIMIT 1")
        else { return }
        try database.execute(sql: "UPDATE sent SET at = ? WHERE at > ?", arguments: [last, last])
        try database.execute(
            sql: "DELETE FROM sent WHERE at < ?",
            arguments: [last - Self.keepSent.milliseconds]
        )
    }

    private func put(_ job: Job) throws {
        // What the machine still works on is live, also a job that is over while a lost attempt is looked for.
        let finishedAt = job.isSettled ? (job.finishedAt ?? job.createdAt).milliseconds : nil
        try database.cachedStatement(
            sql: """
                INSERT INTO job (id, state, uid, label, finished_at, version, record)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET state = excluded.state, uid = excluded.uid,
                label = excluded.label, finished_at = excluded.finished_at, version = excluded.version,
                record = excluded.record
                """
        ).execute(arguments: [
            job.id.description, job.state.word.rawValue, job.owner.uid, job.label, finishedAt,
            JobRecordCodec.version, try codec.encode(job),
        ])
        guard let key = job.clientKey else { return }
        // Once the key is forgotten a newer job may take it, and keeps it when the older one is retried.
        try database.cachedStatement(
            sql: """
                INSERT INTO client_key (uid, key, job, fingerprint, created_at) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (uid, key) DO UPDATE SET job = excluded.job, fingerprint = excluded.fingerprint,
                created_at = excluded.created_at WHERE excluded.job > client_key.job
                """
        ).execute(arguments: [
            job.owner.uid, key, job.id.description, job.request.fingerprint, job.createdAt.milliseconds,
        ])
    }

    private func purge(before time: Timestamp) throws {
        try noteLast()
        try database.execute(sql: "DELETE FROM job WHERE finished_at < ?", arguments: [time.milliseconds])
        // Thirty days before that time, not before now, which is not known here: late rather than early.
        try database.execute(
            sql: """
                DELETE FROM client_key WHERE created_at < ?
                AND NOT EXISTS (SELECT 1 FROM job WHERE job.id = client_key.job)
                """,
            arguments: [time.milliseconds - Self.keepKeys.milliseconds]
        )
        try pruneSent()
    }

    /// Keeps the highest identifier before a job goes: no identifier is given away a second time.
    private func noteLast() throws {
        try database.cachedStatement(
            sql: """
                INSERT INTO setting (name, value) SELECT ?, id FROM job WHERE true ORDER BY id DESC LIMIT 1
                ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE excluded.value > setting.value
                """
        ).execute(arguments: [JournalSetting.lastID])
    }
}
