/// All jobs and what happens to them: state × event × time → actions.
///
/// Values only.
///
/// The owner feeds events, makes the durable part of the returned actions durable in one commit, and performs the
/// rest only when that commit has returned. Every point at which the process can die is then a state that
/// ``init(policy:random:)`` and ``restore(live:finished:keys:sent:drained:drainReason:at:)`` know.
public struct JobMachine: Sendable {
    /// The jobs in memory: all that are not settled, and the newest finished ones.
    public internal(set) var jobs: [JobID: Job] = [:]
    /// How many jobs there are by state, those included that are only in the journal.
    public internal(set) var counts: [JobState.Word: Int] = [:]
    /// The limits in force.
    public internal(set) var policy: JobPolicy

    var scheduler: JobScheduler
    var tracking: [AttemptKey: Tracking] = [:]
    var keys: [ClientKey: ClientKeyRecord] = [:]
    var runs: [String: AttemptKey] = [:]
    /// Settled jobs, oldest first; an entry counts only while its mark is the job's newest.
    var finishedOrder: [(id: JobID, mark: Int)] = []
    var finishedMarks: [JobID: Int] = [:]
    var nextFinishedMark = 0
    var finishedHead = 0
    var activeFetches: Set<AttemptKey> = []
    var activePublications: Set<AttemptKey> = []
    /// Attempts that wait for a place to download, by when the provider named their link.
    var fetchLine = TimerQueue<AttemptKey>()
    /// Attempts whose last delivery failed because of the disk, although the directory looks well.
    var blockedDeliveries: Set<AttemptKey> = []
    var accountChecks = 0
    /// Refusals of the key that followed each other, and when the last one came.
    var credentialRefusals = 0
    var credentialRefusedAt: Duration?
    /// What the account was last known to hold, in millionths, by currency.
    var knownBalances: [String: Int64] = [:]
    var outputChecks = 0
    var accountCheckOpen = false
    var lookFailures = 0
    /// Whether the provider's list was answered to somebody who asked for it (CONTRACT 5.7).
    var runsShown = false
    /// Who wants submissions to go on once the provider's list was answered.
    var resumesWaiting: Set<ReplyToken> = []
    /// Looks for one run in a row that brought no list.
    var namedLookFailures = 0
    var generalLookOpen = false
    var dueLooks: Set<AttemptKey> = []
    var rejectedReasons: [AttemptKey: String] = [:]
    var random: RandomSource
    /// Wall clock minus uptime; tells when the wall clock was stepped.
    var clockOffset: Duration?
    /// Before this uptime nothing is purged.
    var purgeNotBefore: Duration = .zero
    /// What the current event has led to.
    var output = Output()
    private var announcedReason: String?

    /// How many finished jobs stay in memory (CONTRACT section 2, `jobs.keep_finished`).
    public static let finishedInMemory = 1000
    /// How long client keys are remembered at least.
    static let keysKeptFor = Duration.seconds(30 * 86_400)

    /// Makes a machine without jobs.
    ///
    /// - Parameters:
    ///   - policy: The limits in force.
    ///   - random: Where UUIDs and jitter come from.
    public init(policy: JobPolicy, random: any RandomNumberGenerator & Sendable) {
        self.policy = policy
        self.random = RandomSource(base: random)
        scheduler = JobScheduler(policy: policy)
    }

    /// Whether submissions are stopped by an administrator or since the start.
    public var isDrained: Bool {
        scheduler.gate.drained
    }

    /// What the provider says about the API key while it refuses it.
    public var refusedCredential: JobFault? {
        scheduler.gate.credential
    }

    /// How many POSTs are on the wire.
    public var submissionsOnTheWire: Int {
        scheduler.gate.submissionsOpen
    }

    /// Lets one event happen.
    ///
    /// - Parameters:
    ///   - event: What happened.
    ///   - now: When.
    /// - Returns: What has to be done, the durable part first.
    public mutating func handle(_ event: JobEvent, at now: Moment) -> [JobAction] {
        watchClock(at: now)
        apply(event, at: now)
        // A client is answered with what its own call came to, not with what the scheduler makes of it next.
        answerAll()
        dispatch(at: now)
        return takeActions(at: now)
    }

    /// A wall clock that was stepped makes ages meaningless: for a day nothing is purged (CONTRACT section 2).
    private mutating func watchClock(at now: Moment) {
        let offset = Duration.milliseconds(now.wall.milliseconds) - now.uptime
        if let clockOffset, abs((offset - clockOffset).seconds) > 3600 {
            purgeNotBefore = now.uptime + .seconds(86_400)
            self.clockOffset = offset
        } else if clockOffset == nil {
            clockOffset = offset
        }
    }

