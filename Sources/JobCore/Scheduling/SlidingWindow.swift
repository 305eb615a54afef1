/// Allows a number of requests within any span of time.
///
/// A request takes its place from when it is sent until the span has passed after its answer: the other side
/// counted it at some time in between, so whatever the delays, it never sees more than the limit.
public struct SlidingWindow: Sendable {
    /// How many requests any span may hold, 1 or more.
    public var limit: Int
    /// The span.
    public let span: Duration
    private var open = 0
    private var ended: [Duration] = []
    private var head = 0

    /// Makes an empty window.
    ///
    /// - Parameters:
    ///   - limit: How many requests any span may hold, 1 or more.
    ///   - span: The span.
    public init(limit: Int, span: Duration) {
        self.limit = limit
        self.span = span
    }

    /// Whether a request may be sent.
    ///
    /// - Parameter now: Uptime.
    /// - Returns: Whether it may.
    public mutating func hasRoom(at now: Duration) -> Bool {
        while head < ended.count, ended[head] + span <= now {
            head += 1
        }
        if head > 64, head * 2 > ended.count {
            ended.removeFirst(head)
            head = 0
        }
        return open + ended.count - head < limit
    }

    /// When the next place gets free by the passing of time; nil when only an answer can free one.
    public var nextRoom: Duration? {
        let surplus = open + ended.count - head - limit
        guard surplus >= 0, head + surplus < ended.count else { return nil }
        return ended[head + surplus] + span
    }

    /// A request is sent.
    public mutating func begin() {
        open += 1
    }

    /// It was not sent after all.
    public mutating func cancel() {
        open = max(0, open - 1)
    }

    /// Its answer has come, or nobody waits for it any more.
    ///
    /// - Parameter now: Uptime; times may only grow.
    public mutating func end(at now: Duration) {
        open = max(0, open - 1)
        record(at: now)
    }

    /// A request is over whose beginning was not told: it counts from now on.
    ///
    /// - Parameter now: Uptime; times may only grow.
    public mutating func record(at now: Duration) {
        ended.append(max(now, ended.last ?? now))
    }
}
