import Dispatch
import GRDB
import JobCore
import JobEngine
import Logging
import Synchronization

extension SQLiteJobJournal {
    /// A minute of failures at the usual delay.
    private static let erasureFailuresToTell = 12

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
                erasureFailures.withLock { $0 = 0 }
            } catch {
                noteFailedErasure(error)
                eraseSoon()
            }
        }
    }

    /// A reader that holds the log for a moment is nothing to speak of; one that never lets go is.
    private func noteFailedErasure(_ error: any Error) {
        let failures = erasureFailures.withLock { failures in
            failures += 1
            return failures
        }
        guard failures == Self.erasureFailuresToTell else { return }
        logger.warning(
            "the journal's log cannot be cut back, so links of completed jobs stay in it for now",
            metadata: ["error": "\(error)"]
        )
    }
}
