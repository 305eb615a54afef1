public import JobCore
public import Logging
public import ServiceLifecycle
import Synchronization

/// Runs the machine: one loop owns it; commit, then act.
///
/// The loop never waits for the disk. It hands a batch of changes to the journal, applies further events, and
/// releases the batch's replies, announcements and effects when its commit has returned; what came meanwhile is the
/// next batch. A failed commit is tried again, and until it succeeds nothing of it is seen or done.
public final class JobEngine<C: Clock>: Service where C.Duration == Duration {
    private let configuration: EngineConfiguration
    private let journal: any JobJournal
    private let observer: any EngineObserver
    private let effects: EngineEffects
    private let clock: C
    private let origin: C.Instant
    private let wall: @Sendable () -> Timestamp
    private let random: any RandomNumberGenerator & Sendable
    private let logger: Logger
    private let inputs: AsyncStream<EngineInput>
    private let feed: AsyncStream<EngineInput>.Continuation
    private let waiting = Mutex(WaitingReplies())

    private struct WaitingReplies {
        var next: UInt64 = 0
        var continuations: [ReplyToken: CheckedContinuation<Result<JobReply, JobFault>, Never>] = [:]
        var closed = false
    }

    /// Puts an engine together; nothing runs before ``run()``.
    ///
    /// - Parameters:
    ///   - configuration: The settings.
    ///   - ports: What it works with.
    ///   - observer: Where committed state becomes visible.
    ///   - clock: What it waits with.
    ///   - wall: The wall clock.
    ///   - random: Where UUIDs and jitter come from.
    ///   - logger: Where it tells what happens.
    public init(
        configuration: EngineConfiguration,
        ports: EnginePorts,
        observer: any EngineObserver,
        clock: C,
        wall: @escaping @Sendable () -> Timestamp,
        random: any RandomNumberGenerator & Sendable,
        logger: Logger
    ) {
        self.configuration = configuration
        journal = ports.journal
        self.observer = observer
        self.clock = clock
        origin = clock.now
        self.wall = wall
        self.random = random
        self.logger = logger
        (inputs, feed) = AsyncStream<EngineInput>.makeStream()
        effects = EngineEffects(
            ports: ports,
            receipt: Receipt(
                withRequest: configuration.receiptRequest,
                daemonVersion: configuration.daemonVersion
            ),
            observer: observer,
            wall: wall,
            feed: feed
        )
    }

    // MARK: What others call

    /// Lets a client's command happen and waits until what it changed is on disk.
    ///
    /// - Parameter make: Makes the event from the token that names the reply.
    /// - Returns: The reply, or why not.
    public func perform(_ make: (ReplyToken) -> JobEvent) async -> Result<JobReply, JobFault> {
        await withCheckedContinuation { continuation in
            let token: ReplyToken? = waiting.withLock { waiting in
                guard !waiting.closed else { return nil }
                waiting.next += 1
                let token = ReplyToken(waiting.next)
                waiting.continuations[token] = continuation
                return token
            }
            if let token {
                feed.yield(.event(make(token)))
            } else {
                continuation.resume(
                    returning: .failure(
                        JobFault(.daemonDraining, "the daemon is stopping", retryable: true)
                    )
                )
            }
        }
    }

    /// Lets something happen that nobody waits for.
    ///
    /// - Parameter event: What happened.
    public func notify(_ event: JobEvent) {
        feed.yield(.event(event))
    }

    /// Takes what a reload changed about receipts; for all that are written later.
    ///
    /// - Parameter receiptRequest: Whether receipts hold the request.
    public func apply(receiptRequest: Bool) {
        effects.receipt.withRequest = receiptRequest
    }

    /// Returns when the loop has come by: the engine is alive, or has ended.
    public func ping() async {
        await withCheckedContinuation { continuation in
            if case .terminated = feed.yield(.ping(continuation)) {
                continuation.resume()
            }
        }
    }

    /// Starts to stop: nothing new is sent, what is on the wire is awaited, then ``run()`` returns.
    public func beginGracefulShutdown() {
        feed.yield(.event(.stop))
    }

    // MARK: The loop

