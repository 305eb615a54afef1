import Synchronization

/// A clock that stands still until a test moves it.
///
/// The idea is that of postgres-nio's `MockClock`: a test awaits the next sleeper, reads its deadline, and advances to
/// it. Nothing depends on how fast the machine is, and no `Task.yield` hopes that something has happened.
public final class TestClock: Clock {
    /// A point of the clock's time.
    public struct Instant: InstantProtocol {
        /// Since the clock was made.
        public var uptime: Duration

        /// Makes a point of time.
        ///
        /// - Parameter uptime: Since the clock was made.
        public init(uptime: Duration) {
            self.uptime = uptime
        }

        /// The point that lies `duration` later.
        public func advanced(by duration: Duration) -> Instant {
            Instant(uptime: uptime + duration)
        }

        /// How much time lies between this point and a later one.
        public func duration(to other: Instant) -> Duration {
            other.uptime - uptime
        }

        /// Orders by time.
        public static func < (left: Instant, right: Instant) -> Bool {
            left.uptime < right.uptime
        }
    }

    private struct Sleeper {
        let id: UInt64
        let deadline: Instant
        let continuation: CheckedContinuation<Bool, Never>
        /// Whether ``nextSleeper()`` has told of it.
        var isTold = false
    }

    private struct State {
        var now = Instant(uptime: .zero)
        var nextID: UInt64 = 0
        var sleepers: [Sleeper] = []
        /// Cancelled before they had fallen asleep.
        var canceled: Set<UInt64> = []
        var waiters: [CheckedContinuation<Instant, Never>] = []
    }

    private let state = Mutex(State())

    /// Makes a clock that shows zero.
    public init() {}

    /// What it shows.
    public var now: Instant {
        state.withLock { $0.now }
    }

    /// It knows every duration.
    public var minimumResolution: Duration {
        .zero
    }

    // MARK: For tests

    /// The earliest deadline that somebody waits for.
    public var earliestDeadline: Instant? {
        state.withLock { $0.sleepers.map(\.deadline).min() }
    }

    /// How many wait.
    public var sleeperCount: Int {
        state.withLock { $0.sleepers.count }
    }

    /// Waits until somebody sleeps of whom it has not told yet.
    ///
    /// - Returns: The sleeper's deadline.
    public func nextSleeper() async -> Instant {
        await withCheckedContinuation { continuation in
            let deadline: Instant? = state.withLock { state in
                let untold = state.sleepers.indices.filter { !state.sleepers[$0].isTold }
                guard
                    let index = untold.min(by: { state.sleepers[$0].deadline < state.sleepers[$1].deadline })
                else {
                    state.waiters.append(continuation)
                    return nil
                }
                state.sleepers[index].isTold = true
                return state.sleepers[index].deadline
            }
            if let deadline {
                continuation.resume(returning: deadline)
            }
        }
    }

    /// Moves the clock on and wakes whose time has come, the earliest first.
    ///
    /// - Parameter instant: What it shows then; never less than now.
    public func advance(to instant: Instant) {
        let due = state.withLock { state in
            state.now = max(state.now, instant)
            let now = state.now
            let due = state.sleepers.filter { $0.deadline <= now }
            state.sleepers.removeAll { $0.deadline <= now }
            return due.sorted { ($0.deadline, $0.id) < ($1.deadline, $1.id) }
        }
        for sleeper in due {
            sleeper.continuation.resume(returning: true)
        }
    }

    /// Moves the clock on by a duration.
    ///
    /// - Parameter duration: By how much.
    public func advance(by duration: Duration) {
        advance(to: now.advanced(by: duration))
    }

    // MARK: Clock

    /// Waits until the test has moved the clock there.
    ///
    /// - Throws: `CancellationError` when the task is cancelled.
    public func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        let isDue = await withTaskCancellationHandler {
            await withCheckedContinuation {
                fallAsleep(Sleeper(id: id, deadline: deadline, continuation: $0))
            }
        } onCancel: {
            cancel(id)
        }
        _ = state.withLock { $0.canceled.remove(id) }
        if !isDue {
            throw CancellationError()
        }
    }

    private func fallAsleep(_ sleeper: Sleeper) {
        let (isDue, waiter): (Bool?, CheckedContinuation<Instant, Never>?) = state.withLock { state in
            if state.canceled.contains(sleeper.id) {
                return (false, nil)
            }
            if sleeper.deadline <= state.now {
                return (true, nil)
            }
            var sleeper = sleeper
            let waiter = state.waiters.isEmpty ? nil : state.waiters.removeFirst()
            sleeper.isTold = waiter != nil
            state.sleepers.append(sleeper)
            return (nil, waiter)
        }
        if let isDue {
            sleeper.continuation.resume(returning: isDue)
        }
        waiter?.resume(returning: sleeper.deadline)
    }

    private func cancel(_ id: UInt64) {
        let sleeper: Sleeper? = state.withLock { state in
            guard let index = state.sleepers.firstIndex(where: { $0.id == id }) else {
                state.canceled.insert(id)
                return nil
            }
            return state.sleepers.remove(at: index)
        }
        sleeper?.continuation.resume(returning: false)
    }
}
