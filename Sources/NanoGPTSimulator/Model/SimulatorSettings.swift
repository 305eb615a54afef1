/// What can be changed while the simulator runs.
public struct SimulatorSettings: Hashable, Sendable {
    /// How long a job takes, in seconds; the first fifth of it is spent in the queue.
    public var processingSeconds = 4.0
    /// By how much jobs take longer, in seconds: spread evenly, so that not all end at once.
    public var processingSpreadSeconds = 0.0
    /// Submissions per minute and client address; 0 is without limit.
    public var submitPerMinute = 50
    /// Calls of recover per minute and client address; 0 is without limit.
    public var recoverPerMinute = 20
    /// Calls of extend per minute and client address; 0 is without limit.
    public var extendPerMinute = 20
    /// API requests of all kinds per second and client address; 0 is without limit.
    public var requestsPerSecond = 0
    /// Whether a refusal by a limit carries Retry-After.
    public var retryAfterOnLimit = true
    /// The least size of a video, in bytes; smaller than the sample means the sample.
    public var videoBytes = 0
    /// The speed of each download, in bytes per second; 0 is without limit.
    public var mediaBytesPerSecond = 0
    /// How long the URL of a video works, in seconds.
    public var urlLifetimeSeconds = 3600.0
    /// How long a new run is missing in recover, in seconds.
    public var recoverLagSeconds = 0.0
    /// How long a new run is unknown to the status routes, in seconds.
    public var statusLagSeconds = 0.0
    /// How long every API answer takes, in seconds.
    public var answerDelaySeconds = 0.0
    /// The largest body of a submission, in bytes; above it the answer is 413.
    public var maximumBodyBytes = 4_718_592
    /// Whether the legacy status route insists on model.
    public var legacyModelRequired = false
    /// Whether media that the model does not take are refused with 400.
    public var strictMedia = false
    /// What a run costs if the directory has no price, in USD.
    public var defaultPriceUSD = 0.35

    /// Makes the default settings, which are those of the real service where it documents them.
    public init() {}

    private static var doubles: [(name: String, path: WritableKeyPath<SimulatorSettings, Double>)] {
        [
            ("processing_seconds", \.processingSeconds),
            ("processing_spread_seconds", \.processingSpreadSeconds),
            ("url_lifetime_seconds", \.urlLifetimeSeconds),
            ("recover_lag_seconds", \.recoverLagSeconds),
            ("status_lag_seconds", \.statusLagSeconds),
            ("answer_delay_seconds", \.answerDelaySeconds),
            ("default_price_usd", \.defaultPriceUSD),
        ]
    }

    private static var integers: [(name: String, path: WritableKeyPath<SimulatorSettings, Int>)] {
        [
            ("submit_per_minute", \.submitPerMinute),
            ("recover_per_minute", \.recoverPerMinute),
            ("extend_per_minute", \.extendPerMinute),
            ("requests_per_second", \.requestsPerSecond),
            ("video_bytes", \.videoBytes),
            ("media_bytes_per_second", \.mediaBytesPerSecond),
            ("maximum_body_bytes", \.maximumBodyBytes),
        ]
    }

    private static var flags: [(name: String, path: WritableKeyPath<SimulatorSettings, Bool>)] {
        [
            ("retry_after_on_limit", \.retryAfterOnLimit),
            ("legacy_model_required", \.legacyModelRequired),
            ("strict_media", \.strictMedia),
        ]
    }

    /// Changes the settings that an object names.
    ///
    /// - Parameter value: An object; members are named as in ``json``.
    /// - Throws: ``SimulatorError`` for an unknown member or a value that does not fit; nothing is changed then.
    mutating func apply(_ value: JSONValue) throws {
        guard case .object(let members) = value else {
            throw SimulatorError(.invalidInput, "Settings must be an object")
        }
        var changed = self
        for member in members {
            if let path = Self.doubles.first(where: { $0.name == member.name })?.path {
                guard let number = member.value.number, number >= 0, number < 1e9 else {
                    throw misfit(member.name)
                }
                changed[keyPath: path] = number
            } else if let path = Self.integers.first(where: { $0.name == member.name })?.path {
                guard let number = member.value.integer, number >= 0 else { throw misfit(member.name) }
                changed[keyPath: path] = number
            } else if let path = Self.flags.first(where: { $0.name == member.name })?.path {
                guard let flag = member.value.bool else { throw misfit(member.name) }
                changed[keyPath: path] = flag
            } else {
                throw SimulatorError(.invalidInput, "There is no setting \"\(member.name)\"")
            }
        }
        self = changed
    }

    private func misfit(_ name: String) -> SimulatorError {
        SimulatorError(.invalidInput, "The value of \(name) does not fit")
    }

    /// The settings as JSON.
    var json: JSONValue {
        .object(
            Self.doubles.map { .init(name: $0.name, value: .number(self[keyPath: $0.path])) }
                + Self.integers.map { .init(name: $0.name, value: .integer(self[keyPath: $0.path])) }
                + Self.flags.map { .init(name: $0.name, value: .bool(self[keyPath: $0.path])) }
        )
    }
}