    /// Restores the journal and runs until the stop.
    ///
    /// - Throws: When the journal cannot be read.
    public func run() async throws {
        let restored = try await journal.restore()
        for message in restored.unreadable {
            logger.error(
                "a record of the journal cannot be read and stays there",
                metadata: ["error": "\(message)"]
            )
        }
        await withGracefulShutdownHandler {
            await loop(restored)
        } onGracefulShutdown: {
            self.beginGracefulShutdown()
        }
        await journal.close()
    }

    private func loop(_ restored: RestoredState) async {
        var machine = JobMachine(policy: configuration.policy, random: random)
        var state = LoopState()
        await withDiscardingTaskGroup { group in
            let live = restored.live
            let actions = machine.restore(
                live: live,
                finished: restored.finished,
                counts: restored.finishedCounts,
                keys: restored.clientKeys,
                sent: restored.sent,
                drained: restored.drained,
                drainReason: restored.drainReason,
                at: moment()
            )
            if restored.drainReason == nil, restored.unreadable.isEmpty {
                // A journal that was set aside, or a record that cannot be read, still refers to what seems left
                // over here.
                await effects.cleanUp(live: live)
            }
            // As on disk: what the start makes of it follows when it is durable.
            observer.restored(
                jobs: live + restored.finished,
                counts: restored.finishedCounts.merging(live.map { ($0.state.word, 1) }, uniquingKeysWith: +),
                lastID: restored.lastID
            )
            observer.gateChanged(reason: machine.holdUp(at: moment()), drained: machine.isDrained)
            state.pending.add(actions, of: machine)
            advance(&machine, &state, &group)
            for await input in inputs {
                take(input, &machine, &state, &group)
                if state.isFinished(machine) {
                    break
                }
            }
            group.cancelAll()
        }
        // Everything has ended. A commit that outlasted the deadline may have landed all the same, and whoever waits
        // for it must not be told that nothing happened.
        feed.finish()
        for await input in inputs {
            switch input {
            case .committed:
                if let batch = state.committing {
                    state.committing = nil
                    show(batch, &state)
                }
            case .ping(let continuation): continuation.resume()
            default: break
            }
        }
        closeReplies()
    }

    private func take(
        _ input: EngineInput,
        _ machine: inout JobMachine,
        _ state: inout LoopState,
        _ group: inout DiscardingTaskGroup
    ) {
        switch input {
        case .event(let event):
            if case .stop = event, !state.stopping {
                state.stopping = true
                effects.stopFetches()
                startStopDeadline(&group)
            }
            step(event, &machine, &state)
        case .wakeUp(let due):
            state.armed.removeAll { $0 == due }
            step(.wakeUp, &machine, &state)
        case .committed:
            let batch = state.committing
            state.committing = nil
            if let batch {
                release(batch, &state, &group)
            }
        case .journal(let fault):
            if fault != nil, state.journalFault == nil {
                logger.critical(
                    "the journal takes nothing; all effects wait",
                    metadata: ["error": "\(fault?.message ?? "")"]
                )
            } else if fault == nil, state.journalFault != nil {
                logger.notice("the journal takes changes again")
            }
            state.journalFault = fault
            observer.journalChanged(fault)
        case .ping(let continuation): continuation.resume()
        case .effectEnded: state.effectsOpen -= 1
        case .stopDeadline: state.deadlinePassed = true
        }
        advance(&machine, &state, &group)
    }

    private func step(_ event: JobEvent, _ machine: inout JobMachine, _ state: inout LoopState) {
        let actions = machine.handle(event, at: moment())
        state.pending.add(actions, of: machine)
    }

    /// Hands over what has gathered and arms the next wake-up.
    private func advance(
        _ machine: inout JobMachine,
        _ state: inout LoopState,
        _ group: inout DiscardingTaskGroup
    ) {
        if state.committing == nil, !state.pending.isEmpty {
            let batch = state.pending
            state.pending = Batch()
            if batch.changes.isEmpty {
                release(batch, &state, &group)
            } else {
                state.committing = batch
                commit(batch.changes, &group)
            }
        }
        let now = moment()
        guard let due = machine.nextWakeUp(at: now) else { return }
        // A wake-up that comes earlier serves as well: it finds the later one and arms it.
        guard state.armed.allSatisfy({ $0 > due }) else { return }
        state.armed.append(due)
        let feed = feed
        let clock = clock
        let instant = origin.advanced(by: max(due, now.uptime))
        group.addTask {
            // Cancelled only at the stop, when nobody listens any more.
            try? await clock.sleep(until: instant, tolerance: nil)
            feed.yield(.wakeUp(due))
        }
    }

