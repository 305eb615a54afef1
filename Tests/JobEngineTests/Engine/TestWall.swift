import JobCore
import Synchronization
import TestSupport

/// A wall clock that goes with a test clock, but can be set.
final class TestWall: Sendable {
    private let clock: TestClock
    private let offset = Mutex(Duration.zero)

    init(_ clock: TestClock) {
        self.clock = clock
    }

    var now: Timestamp {
        JobSample.epoch + clock.now.uptime + offset.withLock { $0 }
    }

    /// Sets it, as an administrator or a time server does.
    func step(by duration: Duration) {
        offset.withLock { $0 += duration }
    }
}
