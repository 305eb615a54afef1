/// Counts events in the time that just passed.
struct SlidingWindow: Sendable {
    /// The length of the window, in milliseconds.
    let length: Int64
    private var times: [Int64] = []
    private var first = 0
    /// The most events that were ever in one window.
    private(set) var peak = 0

    init(length: Int64) { self.length = length }

    /// The number of events in the window that ends now.
    mutating func count(at now: Int64) -> Int {
        while first < times.count, times[first] <= now - length { first += 1 }
        if first > 1024, first * 2 > times.count {
            times.removeFirst(first)
            first = 0
        }
        return times.count - first
    }

    /// Records an event.
    mutating func record(at now: Int64) {
        times.append(now)
        peak = max(peak, count(at: now))
    }

    /// Records an event if the window has room for it.
    ///
    /// - Parameters:
    ///   - limit: The most events in one window; 0 is without limit.
    ///   - now: Milliseconds since the epoch.
    /// - Returns: Nil when there was room, else the milliseconds until there is.
    mutating func admit(limit: Int, at now: Int64) -> Int64? {
        guard limit == 0 || count(at: now) < limit else {
            return times[times.count - limit] + length - now
        }
        record(at: now)
        return nil
    }
}
