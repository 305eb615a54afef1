public import JobCore
public import JobEngine
import Synchronization

/// A journal without a disk: a working implementation that can be held up, made to fail, and killed.
///
/// What is "durable" survives ``crash(landing:)`` and is handed to the journal that ``reopened()`` makes.
public final class InMemoryJobJournal: JobJournal {
    /// What ``crash(landing:)`` leaves callers with.
    public struct Crashed: Error, Hashable, Sendable {
        /// Makes the error.
        public init() {}
    }

    private struct HeldCommit {
        let changes: [JournalChange]
        let continuation: CheckedContinuation<Result<Void, any Error>, Never>
    }

    private struct Waiter {
        let count: Int
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var content: JournalContent
        var commits: [[JournalChange]] = []
        var failures: [any Error] = []
        var isHolding = false
        var held: [HeldCommit] = []
        var waiters: [Waiter] = []
        var isDead = false

        /// The commit's result, or nil when it is held; and who waited for that.
        mutating func commit(_ commit: HeldCommit) -> (result: Result<Void, any Error>?, ready: [Waiter]) {
            guard !isDead else { return (.failure(Crashed()), []) }
            guard failures.isEmpty else { return (.failure(failures.removeFirst()), []) }
            guard !isHolding else {
                held.append(commit)
                let ready = waiters.filter { $0.count <= held.count }
                waiters.removeAll { $0.count <= held.count }
                return (nil, ready)
            }
            land(commit.changes)
            return (.success(()), [])
        }

        mutating func land(_ changes: [JournalChange]) {
            content.apply(changes)
            commits.append(changes)
        }
    }

    private let state: Mutex<State>

    /// Makes an empty journal.
    public convenience init() {
        self.init(content: JournalContent())
    }

    private init(content: JournalContent) {
        state = Mutex(State(content: content))
    }

    // MARK: For tests

    /// The batches that became durable here, in order.
    public var commits: [[JournalChange]] {
        state.withLock { $0.commits }
    }

    /// The jobs as they are durable here.
    public var jobs: [JobID: Job] {
        state.withLock { $0.content.jobs }
    }

    /// Lets the next commits fail; nothing of them becomes durable.
    ///
    /// - Parameters:
    ///   - count: How many.
    ///   - error: What they throw.
    public func failNextCommits(_ count: Int, with error: any Error) {
        state.withLock { $0.failures = Array(repeating: error, count: count) }
    }

    /// Holds further commits: they neither become durable nor return until ``releaseCommits()`` or
    /// ``crash(landing:)``.
    public func holdCommits() {
        state.withLock { $0.isHolding = true }
    }

    /// Returns when that many commits are held, or the journal has crashed.
    ///
    /// - Parameter count: How many.
    public func waitForHeldCommits(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                guard state.held.count < count, !state.isDead else { return true }
                state.waiters.append(Waiter(count: count, continuation: continuation))
                return false
            }
            if isThere {
                continuation.resume()
            }
        }
    }

    /// Makes the held commits durable in their order, lets them return, and holds no more.
    public func releaseCommits() {
        let held = state.withLock { state in
            defer { state.held = [] }
            state.isHolding = false
            for commit in state.held {
                state.land(commit.changes)
            }
            return state.held
        }
        for commit in held {
            commit.continuation.resume(returning: .success(()))
        }
    }

    /// Kills the journal: held commits are lost and every call from now on throws ``Crashed``.
    ///
    /// - Parameter landing: How many of the held commits became durable although nobody heard of it.
    public func crash(landing: Int = 0) {
        let (held, waiters) = state.withLock { state in
            defer {
                state.held = []
                state.waiters = []
            }
            state.isDead = true
            for commit in state.held.prefix(landing) {
                state.land(commit.changes)
            }
            return (state.held, state.waiters)
        }
        for commit in held {
            commit.continuation.resume(returning: .failure(Crashed()))
        }
        for waiter in waiters {
            waiter.continuation.resume()
        }
    }

    /// Makes the journal that a new process finds.
    ///
    /// - Parameters:
    ///   - drainReason: Why that process has to start drained, as after a restored backup.
    ///   - unreadable: Jobs whose records cannot be read any more, and stay.
    /// - Returns: A journal that holds what is durable here.
    public func reopened(drainReason: String? = nil, unreadable: Set<JobID> = []) -> InMemoryJobJournal {
        var content = state.withLock { $0.content }
        content.drainReason = drainReason
        content.unreadable = unreadable
        return InMemoryJobJournal(content: content)
    }

    // MARK: JobJournal

    /// Reads what the last run left.
    ///
    /// - Returns: The state to go on from.
    /// - Throws: ``Crashed``.
    public func restore() async throws -> RestoredState {
        try content().restored
    }

    /// Makes changes durable, all or none.
    ///
    /// - Parameter changes: The changes in order.
    /// - Throws: ``Crashed``, or what ``failNextCommits(_:with:)`` asked for.
    public func commit(_ changes: [JournalChange]) async throws {
        let result: Result<Void, any Error> = await withCheckedContinuation { continuation in
            let (result, ready) = state.withLock {
                $0.commit(HeldCommit(changes: changes, continuation: continuation))
            }
            for waiter in ready {
                waiter.continuation.resume()
            }
            if let result {
                continuation.resume(returning: result)
            }
        }
        try result.get()
    }

    /// Reads finished jobs.
    ///
    /// - Parameter query: Which.
    /// - Returns: Newest first.
    /// - Throws: ``Crashed``.
    public func finishedJobs(_ query: FinishedJobsQuery) async throws -> [Job] {
        try content().finishedJobs(query)
    }

    /// Counts the settled jobs.
    ///
    /// - Parameter uid: Whose; nil counts those of all users.
    /// - Returns: The counts by state.
    /// - Throws: ``Crashed``.
    public func finishedCounts(of uid: UInt32?) async throws -> [JobState.Word: Int]? {
        try content().finishedCounts(of: uid)
    }

    /// Pretends to write a copy.
    ///
    /// - Parameter now: For the copy's name.
    /// - Returns: A path at which nothing is.
    /// - Throws: ``Crashed``.
    public func backup(at now: Timestamp) async throws -> String {
        _ = try content()
        return "/in-memory/journal-\(now.milliseconds).sqlite"
    }

    /// Lets later calls fail as on a closed journal.
    public func close() async {
        crash()
    }

    private func content() throws -> JournalContent {
        try state.withLock { state in
            guard !state.isDead else { throw Crashed() }
            return state.content
        }
    }
}