    /// When to call ``handle(_:at:)`` with a wake-up if nothing happens before.
    ///
    /// - Parameter now: Now.
    /// - Returns: Uptime, or nil when there is nothing to wait for.
    public mutating func nextWakeUp(at now: Moment) -> Duration? {
        scheduler.nextWakeUp(at: now.uptime, canSubmit: activeCount < policy.maximumActive)
    }

    /// Why queued jobs wait; nil when nothing holds them up but their number.
    ///
    /// - Parameter now: Now.
    /// - Returns: The reason, in words.
    public func holdUp(at now: Moment) -> String? {
        scheduler.gate.reason(at: now.uptime)
    }

    private mutating func apply(_ event: JobEvent, at now: Moment) {
        switch event {
        case .submit(let submission, let token): submit(submission, token, at: now)
        case .lookUpKey(let submission, let token):
            if !answerKnownKey(submission, token) {
                reply(token) { _ in .success(.done) }
            }
        case .cancel(let id, let discard, let token): cancel(id, discard: discard, token, at: now)
        case .retry(let id, let acceptCharge, let stored, let token):
            retry(id, acceptCharge: acceptCharge, stored: stored, token, at: now)
        case .remove(let id, let stored, let token): remove(id, stored: stored, token)
        case .adopt(let submission, let runID, let createdAt, let token):
            adopt(submission, runID: runID, createdAt: createdAt, token, at: now)
        case .listRuns(let limit, let token):
            listRuns(limit: limit, token)
        case .drain(let token): setDrained(true, token)
        case .resume(let token): setDrained(false, token)
        case .stop: scheduler.gate.stopping = true
        case .reconfigured(let policy, let credential): reconfigure(policy, credential: credential, at: now)
        case .outputChanged(let fault): outputChanged(fault, at: now)
        case .wakeUp: fireTimers(at: now)
        case .submitted(let key, let outcome): submissionEnded(key, outcome, at: now)
        case .looked(let request, let outcome): lookEnded(request, outcome, at: now)
        case .polled(let key, let outcome): pollEnded(key, outcome, at: now)
        case .fetched(let key, let item, let outcome): fetchEnded(key, item: item, outcome, at: now)
        case .published(let key, let item, let outcome): publishEnded(key, item: item, outcome, at: now)
        case .recounted(let finished): recount(finished)
        case .balance(let outcome): balanceEnded(outcome, at: now)
        }
        // Timers may be due although the event was another: the wake-up that was asked for is then obsolete.
        fireTimers(at: now)
    }

    // MARK: Collecting actions

    struct Output: Sendable {
        var dirty: [JobID] = []
        var dirtySet: Set<JobID> = []
        var forgotten: [JobID] = []
        var durable: [JobAction] = []
        /// What is announced at the end, by job; nil in ``announcements`` stands for it until then.
        var notices: [JobID: JobNotice.Kind] = [:]
        var announcements: [(id: JobID, notice: JobNotice?)] = []
        var removed: [Job] = []
        var actions: [JobAction] = []
        var replies: [(ReplyToken, @Sendable (JobMachine) -> Result<JobReply, JobFault>)] = []
        var answers: [JobAction] = []
    }

    /// Marks a job to be written and announced.
    mutating func changed(_ id: JobID, _ kind: JobNotice.Kind = .state) {
        if output.dirtySet.insert(id).inserted {
            output.dirty.append(id)
        }
        announce(id, kind)
    }

    /// Marks a job to be announced without being written.
    mutating func announce(_ id: JobID, _ kind: JobNotice.Kind) {
        switch output.notices[id] {
        case nil:
            output.announcements.append((id, nil))
            output.notices[id] = kind
        case .progress:
            output.notices[id] = kind
        default: break
        }
    }

    /// Fixes what is announced of a job so far: each state is told, also when the next one follows at once.
    mutating func freezeNotice(_ id: JobID) {
        guard let kind = output.notices.removeValue(forKey: id), let job = jobs[id],
            let index = output.announcements.lastIndex(where: { $0.id == id && $0.notice == nil })
        else { return }
        output.announcements[index].notice = JobNotice(kind, job)
    }

    private mutating func answerAll() {
        for (token, make) in output.replies {
            output.answers.append(.reply(token, make(self)))
        }
        output.replies = []
    }

    mutating func reply(
        _ token: ReplyToken,
        _ make: @escaping @Sendable (JobMachine) -> Result<JobReply, JobFault>
    ) {
        output.replies.append((token, make))
    }

    mutating func refuse(_ token: ReplyToken, _ fault: JobFault) {
        reply(token) { _ in .failure(fault) }
    }

