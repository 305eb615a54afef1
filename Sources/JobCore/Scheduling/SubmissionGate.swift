/// What holds up all submissions, and since when.
struct SubmissionGate: Sendable {
    /// The provider gives no usable answers to submissions (CONTRACT 5.2).
    struct Outage: Sendable {
        /// How often a submission has ended without an answer since the outage began.
        var failures: Int
        /// The earliest time of the next single submission.
        var notBefore: Duration
        /// Whether the provider has answered a GET since the last failure.
        var answered = false
        /// Whether a single submission is on the wire to try.
        var probing = false
        /// What the last failure said.
        var message: String
    }

    /// The account does not hold enough money (402).
    struct Shortage: Sendable {
        var fault: JobFault
    }

    /// A wait until a known time.
    struct Pause: Sendable {
        var until: Duration
        var untilWall: Timestamp
        var fault: JobFault
    }

    /// Stopped by an administrator, or at the start for a reason.
    var drained = false
    var drainReason: String?
    /// The daemon is stopping.
    var stopping = false
    /// The key is refused (401).
    var credential: JobFault?
    var shortage: Shortage?
    /// The provider asked to wait (429).
    var rateLimit: Pause?
    var rateLimitsInRow = 0
    /// No connection to the provider.
    var unreachable: Pause?
    var unreachableInRow = 0
    var outage: Outage?
    var unconfirmedInRow = 0
    /// The output directory takes nothing.
    var output: JobFault?
    /// The output directory looks well, but the last delivery failed because of it.
    var delivery: JobFault?
    /// Runs of an earlier start that have to be asked for before anything new is paid.
    var restoredToPoll: Set<AttemptKey> = []
    /// POSTs on the wire.
    var submissionsOpen = 0
    /// Attempts at this origin that are being looked for.
    var unconfirmedAttempts: Set<AttemptKey> = []

    var unconfirmed: Int {
        unconfirmedAttempts.count
    }

    /// Whether one more submission may go out now.
    func admits(at now: Duration) -> Bool {
        guard !drained, !stopping, credential == nil, shortage == nil, output == nil, delivery == nil,
            restoredToPoll.isEmpty
        else { return false }
        if let rateLimit, rateLimit.until > now {
            return false
        }
        if let unreachable {
            // One at a time until the provider can be reached again.
            guard unreachable.until <= now, submissionsOpen == 0 else { return false }
        }
        if let outage {
            return outage.answered && outage.notBefore <= now && submissionsOpen == 0
        }
        return submissionsOpen < (unconfirmed > 0 ? 1 : JobPolicy.submissionsOnTheWire)
    }

    /// When the gate opens by the passing of time alone; nil when it is open or waits for something else.
    func opening(at now: Duration) -> Duration? {
        guard !drained, !stopping, credential == nil, shortage == nil, output == nil, delivery == nil
        else { return nil }
        let waits = [
            rateLimit?.until, unreachable?.until,
            outage.flatMap { $0.answered ? $0.notBefore : nil },
        ].compactMap { $0 }.filter { $0 > now }
        return waits.max()
    }

    /// Why queued jobs wait, for people; nil when nothing holds them up but their number.
    func reason(at now: Duration) -> String? {
        if stopping {
            return "the daemon is stopping; the job goes on at its next start"
        }
        if drained {
            let why = drainReason.map { " (\($0))" } ?? ""
            return "submissions are stopped\(why); 'videogenctl resume' starts them again"
        }
        if let credential {
            return "the provider refuses the API key: \(credential.message)"
        }
        if let shortage {
            return "the account's balance does not suffice: \(shortage.fault.message)"
        }
        if let output = output ?? delivery {
            return "the output directory takes nothing: \(output.message)"
        }
        if let rateLimit, rateLimit.until > now {
            return
                "the provider asks to wait until \(rateLimit.untilWall.rfc3339): \(rateLimit.fault.message)"
        }
        if let outage {
            return "submissions pause, since several in a row brought no answer: \(outage.message)"
        }
        if let unreachable {
            return "the provider cannot be reached: \(unreachable.fault.message)"
        }
        return nil
    }
}
