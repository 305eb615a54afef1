@testable import JobCore

/// What is on disk: the jobs as last committed, and what is kept beside them.
struct BenchDisk {
    var jobs: [JobID: Job] = [:]
    var keys: [String: ClientKeyRecord] = [:]
    var sent: [Timestamp] = []
    var drained = false
    var purges: [Timestamp] = []
}

/// A machine with a clock and a disk of its own; actions are collected by kind and the test answers them.
struct MachineBench {
    struct Post: Hashable {
        let key: AttemptKey
        let uuid: AttemptUUID
        let request: JobRequest
    }

    struct Look: Hashable {
        let request: LookRequest
        let uuid: AttemptUUID?
    }

    struct Poll: Hashable {
        let key: AttemptKey
        let runID: String
    }

    struct Fetch: Hashable {
        let key: AttemptKey
        let item: Int
        let url: String
    }

    struct Publication: Hashable {
        let key: AttemptKey
        let item: Int
        let video: StagedVideo
        let name: String
    }

    var machine: JobMachine
    var now: Moment
    var disk = BenchDisk()
    var policy: JobPolicy
    private let seed: UInt64
    private var ids = JobID.Generator(after: nil)
    private var random: SplitMix64
    private var nextToken: UInt64 = 0

    /// The actions of the last event.
    private(set) var last: [JobAction] = []
    var posts: [Post] = []
    var looks: [Look] = []
    var polls: [Poll] = []
    var fetches: [Fetch] = []
    var publications: [Publication] = []
    var stoppedFetches: [AttemptKey] = []
    var removedStaging: [JobID] = []
    var removedBodies: [JobID] = []
    var balanceChecks = 0
    var outputChecks = 0
    var recounts = 0
    var replies: [UInt64: Result<JobReply, JobFault>] = [:]
    var notices: [JobNotice] = []
    var gateReason: String?
    /// When POSTs were handed out, uptime.
    var postTimes: [Duration] = []

    static let origin = "https://nano-gpt.com"
    static let elsewhere = "https://example.org"
    static let wallStart = Timestamp(milliseconds: 1_768_651_200_000)

    init(seed: UInt64 = 1, policy: JobPolicy = JobPolicy(origin: MachineBench.origin)) {
        self.seed = seed
        self.policy = policy
        random = SplitMix64(seed: seed &+ 77)
        machine = JobMachine(policy: policy, random: SplitMix64(seed: seed))
        now = Moment(uptime: .seconds(1000), wall: Self.wallStart)
    }

    // MARK: Events

    /// Lets an event happen, commits, and collects what has to be done.
    @discardableResult
    mutating func send(_ event: JobEvent) -> [JobAction] {
        let actions = machine.handle(event, at: now)
        commit(actions)
        perform(actions)
        if recounts > 0 {
            answerRecount()
            last = actions
        }
        return actions
    }

    /// How many settled jobs the disk has.
    var settledCounts: [JobState.Word: Int] {
        Dictionary(disk.jobs.values.filter(\.isSettled).map { ($0.state.word, 1) }, uniquingKeysWith: +)
    }

    mutating func answerRecount() {
        recounts = 0
        send(.recounted(settledCounts))
    }

    /// Makes the durable part durable.
    mutating func commit(_ actions: [JobAction]) {
        for action in actions {
            switch action {
            case .persist(let job):
                disk.jobs[job.id] = job
                if let key = job.clientKey, disk.keys["\(job.owner.uid)/\(key)"] == nil {
                    disk.keys["\(job.owner.uid)/\(key)"] = ClientKeyRecord(
                        uid: job.owner.uid,
                        key: key,
                        job: job.id,
                        fingerprint: job.request.fingerprint,
                        createdAt: job.createdAt
                    )
                }
            case .forget(let id): disk.jobs[id] = nil
            case .purge(let before):
                disk.purges.append(before)
                disk.jobs = disk.jobs.filter { !$1.isSettled || ($1.finishedAt ?? before) >= before }
            case .recordSent(let time): disk.sent.append(time)
            case .recordDrained(let drained): disk.drained = drained
            default: break
            }
        }
    }

