import Dispatch
import GRDB
import JobCore
import JobEngine
import Synchronization

extension SQLiteJobJournal {
    /// Moves the log into the database a little later, and cuts it back to nothing.
    ///
    /// Signed URLs are erased when their job completes (CONTRACT section 2), but the log keeps the record as it was
    /// until it is written over. Once for all jobs that complete meanwhile.
    ///
    /// - Parameter changes: What was committed.
    func eraseSoon(after changes: [JournalChange]) {
        let completes = changes.contains { change in
            if case .job(let job) = change { job.state == .completed } else { false }
        }
        guard completes else { return }
        eraseSoon()
    }

    private func eraseSoon() {
        let isPlanned = erasureIsPlanned.withLock { isPlanned in
            defer { isPlanned = true }
            return isPlanned
        }
        guard !isPlanned else { return }
        let delay = DispatchTimeInterval.milliseconds(Int(erasureDelay / .milliseconds(1)))
        DispatchQueue.global(qos: .utility).asyncAfter(deadline: .now() + delay) { [weak self] in
            self?.erase()
        }
    }

    private func erase() {
        erasureIsPlanned.withLock { $0 = false }
        guard !isClosed.withLock({ $0 }) else { return }
        writer.asyncWriteWithoutTransaction { [self] database in
            do {
                // A long search or a copy reads from the log: then commits must not wait for it here.
                try database.execute(sql: "PRAGMA busy_timeout = 0")
                defer {
                    // It was set like this when the connection was opened, so it can be set again.
                    try? database.execute(sql: "PRAGMA busy_timeout = \(JournalOpening.busyTimeout * 1000)")
                }
                _ = try database.checkpoint(.truncate)
            } catch {
                eraseSoon()
            }
        }
    }
}