    /// Answers with the job as it is when the event has been handled.
    mutating func answer(_ token: ReplyToken, with id: JobID, savesMoney: SavesMoney? = nil) {
        reply(token) { machine in
            guard let job = machine.jobs[id] else { return .failure(.notFound(id.description)) }
            return .success(.job(job, savesMoney: savesMoney))
        }
    }

    private mutating func takeActions(at now: Moment) -> [JobAction] {
        var actions = output.durable
        for id in output.dirty {
            guard var job = jobs[id] else { continue }
            for index in job.attempts.indices {
                noteFollowed(&job.attempts[index], AttemptKey(job: id, index: index), at: now)
            }
            jobs[id] = job
            actions.append(.persist(job))
        }
        actions += output.forgotten.map(JobAction.forget)
        let reason = holdUp(at: now)
        if reason != announcedReason {
            announcedReason = reason
            actions.append(.announceGate(reason: reason))
        }
        for (id, notice) in output.announcements {
            if let notice {
                actions.append(.announce(notice))
            } else if let job = jobs[id], let kind = output.notices[id] {
                actions.append(.announce(JobNotice(kind, job)))
            }
        }
        actions += output.removed.map { .announce(JobNotice(.removed, $0)) }
        answerAll()
        actions += output.answers
        // A look at the account waits for nothing, but it is one of the requests that are counted.
        for case .checkBalance in output.actions {
            scheduler.budget.record(at: now.uptime)
        }
        actions += output.actions
        output = Output()
        forgetOldest()
        return actions
    }

    /// Followed time is counted on the uptime clock and noted whenever the job is written.
    private mutating func noteFollowed(_ attempt: inout Attempt, _ key: AttemptKey, at now: Moment) {
        guard case .running(var run) = attempt.phase, let since = tracking[key]?.followedSince else { return }
        run.followedMilliseconds += (now.uptime - since).milliseconds
        tracking[key]?.followedSince = now.uptime
        attempt.phase = .running(run)
    }

    /// The provider's names for a job's runs.
    mutating func rememberRuns(of job: Job) {
        for (index, attempt) in job.attempts.enumerated() {
            if let runID = attempt.runID {
                runs[runID] = AttemptKey(job: job.id, index: index)
            }
        }
    }

    /// The provider's names for a job's runs mean nothing any more.
    mutating func forgetRuns(of id: JobID) {
        for runID in jobs[id]?.attempts.compactMap(\.runID) ?? [] {
            runs[runID] = nil
        }
    }

    /// Keeps only the newest finished jobs in memory.
    private mutating func forgetOldest() {
        while finishedMarks.count > Self.finishedInMemory, finishedHead < finishedOrder.count {
            let (id, mark) = finishedOrder[finishedHead]
            finishedHead += 1
            guard finishedMarks[id] == mark else { continue }
            finishedMarks[id] = nil
            forgetRuns(of: id)
            jobs[id] = nil
        }
        if finishedHead > 1024 {
            finishedOrder.removeFirst(finishedHead)
            finishedHead = 0
        }
    }
}

/// What is known of an attempt only while the daemon runs.
struct Tracking: Sendable {
    /// Since when the run has been followed, uptime; earlier time is in the run.
    var followedSince: Duration?
    /// When the run is expected to end, uptime.
    var expectedEnd: Duration = .zero
    /// Status requests without a usable answer, in a row.
    var pollFailures = 0
    /// Answers that did not know the run, in a row, and since when.
    var missing = 0
    var missingSince: Duration?
    /// Whether a status request is on its way.
    var pollOpen = false
    /// Fetches that broke off, in a row.
    var fetchFailures = 0
    /// URLs that were not valid any more, in a row.
    var expiries = 0
    /// Whether a fetch or a publication is on its way.
    var deliveryOpen = false
    /// When progress was last announced.
    var progressAnnounced: Duration?
    /// Whether the provider has said something that is not announced yet.
    var hasNews = false
    /// Answers that said "done" and named no URL, in a row.
    var withoutURL = 0
    /// Downloads that failed the check, in a row, of an attempt that nobody decides about.
    var rejections = 0
}

/// Names a client key.
struct ClientKey: Hashable, Sendable {
    let uid: UInt32
    let key: String
}

/// The machine's source of randomness.
struct RandomSource: RandomNumberGenerator, Sendable {
    var base: any RandomNumberGenerator & Sendable

    mutating func next() -> UInt64 {
        base.next()
    }
}

extension JobFault {
    static func notFound(_ id: String) -> JobFault {
        JobFault(
            .jobNotFound,
            "there is no job '\(id)'",
            field: "id",
            hint: "'videogenctl list' shows the jobs you can see"
        )
    }
}
