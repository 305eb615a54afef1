import JSON
import JobCore
import Synchronization

/// The text that stands beside each published video (CONTRACT section 4).
final class Receipt: Sendable {
    private let daemonVersion: String
    private let includesRequest: Mutex<Bool>

    init(withRequest: Bool, daemonVersion: String) {
        includesRequest = Mutex(withRequest)
        self.daemonVersion = daemonVersion
    }

    /// Whether the request is part of it (`output.receipt_request`); a reload may change it.
    var withRequest: Bool {
        get { includesRequest.withLock { $0 } }
        set { includesRequest.withLock { $0 = newValue } }
    }

    /// Builds the receipt of one attempt without `file`, `bytes` and `sha256`, which the publisher knows.
    func bytes(of job: Job, attempt: Attempt) -> [UInt8] {
        var writer = JSONWriter(capacity: 1024)
        writer.object { writer in
            writer.member("job_id", job.id.description)
            writer.name("owner")
            writer.object { writer in
                writer.member("uid", job.owner.uid)
                writer.member("user", job.owner.user)
            }
            writer.member("label", job.label)
            writer.member("model", job.request.model)
            if withRequest {
                writer.name("request")
                writer.raw(job.request.shown.utf8)
            }
            writer.member("run_id", attempt.runID)
            if let cost = attempt.cost {
                writer.name("cost")
                writer.object { writer in
                    writer.name("charged")
                    writer.object { writer in
                        writer.member("micros", cost.charged.micros)
                        writer.member("currency", cost.charged.currency)
                    }
                    writer.member("final", cost.final)
                }
            }
            writer.member("created_at", job.createdAt.rfc3339)
            writer.member("submitted_at", attempt.intendedAt.rfc3339)
            writer.member("provider_completed_at", attempt.providerCompletedAt?.rfc3339)
            writer.member("daemon_version", daemonVersion)
        }
        return writer.bytes
    }
}
