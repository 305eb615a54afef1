import ControlClient

/// How the program ends (CONTRACT section 8).
enum CommandStatus: Int32 {
    /// What was asked for is done.
    case done = 0
    /// The job failed or was canceled.
    case failed = 1
    /// The job was still running when the wait ended.
    case stillRunning = 2
    /// The job is held or unconfirmed: it may have been paid.
    case maybePaid = 3
    /// The daemon refused the call and nothing was paid.
    case refused = 4
    /// The command line is wrong.
    case usage = 64
    /// The daemon does not answer.
    case unreachable = 69
    /// The output could not be written.
    case outputLost = 74
    /// This user may not do that.
    case notPermitted = 77
    /// Left with Ctrl-C; the job goes on.
    case interrupted = 130

    /// The first one wins where several jobs end in different ways.
    private static let fromWorst: [CommandStatus] = [
        .interrupted, .outputLost, .notPermitted, .unreachable, .usage, .maybePaid, .failed, .refused,
        .stillRunning, .done,
    ]

    /// What several ends come to.
    static func worst(of all: some Sequence<CommandStatus>) -> CommandStatus {
        let present = Set(all)
        return fromWorst.first(where: present.contains) ?? .done
    }

    /// How a wait for a job ends that was last seen in this state.
    init(lastState state: String) {
        switch state {
        case "completed": self = .done
        case "failed", "canceled": self = .failed
        case "held", "unconfirmed": self = .maybePaid
        default: self = .stillRunning
        }
    }

    /// How the program ends when a call has no result.
    init(_ error: ControlClientError) {
        switch error.code {
        case .remote: self = error.reply.map(Self.refusal) ?? .refused
        case .notPermitted: self = .notPermitted
        case .interrupted: self = .interrupted
        case .lineTooLong: self = .usage
        default: self = .unreachable
        }
    }

    /// How the program ends when the daemon refuses a call.
    private static func refusal(_ reply: ErrorReply) -> CommandStatus {
        switch (reply.kind, reply.charged) {
        case (_, "unknown"): .maybePaid
        // What was paid is the job that is not in the right state, not this call.
        case ("job.state", _): .refused
        case (_, "yes"): .maybePaid
        case ("access.denied", _): .notPermitted
        default: .refused
        }
    }
}