    /// Collects what is released after the commit.
    mutating func perform(_ actions: [JobAction]) {
        last = actions
        for action in actions {
            switch action {
            case .persist, .forget, .purge, .recordSent, .recordDrained: break
            case .reply(let token, let result): replies[token.value] = result
            case .announce(let notice): notices.append(notice)
            case .announceGate(let reason): gateReason = reason
            case .submit(let key, let uuid, let request):
                posts.append(Post(key: key, uuid: uuid, request: request))
                postTimes.append(now.uptime)
            case .look(let request, let uuid): looks.append(Look(request: request, uuid: uuid))
            case .poll(let key, let runID, _): polls.append(Poll(key: key, runID: runID))
            case .fetch(let key, let item, let url): fetches.append(Fetch(key: key, item: item, url: url))
            case .stopFetch(let key): stoppedFetches.append(key)
            case .publish(let key, let item, let video, let name, _):
                publications.append(Publication(key: key, item: item, video: video, name: name))
            case .removeStaging(let id): removedStaging.append(id)
            case .removeBody(let id): removedBodies.append(id)
            case .removeBodies: break
            case .checkBalance: balanceChecks += 1
            case .checkOutput: outputChecks += 1
            case .recount: recounts += 1
            }
        }
    }

    /// The process dies and a new one starts from the disk; nothing that was on its way is answered.
    mutating func restart(after pause: Duration = .seconds(1), drainReason: String? = nil) {
        posts = []
        looks = []
        polls = []
        fetches = []
        publications = []
        balanceChecks = 0
        outputChecks = 0
        recounts = 0
        now = Moment(uptime: now.uptime + pause, wall: now.wall + pause)
        machine = JobMachine(policy: policy, random: SplitMix64(seed: random.next()))
        let settled = disk.jobs.values.filter(\.isSettled)
        let actions = machine.restore(
            live: disk.jobs.values.filter { !$0.isSettled }.sorted { $0.id < $1.id },
            finished: Array(settled.sorted { $0.id > $1.id }.prefix(JobMachine.finishedInMemory)),
            counts: settledCounts,
            keys: Array(disk.keys.values),
            sent: disk.sent,
            drained: disk.drained,
            drainReason: drainReason,
            at: now
        )
        commit(actions)
        perform(actions)
    }

    // MARK: Time

    /// Lets time pass; the machine is woken whenever it asked for it.
    mutating func advance(_ duration: Duration) {
        let end = now.uptime + duration
        while let wakeUp = machine.nextWakeUp(at: now), wakeUp <= end {
            step(to: max(wakeUp, now.uptime))
            send(.wakeUp)
        }
        step(to: end)
    }

    mutating func step(to uptime: Duration) {
        now = Moment(uptime: uptime, wall: now.wall + (uptime - now.uptime))
    }

    /// Advances in small steps until something is true.
    mutating func advance(upTo limit: Duration, until condition: (MachineBench) -> Bool) -> Bool {
        let end = now.uptime + limit
        while !condition(self) {
            guard let wakeUp = machine.nextWakeUp(at: now), wakeUp <= end else { return condition(self) }
            step(to: max(wakeUp, now.uptime))
            send(.wakeUp)
        }
        return true
    }

    // MARK: Commands

    mutating func token() -> ReplyToken {
        nextToken += 1
        return ReplyToken(nextToken)
    }

