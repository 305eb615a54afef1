import GRDB
public import JobCore
public import JobEngine
public import Logging
import Synchronization

/// The journal as a SQLite database in the state directory.
///
/// One connection writes, on a queue of its own: a commit is one transaction and one sync of the write-ahead log.
/// A second one only reads, so that a commit does not wait behind a search through old jobs or a backup; readers
/// of a write-ahead log hold nobody up. A pool of readers would buy nothing: one user lists at a time.
public final class SQLiteJobJournal: JobJournal {
    /// What was found and put right at the start, one sentence each.
    public let warnings: [String]
    /// Which journal was set aside because it was damaged, in one sentence; nil when none was.
    public let setAside: String?
    /// The absolute path of the state directory.
    public let directory: String

    let writer: DatabaseQueue
    let reader: DatabaseQueue
    let erasureDelay: Duration
    let logger: Logger
    private let lock: StateDirectoryLock
    let isClosed = Mutex(false)
    /// Whether the log is about to be cut back.
    let erasureIsPlanned = Mutex(false)
    /// How often in a row it could not be.
    let erasureFailures = Mutex(0)

    /// Takes the state directory and opens its journal, or makes both.
    ///
    /// Blocks while it reads the whole file once to see whether it is sound. A damaged journal is set aside, and a
    /// new one that starts drained takes its place.
    ///
    /// - Parameters:
    ///   - path: The state directory.
    ///   - now: For the names of what is set aside.
    ///   - erasureDelay: How long the log may hold what a completed job's record no longer has.
    ///   - logger: For records that a search cannot read.
    /// - Returns: The journal, ready.
    /// - Throws: `JobStoreError`: `locked` when another process uses the directory, `newerSchema` when a newer
    ///   version wrote the journal, which is not touched then, and others.
    public static func open(
        _ path: String,
        at now: Timestamp,
        erasureDelay: Duration = .seconds(5),
        logger: Logger
    ) throws(JobStoreError) -> SQLiteJobJournal {
        var directory = try StateDirectory(preparing: path)
        let lock = try StateDirectoryLock(directory.lock)
        // A journal of a newer version is left as it is, its mode included.
        let condition = try JournalCondition(of: directory.journal)
        if case .newer(let version) = condition {
            throw JournalOpening.newer(version, directory.journal)
        }
        try directory.tightenContents()
        var opening = JournalOpening(files: directory.journal, now: now)
        let (writer, reader) = try opening.run(from: condition)
        try directory.sync()
        return SQLiteJobJournal(
            warnings: directory.warnings + opening.warnings,
            setAside: opening.setAside,
            directory: directory.path,
            writer: writer,
            reader: reader,
            erasureDelay: erasureDelay,
            logger: logger,
            lock: lock
        )
    }

    private init(
        warnings: [String],
        setAside: String?,
        directory: String,
        writer: DatabaseQueue,
        reader: DatabaseQueue,
        erasureDelay: Duration,
        logger: Logger,
        lock: StateDirectoryLock
    ) {
        self.warnings = warnings
        self.setAside = setAside
        self.directory = directory
        self.writer = writer
        self.reader = reader
        self.erasureDelay = erasureDelay
        self.logger = logger
        self.lock = lock
    }

    /// Makes changes durable, all or none, in one transaction; returns after the sync.
    ///
    /// A task that is cancelled meanwhile changes nothing: what was handed in is committed.
    ///
    /// - Parameter changes: The changes in order.
    /// - Throws: `JobStoreError`; the same changes can be handed in again.
    public func commit(_ changes: [JournalChange]) async throws {
        guard !changes.isEmpty else { return }
        try await withWriter("commit to") { database in
            try database.inTransaction(.immediate) {
                try JournalTransaction(database).apply(changes)
                return .commit
            }
        }
        eraseSoon(after: changes)
    }

    /// Closes the journal; everything is moved from the write-ahead log into the database.
    ///
    /// Waits for what was handed in before.
    public func close() async {
        guard
            isClosed.withLock({ closed in
                defer { closed = true }; return !closed
            })
        else { return }
        do {
            // On the queue first, since closing blocks the caller and then has nothing left to move.
            try await access(writer, "checkpoint") { _ = try $0.checkpoint(.truncate) }
        } catch {
            // Everything is durable in the log; the next start reads it from there.
            logger.warning(
                "the journal's log was not moved into the database",
                metadata: ["error": "\(error)"]
            )
        }
        do {
            // The reader first: the last connection removes the log, and this one may not write.
            try reader.close()
            try writer.close()
        } catch {
            logger.warning("the journal was not closed", metadata: ["error": "\(error)"])
        }
        lock.release()
    }

    // MARK: Queues

    var file: String {
        JournalFiles(directory: directory).main
    }

    func withWriter<T: Sendable>(
        _ action: String,
        _ body: @escaping @Sendable (Database) throws -> T
    ) async throws(JobStoreError) -> T {
        try checkOpen()
        return try await access(writer, action, body)
    }

    func withReader<T: Sendable>(
        _ action: String,
        _ body: @escaping @Sendable (Database) throws -> T
    ) async throws(JobStoreError) -> T {
        try checkOpen()
        return try await access(reader, action, body)
    }

    /// Runs a block on a connection's queue.
    ///
    /// Not GRDB's own asynchronous access: that one gives up when the task is cancelled, and a daemon that is
    /// stopping still has to note what it was charged for.
    private func access<T: Sendable>(
        _ queue: DatabaseQueue,
        _ action: String,
        _ body: @escaping @Sendable (Database) throws -> T
    ) async throws(JobStoreError) -> T {
        let result: Result<T, any Error> = await withCheckedContinuation { continuation in
            queue.asyncWriteWithoutTransaction { database in
                continuation.resume(returning: Result { try body(database) })
            }
        }
        do {
            return try result.get()
        } catch {
            throw JobStoreError(error, action: action, file: file)
        }
    }

    private func checkOpen() throws(JobStoreError) {
        guard !isClosed.withLock({ $0 }) else { throw JobStoreError(.closed, "\(file) was closed") }
    }
}
