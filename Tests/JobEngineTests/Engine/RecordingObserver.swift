import JobCore
import JobEngine
import Synchronization

/// Remembers what the engine showed.
final class RecordingObserver: EngineObserver {
    struct Seen: Sendable {
        var jobs: [JobID: Job] = [:]
        var counts: [JobState.Word: Int] = [:]
        var notices: [JobNotice] = []
        var gate: String?
        var drained = false
        var journalFault: JobFault?
        var journalFaults = 0
        var isRestored = false
        /// The jobs as they were shown first.
        var restored: [JobID: Job] = [:]
    }

    private let state = Mutex(Seen())

    var seen: Seen {
        state.withLock { $0 }
    }

    func forgetNotices() {
        state.withLock { $0.notices = [] }
    }

    func restored(jobs: [Job], counts: [JobState.Word: Int], lastID: JobID?) {
        state.withLock { seen in
            seen.jobs = Dictionary(jobs.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
            seen.restored = seen.jobs
            seen.counts = counts
            seen.isRestored = true
        }
    }

    func changed(_ notice: JobNotice, counts: [JobState.Word: Int]) {
        state.withLock { seen in
            seen.jobs[notice.job.id] = notice.kind == .removed ? nil : notice.job
            seen.counts = counts
            seen.notices.append(notice)
        }
    }

    func gateChanged(reason: String?, drained: Bool) {
        state.withLock { seen in
            seen.gate = reason
            seen.drained = drained
        }
    }

    func journalChanged(_ fault: JobFault?) {
        state.withLock { seen in
            seen.journalFault = fault
            seen.journalFaults += fault == nil ? 0 : 1
        }
    }

    func balanceChanged(_ balances: [Money], at: Timestamp) {}

    func providerReached(_ fault: JobFault?) {}
}
