import JobCore
import Logging

/// The engine's log lines: constant messages, values in metadata, never a prompt or a URL.
struct EngineLog: Sendable {
    let logger: Logger

    /// A job is in another state.
    ///
    /// `info`, but for what somebody should look at.
    func changed(_ notice: JobNotice) {
        guard notice.kind != .progress else { return }
        let job = notice.job
        var metadata: Logger.Metadata = [
            "job.id": "\(job.id)", "job.state": "\(job.state.word.rawValue)", "model": "\(job.request.model)",
            "uid": "\(job.owner.uid)", "event": "\(notice.kind.rawValue)",
        ]
        metadata["run.id"] = job.runID.map { "\($0)" }
        metadata["attempt"] = job.attempts.isEmpty ? nil : "\(job.attempts.count)"
        switch job.state {
        case .failed(let fault):
            metadata["error"] = "\(fault.kind.rawValue)"
            logger.warning("job failed", metadata: metadata)
        case .held(let reason):
            metadata["reason"] = "\(reason.kind.rawValue)"
            logger.error("job is held", metadata: metadata)
        case .completed:
            metadata["output"] = job.outputs.first.map { "\($0.file)" }
            logger.info("job completed", metadata: metadata)
        default:
            logger.info("job changed", metadata: metadata)
        }
    }

    func gate(_ reason: String?) {
        if let reason {
            logger.warning("submissions are held up", metadata: ["reason": "\(reason)"])
        } else {
            logger.info("submissions go on")
        }
    }
}
