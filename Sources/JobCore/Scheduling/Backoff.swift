/// Growing pauses between tries.
public struct Backoff: Hashable, Sendable {
    /// The first pause.
    public let first: Duration
    /// By how much each pause is longer than the one before, 1 or more.
    public let factor: Double
    /// The longest pause.
    public let longest: Duration

    /// Describes a row of pauses.
    ///
    /// - Parameters:
    ///   - first: The first pause.
    ///   - factor: By how much each pause is longer than the one before, 1 or more.
    ///   - longest: The longest pause.
    public init(first: Duration, factor: Double = 2, longest: Duration) {
        self.first = first
        self.factor = factor
        self.longest = longest
    }

    /// The pause after a number of failures.
    ///
    /// - Parameter failures: How often it failed, 1 or more.
    /// - Returns: The pause, at most the longest.
    public func pause(after failures: Int) -> Duration {
        var pause = first.seconds
        for _ in 1..<max(failures, 1) {
            pause *= factor
            if pause >= longest.seconds {
                return longest
            }
        }
        return min(.milliseconds(Int64(pause * 1000)), longest)
    }
}

extension Backoff {
    /// Between status requests that bring no usable answer.
    static let poll = Backoff(first: .seconds(1), longest: .seconds(30))
    /// Between fetches that break off.
    static let fetch = Backoff(first: .seconds(1), longest: .seconds(60))
    /// While the output directory takes nothing.
    static let output = Backoff(first: .seconds(1), longest: .seconds(60))
    /// While the API cannot be reached.
    static let unreachable = Backoff(first: .seconds(1), longest: .seconds(60))
    /// After a 429 without `Retry-After`.
    static let rateLimit = Backoff(first: .seconds(5), longest: .seconds(300))
    /// Between looks at the balance after a 402, and at the key after a 401.
    static let account = Backoff(first: .seconds(5), longest: .seconds(300))
    /// Between looks that bring no usable list.
    static let failedLook = Backoff(first: .seconds(2), longest: .seconds(60))
    /// Between looks for a lost attempt.
    static let lostLook = Backoff(first: .seconds(60), longest: .seconds(3600))
    /// Between single submissions during an outage.
    ///
    /// Sixfold, so that a mere double fault is soon over and ten minutes still cost at most two probes.
    static let outage = Backoff(first: .seconds(15), factor: 6, longest: .seconds(900))
}
