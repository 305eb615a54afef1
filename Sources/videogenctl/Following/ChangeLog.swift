/// Prints one line for each change that matters, where nothing can be drawn over.
struct ChangeLog: JobView {
    /// What a line tells; another line is due when it differs.
    private struct Told: Equatable {
        let state: String
        let reason: String?
        let tenths: Int
    }

    private let stream: TextStream
    private var told: [String: Told] = [:]

    init(stream: TextStream) {
        self.stream = stream
    }

    var tick: Duration? { nil }

    mutating func apply(_ change: JobChange, now: Int64) {
        switch change {
        case .job(let job): tell(job, now: now)
        case .gone(let id):
            if told.removeValue(forKey: id) != nil {
                stream.line(StyledText("\(id) is forgotten by the daemon"))
            }
        case .connectionLost: stream.line(StyledText("the connection was cut; trying again", .warning))
        case .connectionBack: stream.line(StyledText("the connection is back"))
        case .status: break
        }
    }

    private mutating func tell(_ job: Job, now: Int64) {
        let new = Told(state: job.state, reason: job.reason, tenths: (job.progress ?? 0) / 10)
        guard told[job.id] != new else { return }
        told[job.id] = new
        let time = TimeText.stopwatch(milliseconds: job.elapsed(now: now))
        var line = StyledText("[\(time)] ") + StyledText(job.id + " ") + job.styledState
        if let progress = job.progress, !job.isOver {
            line += StyledText(" \(progress)%")
        }
        if let cost = job.cost {
            line += StyledText(" \(cost)")
        }
        if job.state == "failed", let error = job.error {
            line += StyledText(": \(error.message)")
        } else if let file = job.files.first, job.state == "completed" {
            line += StyledText(" \(file)")
        } else if let reason = job.reason {
            line += StyledText(": \(reason)")
        }
        stream.line(line)
    }

    func draw(now: Int64) {
        stream.flush()
    }

    func finish(now: Int64) {
        stream.flush()
    }
}
