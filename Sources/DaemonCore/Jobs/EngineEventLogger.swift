import JobCore
import JobEngine
import Logging
import Synchronization
import Systemd

/// Writes what the engine announces into the log and passes it on.
///
/// Messages are constant, values go into metadata, never a prompt or a URL. What somebody may wait for or has to
/// act on carries an id that the journal's catalogue explains, see `JournalMessageID`.
final class EngineEventLogger: EngineObserver {
    private let next: any EngineObserver
    private let logger: Logger
    /// The jobs that are not over, to tell a new state or run from a mere change of the record.
    private let seenJobs = Mutex<[JobID: Seen]>([:])

    /// Makes a logger.
    ///
    /// - Parameters:
    ///   - next: Gets everything after it was logged.
    ///   - logger: Where it is written.
    init(passingOnTo next: any EngineObserver, logger: Logger) {
        self.next = next
        self.logger = logger
    }

    func restored(jobs: [Job], counts: [JobState.Word: Int], lastID: JobID?) {
        seenJobs.withLock { seen in
            for job in jobs where !job.isSettled {
                seen[job.id] = Seen(word: job.state.word, runID: job.runID)
            }
        }
        next.restored(jobs: jobs, counts: counts, lastID: lastID)
    }

    func changed(_ notice: JobNotice, counts: [JobState.Word: Int]) {
        if notice.kind != .progress {
            log(notice)
        }
        next.changed(notice, counts: counts)
    }

    func gateChanged(reason: String?, drained: Bool) {
        if let reason {
            logger.warning("submissions are held up", metadata: ["reason": "\(reason)"])
        } else {
            logger.info("submissions go on")
        }
        next.gateChanged(reason: reason, drained: drained)
    }

    func credentialChanged(_ fault: JobFault?) {
        if let fault {
            logger.error(
                "the provider refuses the API key",
                metadata: [
                    "error": "\(fault.message)",
                    "message.id": JournalMessageID.credentialRejected.metadataValue,
                ]
            )
        } else {
            logger.notice("the provider accepts the API key again")
        }
        next.credentialChanged(fault)
    }

    func journalChanged(_ fault: JobFault?) {
        next.journalChanged(fault)
    }

    func balanceChanged(_ balances: [Money], at: Timestamp) {
        next.balanceChanged(balances, at: at)
    }

    func providerReached(_ fault: JobFault?) {
        next.providerReached(fault)
    }

    // MARK: Jobs

    private func log(_ notice: JobNotice) {
        let job = notice.job
        var metadata: Logger.Metadata = [
            "job.id": "\(job.id)", "job.state": "\(job.state.word.rawValue)", "model": "\(job.request.model)",
            "uid": "\(job.owner.uid)", "event": "\(notice.kind.rawValue)",
        ]
        metadata["run.id"] = job.runID.map { "\($0)" }
        metadata["attempt"] = job.attempts.isEmpty ? nil : "\(job.attempts.count)"
        let news = remember(notice)
        if news.run {
            var submitted = metadata
            submitted["request.id"] = job.currentAttempt?.requestID.map { "\($0)" }
            logger.info("job submitted", metadata: submitted.with(.jobSubmitted))
        }
        guard news.state else {
            if !news.run { logger.debug("job changed", metadata: metadata) }
            return
        }
        switch job.state {
        case .failed(let fault):
            metadata["error"] = "\(fault.kind.rawValue)"
            logger.warning("job failed", metadata: metadata.with(.jobFailed))
        case .held(let reason):
            metadata["reason"] = "\(reason.kind.rawValue)"
            logger.error("job is held", metadata: metadata.with(.jobHeld))
        case .completed:
            metadata["output"] = job.outputs.first.map { "\($0.file)" }
            logger.info("job completed", metadata: metadata.with(.jobCompleted))
        default:
            if !news.run { logger.info("job changed", metadata: metadata) }
        }
    }

    /// Says what is new about a job, and remembers it until the job is over.
    private func remember(_ notice: JobNotice) -> (state: Bool, run: Bool) {
        let job = notice.job
        let seen = Seen(word: job.state.word, runID: job.runID)
        return seenJobs.withLock { jobs in
            let old = jobs[job.id]
            jobs[job.id] = notice.kind == .removed || job.isSettled ? nil : seen
            return (
                state: notice.kind != .state || old?.word != seen.word,
                run: notice.kind != .removed && seen.runID != nil && seen.runID != old?.runID
                    && !job.isSettled
            )
        }
    }
}

/// What was last told about a job.
private struct Seen {
    var word: JobState.Word
    var runID: String?
}

extension Logger.Metadata {
    /// The same with the id that the journal's catalogue explains.
    fileprivate func with(_ id: JournalMessageID) -> Logger.Metadata {
        var copy = self
        copy[JournalMessageID.metadataKey] = id.metadataValue
        return copy
    }
}
