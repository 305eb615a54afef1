/// Status requests that are due and wait for the request budget, the one with the earliest key first.
///
/// The key is the run's expected end, or, once that has passed, when the request became due: nobody starves.
struct ReadyPolls: Sendable {
    private var queue = TimerQueue<AttemptKey>()

    var count: Int {
        queue.count
    }

    mutating func insert(_ key: AttemptKey, expectedEnd: Duration, due: Duration) {
        guard !queue.contains(key) else { return }
        queue.set(key, at: max(expectedEnd, due))
    }

    mutating func remove(_ key: AttemptKey) {
        queue.cancel(key)
    }

    mutating func popFirst() -> AttemptKey? {
        guard let earliest = queue.earliest() else { return nil }
        return queue.popDue(at: earliest)
    }
}
