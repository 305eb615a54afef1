public import JobCore
public import JobEngine
import Synchronization

/// A paid provider in memory that does what a test tells it, and keeps a ledger of what it charged.
///
/// It lives on a ``TestClock``: each call takes the time that ``ProviderScript/latency`` says, in the middle of which it
/// takes effect. A call whose caller goes away in the first half may or may not have had its effect
/// (``ProviderScript/takesAbandoned``), exactly as a request that is on the wire.
public final class ScriptedVideoProvider: VideoProvider {
    private let clock: TestClock
    private let state: Mutex<ProviderBooks>

    /// Makes a provider at which everything works.
    ///
    /// - Parameters:
    ///   - clock: Its time.
    ///   - script: What it does.
    public init(clock: TestClock, script: ProviderScript = ProviderScript()) {
        self.clock = clock
        state = Mutex(ProviderBooks(script: script))
    }

    // MARK: For tests

    /// What it does from now on.
    public var script: ProviderScript {
        get { state.withLock { $0.script } }
        set { state.withLock { $0.script = newValue } }
    }

    /// The runs that it took, in order; each was charged once.
    public var runs: [ProviderRun] {
        state.withLock { $0.runs }
    }

    /// Every request that was sent to it, in order.
    public var calls: [ProviderCall] {
        state.withLock { $0.calls }
    }

    /// The most submissions that were on the wire at the same time.
    public var mostSubmissionsAtOnce: Int {
        state.withLock { $0.mostOpen }
    }

    /// What the account holds.
    ///
    /// - Parameter money: The new balance.
    public func setBalance(_ money: Money) {
        state.withLock { $0.balance = money }
    }

    /// Forgets the calls that were noted so far.
    public func forgetCalls() {
        state.withLock { $0.calls = [] }
    }

    /// Takes a run that was not submitted through this port, as the account's owner may on the web site.
    ///
    /// - Parameters:
    ///   - plan: What becomes of it.
    ///   - uuid: The UUID it carries.
    /// - Returns: The run's name.
    @discardableResult
    public func take(_ plan: RunPlan, uuid: AttemptUUID? = nil) -> String {
        let now = clock.now.uptime
        return state.withLock { $0.take(plan, uuid: uuid, at: now) }
    }

    // MARK: VideoProvider

    /// Takes, refuses or loses one paid request.
    public func submit(_ request: SubmissionRequest) async -> SubmissionOutcome {
        state.withLock { books in
            books.open += 1
            books.mostOpen = max(books.mostOpen, books.open)
        }
        defer { state.withLock { $0.open -= 1 } }
        let latency = begin(.submit(request.uuid))
        let lost = SubmissionOutcome.unknown(
            JobFault(.providerError, "the connection broke", charged: .unknown)
        )
        guard await pass(latency / 2) else {
            let now = clock.now.uptime
            state.withLock { books in
                guard books.script.takesAbandoned() else { return }
                _ = books.decide(request, at: now)
            }
            return lost
        }
        let now = clock.now.uptime
        let outcome = state.withLock { $0.decide(request, at: now) }
        return await pass(latency / 2) ? outcome : lost
    }

    /// Tells of a run.
    public func status(of run: RunReference) async -> StatusOutcome {
        let stopped = StatusOutcome.unavailable(JobFault(.providerUnreachable, "canceled"))
        guard await pass(begin(.status(run.runID))) else { return stopped }
        let now = clock.now.uptime
        return state.withLock { $0.status(run.runID, at: now) }
    }

    /// Lists runs.
    public func recentRuns(uuid: AttemptUUID?, limit: Int) async -> LookOutcome {
        let stopped = LookOutcome.unavailable(JobFault(.providerUnreachable, "canceled"))
        guard await pass(begin(.recentRuns(uuid))) else { return stopped }
        let now = clock.now.uptime
        return state.withLock { $0.recentRuns(uuid, limit, at: now) }
    }

    /// Tells what the account holds.
    public func balance() async -> BalanceOutcome {
        let stopped = BalanceOutcome.unavailable(JobFault(.providerUnreachable, "canceled"))
        guard await pass(begin(.balance)) else { return stopped }
        let now = clock.now.uptime
        return state.withLock { $0.account(at: now) }
    }

    /// Sends a video, or part of it.
    public func download(_ url: String, into sink: any DownloadSink) async -> DownloadOutcome {
        let latency = begin(.download(url))
        guard await pass(latency / 2) else { return .stopped }
        let now = clock.now.uptime
        let (video, fate) = state.withLock { $0.download(url, at: now) }
        guard let video else {
            return .expired(JobFault(.providerError, "HTTP 403 from the storage", charged: .yes))
        }
        let resume = sink.resumePoint
        let offset = resume?.validator == video.validator ? Int(resume?.offset ?? 0) : 0
        let end = fate.length.map { min(offset + $0, video.bytes.count) } ?? video.bytes.count
        let middle = offset + (end - offset) / 2
        do {
            try sink.begin(
                DownloadHead(
                    offset: Int64(offset),
                    totalBytes: Int64(video.bytes.count),
                    contentType: "video/mp4",
                    validator: video.validator
                )
            )
            try video.bytes[offset..<middle].withUnsafeBytes { (part) throws in try sink.write(part) }
            guard await pass(latency / 2) else { return .stopped }
            try video.bytes[middle..<end].withUnsafeBytes { (part) throws in try sink.write(part) }
        } catch let error as DownloadSinkError {
            return .sink(error)
        } catch {
            return .interrupted(JobFault(.internal, "\(error)"))
        }
        guard end == video.bytes.count else {
            return .interrupted(JobFault(.providerUnreachable, "the download broke off", charged: .yes))
        }
        return .finished
    }

    /// Notes a request, and tells how long it will take.
    private func begin(_ kind: ProviderCall.Kind) -> Duration {
        let now = clock.now.uptime
        return state.withLock { books in
            books.note(kind, at: now)
            return books.script.latency(kind)
        }
    }

    /// Lets time pass; false when the caller went away.
    private func pass(_ duration: Duration) async -> Bool {
        do {
            try await clock.sleep(until: clock.now.advanced(by: duration), tolerance: nil)
            return true
        } catch {
            return false
        }
    }
}
