/// When to ask for a run again.
///
/// The interval grows with the time the run has taken: what is lost by asking late is a fixed share of the wait,
/// and a run of an hour costs few requests more than one of a minute.
public struct PollingPolicy: Hashable, Sendable {
    /// The share of the elapsed time that may be lost by asking late.
    public static let share = 0.06

    /// The interval until the next request.
    ///
    /// - Parameters:
    ///   - elapsed: How long the run has been followed.
    ///   - minimum: The shortest interval.
    ///   - maximum: The longest interval.
    ///   - random: For the jitter of ±10 %, so that jobs submitted together spread out.
    /// - Returns: The interval, between the minimum and the maximum.
    public static func interval(
        elapsed: Duration,
        minimum: Duration,
        maximum: Duration,
        using random: inout some RandomNumberGenerator
    ) -> Duration {
        let wanted = elapsed.seconds * share * Double.random(in: 0.9...1.1, using: &random)
        let bounded = Swift.min(
            Swift.max(wanted, minimum.seconds),
            Swift.max(maximum.seconds, minimum.seconds)
        )
        return .milliseconds(Int64(bounded * 1000))
    }
}

/// How long each model's runs take, learnt from those that finished; orders polls when requests are scarce.
struct ModelDurations: Sendable {
    private var seconds: [String: Double] = [:]

    /// What a run of a model is expected to take; a minute where nothing is known.
    func expected(_ model: String) -> Duration {
        .milliseconds(Int64((seconds[model] ?? 60) * 1000))
    }

    /// A run has finished.
    mutating func record(_ model: String, took duration: Duration) {
        let old = seconds[model] ?? duration.seconds
        seconds[model] = old * 0.8 + duration.seconds * 0.2
    }
}