    private func commit(_ changes: [JournalChange], _ group: inout DiscardingTaskGroup) {
        let journal = journal
        let feed = feed
        let clock = clock
        // Begun here and now: what is committed is handed over without waking another thread first.
        group.addImmediateTask {
            let backoff = Backoff(first: .milliseconds(200), longest: .seconds(10))
            var failures = 0
            while !Task.isCancelled {
                do {
                    try await journal.commit(changes)
                    if failures > 0 {
                        feed.yield(.journal(nil))
                    }
                    feed.yield(.committed)
                    return
                } catch {
                    failures += 1
                    let fault = JobFault(
                        .stateUnavailable,
                        "the journal cannot be written: \(error)",
                        charged: .no,
                        retryable: true,
                        hint: "make room or repair the file system of state.directory"
                    )
                    feed.yield(.journal(fault))
                    // Cancelled only at the stop: then the loop condition ends the task.
                    try? await clock.sleep(for: backoff.pause(after: failures))
                }
            }
        }
    }

    /// The batch is durable: now the world may see it.
    private func release(_ batch: Batch, _ state: inout LoopState, _ group: inout DiscardingTaskGroup) {
        for action in show(batch, &state) {
            // Once the deadline of a stop has passed nothing is begun any more.
            guard !state.deadlinePassed else { return }
            state.effectsOpen += 1
            let effects = effects
            let feed = feed
            let stop = effects.begin(action)
            group.addTask {
                await effects.perform(action, until: stop)
                feed.yield(.effectEnded)
            }
        }
    }

    /// Answers and announces what a batch has come to.
    ///
    /// - Returns: What remains to be done.
    @discardableResult
    private func show(_ batch: Batch, _ state: inout LoopState) -> [JobAction] {
        if batch.credential != state.credential {
            state.credential = batch.credential
            observer.credentialChanged(batch.credential)
        }
        var rest: [JobAction] = []
        for action in batch.effects {
            switch action {
            case .reply(let token, let result): answer(token, result)
            case .announce(let notice): observer.changed(notice, counts: batch.counts)
            case .announceGate(let reason): observer.gateChanged(reason: reason, drained: batch.drained)
            default: rest.append(action)
            }
        }
        return rest
    }

    private func answer(_ token: ReplyToken, _ result: Result<JobReply, JobFault>) {
        waiting.withLock { $0.continuations.removeValue(forKey: token) }?.resume(returning: result)
    }

    private func closeReplies() {
        let open = waiting.withLock { waiting in
            waiting.closed = true
            let open = Array(waiting.continuations.values)
            waiting.continuations = [:]
            return open
        }
        for continuation in open {
            continuation.resume(
                returning: .failure(JobFault(.daemonDraining, "the daemon is stopping", retryable: true))
            )
        }
    }

    private func startStopDeadline(_ group: inout DiscardingTaskGroup) {
        let feed = feed
        let clock = clock
        let grace = configuration.stopGrace
        group.addTask {
            // Cancelled when everything is finished before.
            try? await clock.sleep(for: grace)
            feed.yield(.stopDeadline)
        }
    }

    private func moment() -> Moment {
        Moment(uptime: origin.duration(to: clock.now), wall: wall())
    }
}

/// What the loop knows besides the machine.
private struct LoopState {
    var pending = Batch()
    var committing: Batch?
    var armed: [Duration] = []
    var journalFault: JobFault?
    var credential: JobFault?
    var effectsOpen = 0
    var stopping = false
    var deadlinePassed = false

    /// Whether the stop is complete: nothing on the wire, nothing uncommitted; or no time is left.
    func isFinished(_ machine: JobMachine) -> Bool {
        guard stopping else { return false }
        return deadlinePassed || (effectsOpen == 0 && committing == nil && pending.isEmpty)
    }
}
