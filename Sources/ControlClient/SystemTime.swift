internal import Glibc

/// The one place where the client reads a clock.
public enum SystemTime {
    /// How long the machine has been up, for measuring: it only grows and counts sleep of the machine too.
    public static var monotonic: Duration {
        let time = read(CLOCK_BOOTTIME)
        return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
    }

    /// The wall clock in milliseconds since 1970, UTC.
    public static var unixMilliseconds: Int64 {
        let time = read(CLOCK_REALTIME)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    private static func read(_ clock: clockid_t) -> timespec {
        var time = timespec()
        // Cannot fail: both clocks exist on every Linux, and the pointer is good.
        _ = clock_gettime(clock, &time)
        return time
    }
}

extension Duration {
    /// Whole milliseconds, rounded up, so that a wait never ends early.
    package var roundedUpMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let part = (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        return overflow ? (seconds < 0 ? .min : .max) : product.addingReportingOverflow(part).partialValue
    }
}
