import JobCore

/// What the engine's loop takes in, besides events of the core.
enum EngineInput: Sendable {
    /// Something happened to a job.
    case event(JobEvent)
    /// A wake-up that was armed for this uptime has come.
    case wakeUp(Duration)
    /// The batch that was handed to the journal is durable.
    case committed
    /// The journal took the batch only after failing, or fails still.
    case journal(JobFault?)
    /// Somebody asks whether the loop is alive.
    case ping(CheckedContinuation<Void, Never>)
    /// An effect of the given kind is over.
    case effectEnded
    /// The time for finishing what is on the wire is over.
    case stopDeadline
}

/// Changes that become durable together and what waits for them.
struct Batch: Sendable {
    var changes: [JournalChange] = []
    var effects: [JobAction] = []
    var counts: [JobState.Word: Int] = [:]
    var drained = false
    /// What the provider says about the key, if it refuses it.
    var credential: JobFault?

    var isEmpty: Bool {
        changes.isEmpty && effects.isEmpty
    }

    /// Sorts the machine's actions into what has to be durable first and what waits for that.
    mutating func add(_ actions: [JobAction], of machine: JobMachine) {
        counts = machine.counts
        drained = machine.isDrained
        credential = machine.refusedCredential
        for action in actions {
            switch action {
            case .persist(let job): changes.append(.job(job))
            case .forget(let id): changes.append(.forget(id))
            case .purge(let before): changes.append(.purge(before: before))
            case .recordSent(let time): changes.append(.sent(time))
            case .recordDrained(let drained): changes.append(.drained(drained))
            default: effects.append(action)
            }
        }
    }
}
