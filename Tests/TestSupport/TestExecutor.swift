import Dispatch
import Synchronization

/// Runs tasks on the thread of the test, one piece after the other.
///
/// What runs here is over when nothing is left to run: a test then knows that all is quiet, moves its ``TestClock`` to
/// the next deadline, and so on. With a seed the pieces that are ready run in an order of its own, the same at each
/// repetition: that is how completions overtake each other.
public final class TestExecutor: TaskExecutor {
    private struct State {
        var ready: [UnownedJob] = []
        var outside = 0
        var random: SplitMix64?
    }

    private let state: Mutex<State>
    private let arrival = DispatchSemaphore(value: 0)

    /// Makes an executor that runs nothing yet.
    ///
    /// - Parameter seed: For the order of what is ready; nil keeps the order in which it became ready.
    public init(seed: UInt64? = nil) {
        state = Mutex(State(random: seed.map(SplitMix64.init(seed:))))
    }

    /// Takes a piece of a task; called by the runtime.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let isAwaited = state.withLock { state in
            state.ready.append(job)
            return state.outside > 0
        }
        if isAwaited {
            arrival.signal()
        }
    }

    /// Starts a task here.
    ///
    /// - Parameter body: What it does.
    /// - Returns: The task.
    @discardableResult
    public func start(_ body: @escaping @Sendable () async -> Void) -> Task<Void, Never> {
        Task(executorPreference: self) { await body() }
    }

    /// Runs one piece that is ready.
    ///
    /// - Returns: Whether there was one.
    @discardableResult
    public func runOne() -> Bool {
        let job: UnownedJob? = state.withLock { state in
            guard !state.ready.isEmpty else { return nil }
            let index = state.random?.next(below: state.ready.count) ?? 0
            return state.ready.remove(at: index)
        }
        job?.runSynchronously(on: asUnownedTaskExecutor())
        return job != nil
    }

    /// Runs until nothing is ready and nothing outside is awaited.
    ///
    /// - Returns: Whether it became quiet; false when a million pieces have run, as in a loop without end.
    @discardableResult
    public func runUntilQuiet() -> Bool {
        for _ in 0..<1_000_000 {
            if runOne() {
                continue
            }
            guard state.withLock({ $0.outside > 0 }) else { return true }
            arrival.wait()
        }
        return false
    }

    /// Awaits something that runs on threads of its own, such as a disk; until it is over, all is not quiet.
    ///
    /// - Parameter body: What is awaited.
    /// - Returns: What it returns.
    /// - Throws: What it throws.
    public func outside<Value, Failure: Error>(
        _ body: () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        state.withLock { $0.outside += 1 }
        defer { state.withLock { $0.outside -= 1 } }
        return try await body()
    }
}
