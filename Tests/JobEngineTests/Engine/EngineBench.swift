import JobCore
import JobEngine
import Logging
import TestSupport

/// An engine with a clock, a journal, a publisher and a provider of a test's own.
///
/// Everything runs on the test's thread: after each call all that can happen at this time has happened.
final class EngineBench {
    typealias Reply = Pending<Result<JobReply, JobFault>>

    let executor: TestExecutor
    let clock: TestClock
    let wall: TestWall
    let provider: ScriptedVideoProvider
    let publisher: InMemoryVideoPublisher
    let bodies = InMemoryRequestBodyStore()
    var journal = InMemoryJobJournal()
    var configuration: EngineConfiguration
    private(set) var observer = RecordingObserver()
    private(set) var engine: JobEngine<TestClock>?
    private var task: Task<Void, Never>?
    private var ended = Pending<Bool>()
    private var random: SplitMix64
    /// Whether the engine ever ran in circles while the clock stood still.
    private(set) var hasSpun = false
    private var ids = JobID.Generator(after: nil)

    static let origin = "https://nano-gpt.com"

    init(seed: UInt64 = 1, shuffled: Bool = false, policy: JobPolicy = JobPolicy(origin: EngineBench.origin))
    {
        executor = TestExecutor(seed: shuffled ? seed : nil)
        clock = TestClock()
        wall = TestWall(clock)
        provider = ScriptedVideoProvider(clock: clock)
        publisher = InMemoryVideoPublisher()
        configuration = EngineConfiguration(policy: policy, daemonVersion: "1.2.3")
        random = SplitMix64(seed: seed)
    }

    static func started(_ policy: JobPolicy = JobPolicy(origin: EngineBench.origin)) -> EngineBench {
        let bench = EngineBench(policy: policy)
        bench.start()
        return bench
    }

    static var quiet: Logger {
        Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    }

    // MARK: The process

    func start() {
        let wall = wall
        let observer = RecordingObserver()
        let engine = JobEngine(
            configuration: configuration,
            ports: EnginePorts(journal: journal, provider: provider, publisher: publisher, bodies: bodies),
            observer: observer,
            clock: clock,
            wall: { wall.now },
            random: SplitMix64(seed: random.next()),
            logger: Self.quiet
        )
        let ended = Pending<Bool>()
        self.observer = observer
        self.engine = engine
        self.ended = ended
        task = executor.start {
            do {
                try await engine.run()
                ended.set(true)
            } catch {
                ended.set(false)
            }
        }
        settle()
    }

    /// Whether `run()` has returned.
    var hasEnded: Bool {
        ended.value != nil
    }

    /// The process dies: nothing of it goes on, what was committed stays.
    func kill(landing: Int = 0) {
        journal.crash(landing: landing)
        task?.cancel()
        settle()
        journal = journal.reopened()
        engine = nil
    }

    func restart(after pause: Duration = .seconds(1)) {
        kill()
        clock.advance(by: pause)
        start()
    }

    func stop() {
        engine?.beginGracefulShutdown()
        settle()
    }

    /// The process dies in the middle of things: some of what is due now happens, the rest never.
    ///
    /// - Parameters:
    ///   - pieces: How many pieces of tasks still run.
    ///   - landing: How many commits reach the disk that nobody hears of.
    func kill(after pieces: Int, landing: Int) {
        if let next = clock.earliestDeadline {
            clock.advance(to: next)
        }
        for _ in 0..<pieces where executor.runOne() {}
        kill(landing: landing)
    }

    // MARK: Time

    /// Lets everything happen that can happen now.
    private func settle() {
        if !executor.runUntilQuiet() {
            hasSpun = true
        }
    }

    /// Lets time pass, from one deadline to the next.
    func advance(by duration: Duration) {
        let end = clock.now.advanced(by: duration)
        while let next = clock.earliestDeadline, next <= end {
            clock.advance(to: next)
            settle()
        }
        clock.advance(to: end)
        settle()
    }

    /// Lets time pass until something is true.
    ///
    /// - Returns: Whether it became true.
    func advance(upTo limit: Duration, until condition: () -> Bool) -> Bool {
        let end = clock.now.advanced(by: limit)
        while !condition() {
            guard let next = clock.earliestDeadline, next <= end else { return false }
            clock.advance(to: next)
            settle()
        }
        return true
    }

    // MARK: Clients

    /// Begins a call; its reply comes when it comes.
    @discardableResult
    func call(_ make: @escaping @Sendable (ReplyToken) -> JobEvent) -> Reply {
        let reply = Reply()
        guard let engine else { return reply }
        executor.start { reply.set(await engine.perform(make)) }
        settle()
        return reply
    }

    func submission(
        owner: UInt32 = 1000,
        key: String? = nil,
        fileName: String = "{id}.mp4",
        body: JobRequest.Body = .inline(#"{"model":"kling"}"#)
    ) -> JobSubmission {
        JobSubmission(
            id: ids.next(at: wall.now, using: &random),
            owner: JobOwner(uid: owner, user: "u\(owner)"),
            request: JobRequest(model: "kling", shown: #"{"model":"kling"}"#, body: body, fingerprint: "f"),
            clientKey: key,
            fileName: fileName,
            origin: configuration.policy.origin
        )
    }

    @discardableResult
    func submit(owner: UInt32 = 1000, key: String? = nil, fileName: String = "{id}.mp4") -> JobID {
        let submission = submission(owner: owner, key: key, fileName: fileName)
        call { .submit(submission, $0) }
        return submission.id
    }

    // MARK: Reading

    /// The job as it is shown.
    func job(_ id: JobID) -> Job? {
        observer.seen.jobs[id]
    }

    func state(_ id: JobID) -> JobState.Word? {
        job(id)?.state.word
    }

    func count(_ word: JobState.Word) -> Int {
        observer.seen.counts[word, default: 0]
    }

    /// The names in the output directory.
    var files: [String] {
        publisher.published.map(\.name).sorted()
    }

    /// When submissions reached the provider, uptime.
    var submissions: [Duration] {
        provider.calls.compactMap { call in
            if case .submit = call.kind { call.at } else { nil }
        }
    }

    /// When the provider was asked for its list, uptime.
    var looks: [Duration] {
        provider.calls.compactMap { call in
            if case .recentRuns = call.kind { call.at } else { nil }
        }
    }

    /// The most calls within any span.
    static func most(_ times: [Duration], within span: Duration) -> Int {
        times.map { start in times.count { $0 >= start && $0 < start + span } }.max() ?? 0
    }
}

extension ScriptedVideoProvider {
    /// Changes what it does.
    func change(_ body: (inout ProviderScript) -> Void) {
        var script = script
        body(&script)
        self.script = script
    }
}
