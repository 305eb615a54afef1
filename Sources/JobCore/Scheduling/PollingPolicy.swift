/// When to ask for a run again.
///
/// The interval grows with the time the run has taken: what is lost by asking late is a fixed share of the wait,
/// and a run of an hour costs few requests more than one of a minute.
public struct PollingPolicy: Hashable, Sendable {
    /// The share of the elapsed time that may be lost by asking late.
    public static let share = 0.06
    /// Before this share of the shortest run that was seen lately, an end would be a surprise.
    static let tooEarly = 0.8
    /// The share of the shortest run for which such a surprise, or a changed progress, may go unnoticed.
    static let earlyInterval = 0.3

    /// The interval until the next request.
    ///
    /// - Parameters:
    ///   - elapsed: How long the run has been followed.
    ///   - shortest: How long the shortest of the model's runs took lately; nil when too few are known.
    ///   - minimum: The shortest interval.
    ///   - maximum: The longest interval.
    ///   - random: For the jitter of ±10 %, so that jobs submitted together spread out.
    /// - Returns: The interval, between the minimum and the maximum.
    public static func interval(
        elapsed: Duration,
        shortest: Duration? = nil,
        minimum: Duration,
        maximum: Duration,
        using random: inout some RandomNumberGenerator
    ) -> Duration {
        var wanted = elapsed.seconds * share
        if let shortest {
            let untilLikely = shortest.seconds * tooEarly - elapsed.seconds
            wanted = Swift.max(wanted, Swift.min(untilLikely, shortest.seconds * earlyInterval))
        }
        wanted *= Double.random(in: 0.9...1.1, using: &random)
        let bounded = Swift.min(
            Swift.max(wanted, minimum.seconds),
            Swift.max(maximum.seconds, minimum.seconds)
        )
        return .milliseconds(Int64(bounded * 1000))
    }
}

/// How long each model's runs take, learnt from those that finished; orders polls when requests are scarce.
struct ModelDurations: Sendable {
    private struct Known {
        var mean: Double
        /// Follows a shorter run at once and a longer one slowly.
        var shortest: Double
        var count = 1
    }

    private var known: [String: Known] = [:]
    /// Fewer runs than these say nothing about the shortest.
    private static let enough = 3

    /// What a run of a model is expected to take; a minute where nothing is known.
    func expected(_ model: String) -> Duration {
        .milliseconds(Int64((known[model]?.mean ?? 60) * 1000))
    }

    /// The shortest that a run of a model took lately; nil when too few are known.
    func shortest(_ model: String) -> Duration? {
        guard let known = known[model], known.count >= Self.enough else { return nil }
        return .milliseconds(Int64(known.shortest * 1000))
    }

    /// A run has finished.
    mutating func record(_ model: String, took duration: Duration) {
        let took = duration.seconds
        guard var entry = known[model] else {
            known[model] = Known(mean: took, shortest: took)
            return
        }
        entry.count += 1
        entry.mean = entry.mean * 0.8 + took * 0.2
        entry.shortest = min(took, entry.shortest * 0.95 + took * 0.05)
        known[model] = entry
    }
}
