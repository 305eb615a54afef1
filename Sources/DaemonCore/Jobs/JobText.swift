import ControlProtocol
import Dispatch
import JSON
import JobCore
import Synchronization

/// A job as the control protocol shows it, encoded once per change and shared by all readers and subscribers.
final class JobText: Sendable {
    /// The job.
    let job: Job
    /// The job object without its closing brace.
    private let open: [UInt8]
    /// The same with long strings of the request cut; nil when nothing is long.
    private let openBrief: [UInt8]?

    init(_ job: Job) {
        self.job = job
        open = Self.encode(job, request: job.request.shown, truncated: false)
        if job.request.shown.utf8.count > BriefRequest.stringBytes,
            let brief = Self.brief(job.request.shown)
        {
            openBrief = Self.encode(job, request: brief, truncated: true)
        } else {
            openBrief = nil
        }
    }

    /// The texts of many jobs in their order.
    ///
    /// On all cores: at the start ten thousand of them are waited for.
    static func make(_ jobs: [Job]) -> [JobText] {
        let size = 512
        guard jobs.count > size else { return jobs.map(JobText.init) }
        let parts = Mutex<[Int: [JobText]]>([:])
        DispatchQueue.concurrentPerform(iterations: (jobs.count + size - 1) / size) { number in
            let texts = jobs[number * size..<min((number + 1) * size, jobs.count)].map(JobText.init)
            parts.withLock { $0[number] = texts }
        }
        return parts.withLock { $0 }.sorted { $0.key < $1.key }.flatMap(\.value)
    }

    /// The whole object.
    ///
    /// - Parameters:
    ///   - brief: Whether long strings are cut.
    ///   - holdUp: What holds up all queued jobs.
    ///   - position: The job's place in the queue.
    /// - Returns: The JSON text.
    func bytes(brief: Bool, holdUp: String?, position: Int? = nil) -> [UInt8] {
        var bytes = brief ? openBrief ?? open : open
        if case .queued(nil) = job.state, let holdUp {
            var writer = JSONWriter(capacity: holdUp.utf8.count + 16)
            writer.string(holdUp)
            bytes.append(contentsOf: #","reason":"#.utf8)
            bytes.append(contentsOf: writer.bytes)
        }
        if let position {
            bytes.append(contentsOf: #","queue_position":\#(position)"#.utf8)
        }
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }

    // MARK: Encoding

    private static func encode(_ job: Job, request: String, truncated: Bool) -> [UInt8] {
        var writer = JSONWriter(capacity: 768 + request.utf8.count)
        writer.object { writer in
            writer.member("id", job.id.description)
            writer.member("state", job.state.word.rawValue)
            writer.member("reason", reason(job))
            writer.member("model", job.request.model)
            writer.member("label", job.label)
            writer.member("client_key", job.clientKey)
            writer.name("owner")
            writer.object { writer in
                writer.member("uid", job.owner.uid)
                writer.member("user", job.owner.user ?? String(job.owner.uid))
            }
            writer.name("request")
            writer.raw(request.utf8)
            if truncated {
                writer.member("truncated", true)
            }
            writer.member("run_id", job.runID)
            writer.member("provider_status", job.providerStatus)
            writer.member("progress", job.progress)
            if let cost = job.cost {
                writer.name("cost")
                write(cost, to: &writer)
            }
            writer.member("created_at", job.createdAt.rfc3339)
            let submitted = job.attempts.last { $0.phase != .refused }
            writer.member("submitted_at", submitted?.intendedAt.rfc3339)
            writer.member("provider_completed_at", submitted?.providerCompletedAt?.rfc3339)
            writer.member("completed_at", job.finishedAt?.rfc3339)
            writer.member("attempts", job.attemptCount)
            writer.name("attempts_log")
            writer.array { writer in
                for attempt in job.attempts {
                    write(attempt, to: &writer)
                }
            }
            writer.member("origin", job.origin)
            writer.name("outputs")
            writer.array { writer in
                for output in job.outputs {
                    write(output, to: &writer)
                }
            }
            if let output = job.outputs.first {
                writer.name("output")
                write(output, to: &writer)
            }
            if case .failed(var fault) = job.state {
                fault.jobID = job.id
                writer.name("error")
                write(RPCError(fault), to: &writer)
            }
        }
        return Array(writer.bytes.dropLast())
    }

    private static func reason(_ job: Job) -> String? {
        switch job.state {
        case .queued(let reason), .downloading(let reason), .canceled(let reason): reason
        case .unconfirmed(let reason): reason
        case .held(let reason): reason.message
        case .inQueue, .inProgress: job.runNote
        case .submitting, .completed, .failed: nil
        }
    }

    private static func write(_ attempt: Attempt, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("uuid", attempt.uuid.description)
            writer.member("run_id", attempt.runID)
            if let cost = attempt.cost {
                writer.name("cost")
                write(cost, to: &writer)
            }
            writer.member("outcome", attempt.outcome)
            writer.member("submitted_at", attempt.intendedAt.rfc3339)
            if attempt.refundExpected {
                writer.member("refund_expected", true)
            }
        }
    }

    /// The error object of the protocol, its data also at the top where scripts look first.
    private static func write(_ error: RPCError, to writer: inout JSONWriter) {
        var data = JSONWriter(capacity: 256)
        error.writeData(to: &data, withMessage: true)
        var joined = Array(data.bytes.dropLast())
        var plain = JSONWriter(capacity: 256)
        error.writeData(to: &plain)
        joined += #","data":"#.utf8
        joined += plain.bytes
        joined.append(UInt8(ascii: "}"))
        writer.raw(joined)
    }

    private static func write(_ output: JobOutput, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("file", output.file)
            writer.member("bytes", output.bytes)
            writer.member("sha256", output.sha256)
            writer.member("receipt", output.receipt)
        }
    }

    private static func write(_ cost: Cost, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.name("charged")
            writer.money(cost.charged)
            writer.member("final", cost.final)
        }
    }

    private static func brief(_ shown: String) -> String? {
        // The text was written by us; one that does not parse is shown as it is.
        guard let value = try? JSONParser.parse(shown) else { return nil }
        var brief = BriefRequest()
        var writer = JSONWriter(capacity: BriefRequest.totalBytes)
        brief.write(value, to: &writer)
        return brief.isCut ? String(decoding: writer.bytes, as: UTF8.self) : nil
    }
}

extension JSONWriter {
    /// Writes an amount of money.
    mutating func money(_ money: Money) {
        object { writer in
            writer.member("micros", money.micros)
            writer.member("currency", money.currency)
        }
    }
}

extension RPCError {
    /// A fault of the core in the words of the protocol.
    init(_ fault: JobFault) {
        self.init(
            RPCErrorKind(rawValue: fault.kind.rawValue),
            fault.message,
            retryable: fault.retryable,
            charged: Charged(rawValue: fault.charged.rawValue) ?? .unknown,
            field: fault.field,
            hint: fault.hint
        )
        jobID = fault.jobID?.description
        userMessage = fault.userMessage
        nsfw = fault.nsfw
        if fault.httpStatus != nil || fault.requestID != nil {
            provider = Provider(httpStatus: fault.httpStatus, requestID: fault.requestID)
        }
    }
}
