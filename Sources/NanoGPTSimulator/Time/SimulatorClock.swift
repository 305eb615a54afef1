import CLinux
import Synchronization

/// The simulator's only source of time: milliseconds since the epoch, and sleeping.
///
/// The live clock reads the wall clock once and then runs on the monotonic clock, so that a step of the
/// system's time neither fails nor finishes a job.
public struct SimulatorClock: Sendable {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    public let now: @Sendable () -> Int64
    /// Waits for a duration, or throws `CancellationError`.
    public let sleep: @Sendable (Duration) async throws -> Void

    /// Makes a clock from its two functions.
    ///
    /// - Parameters:
    ///   - now: Milliseconds since the epoch; never goes back.
    ///   - sleep: Waits, and throws when the task is canceled.
    public init(
        now: @escaping @Sendable () -> Int64,
        sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.now = now
        self.sleep = sleep
    }

    /// A clock on the system's time.
    ///
    /// - Returns: A clock that starts at the present wall-clock time.
    public static func live() -> SimulatorClock {
        let start = clinux_wall_milliseconds()
        let clock = ContinuousClock()
        let origin = clock.now
        return SimulatorClock(
            now: { start + (clock.now - origin).milliseconds },
            sleep: { try await clock.sleep(for: $0) }
        )
    }

    /// A clock that stands still until it is advanced; sleeping on it advances it.
    ///
    /// - Parameter start: Milliseconds since the epoch.
    /// - Returns: The clock, and the function that advances it.
    public static func manual(
        start: Int64
    ) -> (clock: SimulatorClock, advance: @Sendable (Duration) -> Void) {
        let instant = ManualInstant(start)
        let advance: @Sendable (Duration) -> Void = { instant.advance($0) }
        return (SimulatorClock(now: { instant.now }, sleep: { advance($0) }), advance)
    }
}

/// The present moment of a manual clock.
private final class ManualInstant: Sendable {
    private let milliseconds: Mutex<Int64>

    init(_ start: Int64) { milliseconds = Mutex(start) }

    var now: Int64 { milliseconds.withLock { $0 } }

    func advance(_ duration: Duration) { milliseconds.withLock { $0 += duration.milliseconds } }
}

extension Duration {
    /// Whole milliseconds, rounded down.
    var milliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