    mutating func submission(
        owner: UInt32 = 1000,
        model: String = "kling",
        label: String? = nil,
        key: String? = nil,
        fingerprint: String = "f",
        fileName: String = "{id}.mp4",
        origin: String? = nil
    ) -> JobSubmission {
        JobSubmission(
            id: ids.next(at: now.wall, using: &random),
            owner: JobOwner(uid: owner, user: "u\(owner)"),
            request: JobRequest(
                model: model,
                shown: #"{"model":"kling"}"#,
                body: .inline(#"{"model":"kling"}"#),
                fingerprint: fingerprint
            ),
            label: label,
            clientKey: key,
            fileName: fileName,
            origin: origin ?? machine.policy.origin
        )
    }

    @discardableResult
    mutating func submit(
        owner: UInt32 = 1000,
        model: String = "kling",
        key: String? = nil,
        fingerprint: String = "f",
        fileName: String = "{id}.mp4"
    ) -> JobID {
        let submission = submission(
            owner: owner,
            model: model,
            key: key,
            fingerprint: fingerprint,
            fileName: fileName
        )
        send(.submit(submission, token()))
        return submission.id
    }

    mutating func call(_ make: (ReplyToken) -> JobEvent) -> Result<JobReply, JobFault>? {
        let token = token()
        send(make(token))
        return replies[token.value]
    }

    @discardableResult
    mutating func cancel(_ id: JobID, discard: Bool = false) -> Result<JobReply, JobFault>? {
        call { .cancel(id, discard: discard, $0) }
    }

    @discardableResult
    mutating func retry(_ id: JobID, acceptCharge: Bool = false) -> Result<JobReply, JobFault>? {
        let stored = machine.jobs[id] == nil ? disk.jobs[id] : nil
        return call { .retry(id, acceptCharge: acceptCharge, stored: stored, $0) }
    }

    @discardableResult
    mutating func remove(_ id: JobID) -> Result<JobReply, JobFault>? {
        let stored = machine.jobs[id] == nil ? disk.jobs[id] : nil
        return call { .remove(id, stored: stored, $0) }
    }

    // MARK: Answers

    /// Takes a POST off the wire.
    mutating func takePost(of id: JobID? = nil) -> Post? {
        guard let index = posts.firstIndex(where: { id == nil || $0.key.job == id }) else { return nil }
        return posts.remove(at: index)
    }

    /// Answers the oldest POST.
    @discardableResult
    mutating func answerPost(_ outcome: SubmissionOutcome, of id: JobID? = nil) -> Post? {
        guard let post = takePost(of: id) else { return nil }
        send(.submitted(post.key, outcome))
        return post
    }

    mutating func answerPolls(_ outcome: StatusOutcome) {
        let waiting = polls
        polls = []
        for poll in waiting {
            send(.polled(poll.key, outcome))
        }
    }

    mutating func answerLooks(_ outcome: LookOutcome) {
        while !looks.isEmpty {
            let look = looks.removeFirst()
            send(.looked(look.request, outcome))
        }
    }

    mutating func answerFetches(_ outcome: FetchOutcome) {
        let waiting = fetches
        fetches = []
        for fetch in waiting {
            send(.fetched(fetch.key, item: fetch.item, outcome))
        }
    }

    mutating func answerPublications(_ outcome: PublishOutcome? = nil) {
        let waiting = publications
        publications = []
        for item in waiting {
            send(.published(item.key, item: item.item, outcome ?? .published(Self.output(item.name))))
        }
    }

    mutating func answerBalance(_ outcome: BalanceOutcome) {
        guard balanceChecks > 0 else { return }
        balanceChecks -= 1
        send(.balance(outcome))
    }

    // MARK: Reading

    func state(_ id: JobID) -> JobState.Word? {
        machine.jobs[id]?.state.word
    }

    func phase(_ id: JobID, _ index: Int = 0) -> Attempt.Phase? {
        machine.attempt(AttemptKey(job: id, index: index))?.phase
    }

    func holdKind(_ id: JobID) -> HoldReason.Kind? {
        if case .held(let reason) = machine.jobs[id]?.state { reason.kind } else { nil }
    }

    // MARK: Values

    static let video = StagedVideo(bytes: 5, sha256: "ab", fileExtension: "mp4")

    static func output(_ name: String) -> JobOutput {
        JobOutput(file: "/v/\(name).mp4", bytes: 5, sha256: "ab", receipt: "/v/\(name).json")
    }

    static func fault(_ kind: JobFault.Kind = .providerError, _ message: String = "no") -> JobFault {
        JobFault(kind, message)
    }

    static func accepted(_ run: String) -> SubmissionOutcome {
        .accepted(
            AcceptedRun(
                runID: run,
                cost: Cost(charged: Money(micros: 350_000, currency: "USD"), final: false)
            )
        )
    }

    static let unknown = SubmissionOutcome.unknown(fault(.providerError, "503"))

    static func usd(_ micros: Int64) -> BalanceOutcome {
        .balances([Money(micros: micros, currency: "USD")])
    }
}

extension Result where Success == JobReply, Failure == JobFault {
    /// The kind of the fault, if it is one.
    var faultKind: JobFault.Kind? {
        if case .failure(let fault) = self { fault.kind } else { nil }
    }

    /// What a cancel said about the money.
    var savesMoney: SavesMoney? {
        if case .success(.job(_, let saves)) = self { saves } else { nil }
    }

    var isSuccess: Bool {
        if case .success = self { true } else { false }
    }
}
