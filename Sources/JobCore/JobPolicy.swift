/// The limits and intervals that the machine and its scheduler follow; the defaults are the contract's.
public struct JobPolicy: Hashable, Sendable {
    /// POSTs in any 60 s; 1 or more.
    public var submitPerMinute: Int
    /// All requests to the API per second; 1 or more.
    public var requestsPerSecond: Int
    /// Jobs at the provider at the same time.
    public var maximumActive: Int
    /// Jobs that wait.
    public var maximumQueued: Int
    /// How long finished jobs are remembered.
    public var keepFinished: Duration
    /// How long a run is asked for before a person has to look.
    public var giveUpAfter: Duration
    /// How long an unconfirmed attempt is looked for before a person has to decide.
    public var confirmFor: Duration
    /// The shortest interval between two status requests for one job.
    public var pollingMinimum: Duration
    /// The longest interval between two status requests for one job.
    public var pollingMaximum: Duration
    /// The origin of the API.
    public var origin: String

    /// Makes a policy with the contract's defaults.
    ///
    /// - Parameter origin: The origin of the API.
    public init(origin: String) {
        submitPerMinute = 50
        requestsPerSecond = 25
        maximumActive = 1000
        maximumQueued = 10_000
        keepFinished = .seconds(30 * 86_400)
        giveUpAfter = .seconds(86_400)
        confirmFor = .seconds(30)
        pollingMinimum = .seconds(1)
        pollingMaximum = .seconds(30)
        self.origin = origin
    }

    /// POSTs on the wire at the same time (CONTRACT 5.2).
    public static let submissionsOnTheWire = 4
    /// `recover` calls in any 60 s (FACTS E4).
    public static let looksPerMinute = 20
    /// How many extensions may be submitted in any minute (FACTS E5), whatever `api.submit_per_minute` says.
    public static let extensionsPerMinute = 20
    /// How long after its intent a submission of an earlier start may have been counted by the provider.
    static let submissionDelay = Duration.seconds(5)
    /// How many of the newest runs the provider's list shows when it is asked for all.
    static let runsListed = 50
    /// Downloads at the same time.
    public static let downloadsAtOnce = 8
}
