public import Logging

/// Everything that can be set, each value checked; the keys are those of CONTRACT section 2.
public struct DaemonConfiguration: Hashable, Sendable {
    /// The keys `api.*`.
    public struct API: Hashable, Sendable {
        /// The origin; `/api/…` is appended.
        public var baseURL = ""
        /// The file with the key.
        public var keyFile: String?
        /// One HTTP request other than a download.
        public var requestTimeout = Duration.seconds(60)
        /// The JSON body of a submission, in bytes.
        public var maximumBody = 0
        /// An additional trusted CA.
        public var caFile: String?
        /// POSTs in any 60 s.
        public var submitPerMinute = 0
        /// All requests together.
        public var requestsPerSecond = 0
    }

    /// The keys `control.*`.
    public struct Control: Hashable, Sendable {
        /// Where the socket is.
        public var socket = ""
        /// The permission bits of a socket that the daemon makes.
        public var mode: UInt32 = 0
        /// Connections in all.
        public var connections = 0
        /// Connections of one user.
        public var connectionsPerUID = 0
        /// User names and `@group` names.
        public var admins: [String] = []
        /// Whether everybody sees all jobs.
        public var everybodySeesAll = false
    }

    /// The keys `output.*`.
    public struct Output: Hashable, Sendable {
        /// The watched directory, absolute.
        public var directory = ""
        /// Where videos are staged, absolute.
        public var stagingDirectory = ""
        /// The template of file names.
        public var fileName = ""
        /// The permission bits of published files.
        public var mode: UInt32 = 0
        /// Below it no new job is submitted, in bytes.
        public var minimumFree = 0
        /// One download, in bytes.
        public var maximumBytes = 0
        /// Whether receipts hold the request.
        public var receiptRequest = true
        /// Whether a missing directory is made at the start: only a default that nobody configured, since a
        /// configured one that is missing may be a disk that is not mounted.
        public var isMadeAtStart = false
    }

    /// The keys `state.*`.
    public struct State: Hashable, Sendable {
        /// Where the journal is, absolute; nil means memory only.
        public var directory: String?
        /// Inline media of jobs that are not over, in bytes.
        public var mediaBytes = 0
    }

    /// The keys `jobs.*` and `polling.*`.
    public struct Jobs: Hashable, Sendable {
        /// Jobs at the provider at the same time.
        public var maximumActive = 0
        /// Jobs that wait.
        public var maximumQueued = 0
        /// How long finished jobs are remembered.
        public var keepFinished = Duration.zero
        /// How long a run is asked for.
        public var giveUpAfter = Duration.zero
        /// How long an unconfirmed job is looked for.
        public var confirmFor = Duration.zero
        /// The shortest polling interval.
        public var pollingMinimum = Duration.zero
        /// The longest polling interval.
        public var pollingMaximum = Duration.zero
    }

    /// The remote API.
    public var api = API()
    /// The control socket.
    public var control = Control()
    /// The output directory.
    public var output = Output()
    /// The state directory.
    public var state = State()
    /// Limits and intervals.
    public var jobs = Jobs()
    /// What is logged.
    public var logLevel = Logger.Level.info
}
