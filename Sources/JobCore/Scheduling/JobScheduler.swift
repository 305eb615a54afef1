/// Decides which request goes out next and when to look again; no clock, no network, no randomness of its own.
///
/// Requests are ordered as the contract says: recover, URL renewal, submissions, polls by expected end. The
/// scheduler names the time of the next wake-up; between wake-ups and events nothing runs.
public struct JobScheduler: Sendable {
    /// What a wake-up is for.
    enum Timer: Hashable, Sendable {
        /// Ask for the run.
        case poll(AttemptKey)
        /// Look for the attempt in the provider's list.
        case look(AttemptKey)
        /// Look at the list during an outage, only to learn whether the provider answers.
        case outageLook
        /// Try to fetch or publish again.
        case deliver(AttemptKey)
        /// Look at the account.
        case account
        /// Look at the output directory.
        case output
        /// Forget old jobs.
        case purge
    }

    /// A request that the scheduler has chosen to send now.
    enum Choice: Hashable, Sendable {
        case look(LookRequest)
        case poll(AttemptKey)
        case submit(JobID)
    }

    var timers = TimerQueue<Timer>()
    var queue = SubmissionQueue()
    var gate = SubmissionGate()
    var submitWindow: SlidingWindow
    /// Counts each from when it is sent; the longer span stands for the time until the provider counts it.
    var extendWindow = SlidingWindow(limit: JobPolicy.extensionsPerMinute, span: .seconds(65))
    var lookWindow = SlidingWindow(limit: JobPolicy.looksPerMinute, span: .seconds(60))
    var budget: SlidingWindow
    var durations = ModelDurations()
    private var readyLooks: [LookRequest] = []
    /// Looks for attempts that were looked for long enough to be held: they wait for all others.
    private var patientLooks: [LookRequest] = []
    private(set) var readyRenewals: [AttemptKey] = []
    private var readyPolls = ReadyPolls()

    init(policy: JobPolicy) {
        submitWindow = SlidingWindow(limit: policy.submitPerMinute, span: .seconds(60))
        budget = SlidingWindow(limit: policy.requestsPerSecond, span: .seconds(1))
    }

    mutating func apply(_ policy: JobPolicy) {
        submitWindow.limit = policy.submitPerMinute
        budget.limit = policy.requestsPerSecond
    }

    // MARK: What is ready

    /// - Parameters:
    ///   - request: What to look for.
    ///   - isPatient: Whether all others go first: of the 20 looks a minute nobody waits for this one.
    mutating func addLook(_ request: LookRequest, isPatient: Bool = false) {
        guard !readyLooks.contains(request), !patientLooks.contains(request) else { return }
        if isPatient {
            patientLooks.append(request)
        } else {
            readyLooks.append(request)
        }
    }

    private var wantsLook: Bool { !readyLooks.isEmpty || !patientLooks.isEmpty }

    mutating func addRenewal(_ key: AttemptKey) {
        timers.cancel(.poll(key))
        readyPolls.remove(key)
        if !readyRenewals.contains(key) {
            readyRenewals.append(key)
        }
    }

    mutating func addPoll(_ key: AttemptKey, expectedEnd: Duration, due: Duration) {
        readyPolls.insert(key, expectedEnd: expectedEnd, due: due)
    }

    mutating func forget(_ key: AttemptKey) {
        timers.cancel(.poll(key))
        timers.cancel(.look(key))
        timers.cancel(.deliver(key))
        readyPolls.remove(key)
        readyRenewals.removeAll { $0 == key }
        readyLooks.removeAll { $0 == .one(key) }
        patientLooks.removeAll { $0 == .one(key) }
    }

    // MARK: Choosing

    /// The next request that may go out now; the caller sends it.
    ///
    /// - Parameters:
    ///   - now: Uptime.
    ///   - active: How many jobs are at the provider.
    ///   - maximumActive: How many may be.
    /// - Returns: The request, or nil when nothing may go out.
    mutating func choose(at now: Duration, active: Int, maximumActive: Int) -> Choice? {
        guard !gate.stopping, gate.credential == nil, budget.hasRoom(at: now) else { return nil }
        if wantsLook, lookWindow.hasRoom(at: now) {
            lookWindow.begin()
            budget.record(at: now)
            return .look(readyLooks.isEmpty ? patientLooks.removeFirst() : readyLooks.removeFirst())
        }
        if !readyRenewals.isEmpty {
            budget.record(at: now)
            let key = readyRenewals.removeFirst()
            gate.restoredToPoll.remove(key)
            return .poll(key)
        }
        if active < maximumActive, queue.count > 0, gate.admits(at: now), submitWindow.hasRoom(at: now),
            let id = popSubmission(at: now)
        {
            submitWindow.begin()
            gate.submissionsOpen += 1
            gate.outage?.probing = true
            budget.record(at: now)
            return .submit(id)
        }
        if let key = readyPolls.popFirst() {
            gate.restoredToPoll.remove(key)
            budget.record(at: now)
            return .poll(key)
        }
        return nil
    }

    private mutating func popSubmission(at now: Duration) -> JobID? {
        let extensions = queue.extensionCount
        let id = queue.popFirst(extensions: extendWindow.hasRoom(at: now))
        if queue.extensionCount < extensions {
            extendWindow.record(at: now)
        }
        return id
    }

    /// When something may be sent or is due that is not now.
    ///
    /// - Parameters:
    ///   - now: Uptime.
    ///   - canSubmit: Whether a place among the active jobs is free.
    /// - Returns: Uptime, or nil when there is nothing to wait for.
    mutating func nextWakeUp(at now: Duration, canSubmit: Bool) -> Duration? {
        var wakeUps: [Duration] = []
        if let timer = timers.earliest() {
            wakeUps.append(timer)
        }
        if gate.credential == nil, !gate.stopping {
            let wantsSubmission = canSubmit && queue.count > 0 && gate.admits(at: now)
            let submissionRoom = submitWindow.hasRoom(at: now)
            let lookRoom = lookWindow.hasRoom(at: now)
            if wantsLook, !lookRoom, let room = lookWindow.nextRoom {
                wakeUps.append(room)
            }
            if wantsSubmission, !submissionRoom, let room = submitWindow.nextRoom {
                wakeUps.append(room)
            }
            if wantsSubmission, queue.extensionCount > 0, !extendWindow.hasRoom(at: now),
                let room = extendWindow.nextRoom
            {
                wakeUps.append(room)
            }
            if canSubmit, queue.count > 0, let opening = gate.opening(at: now) {
                wakeUps.append(opening)
            }
            let blockedByBudget =
                (wantsLook && lookRoom) || !readyRenewals.isEmpty || (wantsSubmission && submissionRoom)
                || readyPolls.count > 0
            if blockedByBudget, !budget.hasRoom(at: now), let room = budget.nextRoom {
                wakeUps.append(room)
            }
        }
        return wakeUps.min()
    }
}

/// A look at the provider's list of recent runs.
public enum LookRequest: Hashable, Sendable {
    /// The newest 50 runs; serves every attempt that is looked for.
    case all
    /// Only the run submitted with the attempt's UUID.
    case one(AttemptKey)
    /// The newest runs for a person to see.
    case list(limit: Int, ReplyToken)
}

/// Tells the engine whom to answer.
public struct ReplyToken: Hashable, Sendable {
    /// A number that is used once.
    public let value: UInt64

    /// Wraps a number.
    ///
    /// - Parameter value: A number that is used once.
    public init(_ value: UInt64) {
        self.value = value
    }
}
