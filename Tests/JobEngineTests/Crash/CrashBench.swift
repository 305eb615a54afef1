import JSON
import JobCore
import JobEngine
import JobStore
import Logging
import TestSupport
import Testing

/// One job with the real journal and the real publisher in directories of its own, and processes that die.
final class CrashBench {
    /// What is left when the job is over.
    struct Result: Equatable {
        var files: [String: String] = [:]
        var receipts: [String: [String: String]] = [:]
        var staging: [String] = []
        var charges = 0
        var state: JobState.Word?
        /// Path, size and hash of each file, as the job tells them.
        var outputs: [String] = []
    }

    let place: PublishingPlace
    let executor = TestExecutor()
    let clock = TestClock()
    let wall: TestWall
    let provider: ScriptedVideoProvider
    private(set) var death = Death()
    private(set) var observer = RecordingObserver()
    private var engine: JobEngine<TestClock>?
    private var task: Task<Void, Never>?
    private var journal: SQLiteJobJournal?
    private var starts: UInt64 = 0

    let id: JobID

    init(_ place: PublishingPlace) throws {
        self.place = place
        id = try Sample.job()
        wall = TestWall(clock)
        provider = ScriptedVideoProvider(clock: clock)
    }

    // MARK: The process

    func start(dyingAfter limit: Int = .max) throws {
        let death = Death(after: limit)
        let journal = try SQLiteJobJournal.open(
            "\(place.root)/state",
            at: wall.now,
            logger: EngineBench.quiet
        )
        let publisher = FilePublisher(configuration: place.configuration(), logger: EngineBench.quiet) {
            effect in
            death.passes(.disk(effect)) ? 0 : 5
        }
        run { _ = try? await publisher.prepare() }
        let observer = RecordingObserver()
        let wall = wall
        starts += 1
        let engine = JobEngine(
            configuration: EngineConfiguration(
                policy: JobPolicy(origin: EngineBench.origin),
                daemonVersion: "1.2.3"
            ),
            ports: EnginePorts(
                journal: MortalJournal(journal: journal, death: death, executor: executor),
                provider: MortalProvider(provider: provider, death: death),
                publisher: MortalPublisher(publisher: publisher, death: death, executor: executor),
                bodies: InMemoryRequestBodyStore()
            ),
            observer: observer,
            clock: clock,
            wall: { wall.now },
            random: SplitMix64(seed: starts),
            logger: EngineBench.quiet
        )
        self.death = death
        self.journal = journal
        self.observer = observer
        self.engine = engine
        task = executor.start {
            // What ends a process that has died is nothing to report.
            _ = try? await engine.run()
        }
        executor.runUntilQuiet()
    }

    /// Takes away what a dead process leaves in this one: its tasks and its lock.
    func bury() {
        task?.cancel()
        executor.runUntilQuiet()
        let journal = journal
        run { await journal?.close() }
        engine = nil
    }

    /// Awaits something that runs on threads of its own.
    private func run(_ body: @escaping @Sendable () async -> Void) {
        let executor = executor
        executor.start { await executor.outside { await body() } }
        executor.runUntilQuiet()
    }

    // MARK: The job

    /// Hands in the job, as a client does that repeats its call with its key.
    func submit() {
        guard let engine else { return }
        let body = #"{"model":"kling","prompt":"rain"}"#
        let submission = JobSubmission(
            id: id,
            owner: JobOwner(uid: 1000, user: "ada"),
            request: JobRequest(model: "kling", shown: body, body: .inline(body), fingerprint: "f"),
            clientKey: "key",
            fileName: "day/film",
            origin: EngineBench.origin
        )
        executor.start { _ = await engine.perform { .submit(submission, $0) } }
        executor.runUntilQuiet()
    }

    func retry() {
        guard let engine else { return }
        let id = id
        executor.start { _ = await engine.perform { .retry(id, acceptCharge: true, stored: nil, $0) } }
        executor.runUntilQuiet()
    }

    var state: JobState.Word? {
        observer.seen.jobs[id]?.state.word
    }

    /// Lets time pass until the job is over, held, or the process dead; then a little more.
    func finish() {
        let end = clock.now.advanced(by: .seconds(600))
        while !death.isDead, state?.endsWait != true, let next = clock.earliestDeadline, next <= end {
            clock.advance(to: next)
            executor.runUntilQuiet()
        }
    }

    /// Lets the search for an earlier attempt end: until then its job is not over, and keeps its notes.
    func endSearch() {
        let end = clock.now.advanced(by: .seconds(3 * 86_400))
        while observer.seen.jobs[id]?.isSettled != true, let next = clock.earliestDeadline, next <= end {
            clock.advance(to: next)
            executor.runUntilQuiet()
        }
    }

    // MARK: What is left

    func result() throws -> Result {
        var result = Result()
        let folder = "\(place.output)/day"
        for name in Files.names(folder) {
            let bytes = try Files.read("\(folder)/\(name)")
            guard name.hasSuffix(".json") else {
                result.files[name] = SampleVideo.sha256(bytes)
                continue
            }
            var receipt: [String: String] = [:]
            let value = try JSONParser.parse(String(decoding: bytes, as: UTF8.self))
            for member in value.objectValue?.members ?? [] where !member.name.hasSuffix("_at") {
                receipt[member.name] = withoutRoot(member.value.text)
            }
            result.receipts[name] = receipt
        }
        result.staging = Files.names(place.staging)
        result.charges = provider.runs.count
        result.state = state
        for output in observer.seen.jobs[id]?.outputs ?? [] {
            result.outputs.append("\(withoutRoot(output.file)) \(output.bytes) \(output.sha256)")
        }
        return result
    }

    /// Each run has a directory of its own.
    private func withoutRoot(_ text: String) -> String {
        text.replacing(place.root, with: "")
    }
}
