/// One submission of a job to the provider and what became of it.
///
/// A job's earlier attempts are kept: a lost one may still turn up at the provider, and then its video is ours.
public struct Attempt: Hashable, Sendable, Codable {
    /// What the provider knows of the attempt.
    public enum Phase: Hashable, Sendable, Codable {
        /// The intent is on disk and the request may be on the wire.
        /// Can transition to `.refused`, `.rejected`, `.unconfirmed`, `.running`, `.discarded`.
        case sending
        /// The provider definitely did not take it, and the job may be sent again. Terminal.
        case refused
        /// The provider said no to this request for good. Terminal.
        case rejected
        /// Sent, no answer. Looked for at the provider in quick succession.
        /// Can transition to `.running`, `.lost`, `.discarded`.
        case unconfirmed(LookUp)
        /// Not found; looked for with growing pauses for a day, since a run can show up late.
        /// Can transition to `.running`, `.abandoned`, `.discarded`.
        case lost(LookUp)
        /// Not found within a day; nobody looks any more.
        /// Can transition to `.running`, when a list shows it all the same.
        case abandoned
        /// The provider has the run and is asked for it.
        /// Can transition to `.delivering`, `.failed`, `.canceled`, `.discarded`.
        case running(Run)
        /// The provider is done; files are fetched and published.
        /// Can transition to `.published`, `.discarded`.
        case delivering(Delivery)
        /// All files are in the output directory. Terminal.
        case published
        /// The provider says that the run failed. Terminal.
        case failed
        /// The provider says that the run was canceled. Terminal.
        case canceled
        /// The owner gave it up. With a run, a retry collects it: transition to `.running`.
        case discarded
    }

    /// Goes out as `conversationUUID`.
    public var uuid: AttemptUUID
    /// When the intent was recorded.
    public var intendedAt: Timestamp
    /// What the provider knows.
    public var phase: Phase
    /// The provider's name for the run.
    public var runID: String?
    /// The `X-Request-ID` of the answer that took it, for questions about the charge (FACTS E11); older records lack it.
    public var requestID: String?
    /// When the provider took it.
    public var acceptedAt: Timestamp?
    /// When we learnt that the provider was done.
    public var providerCompletedAt: Timestamp?
    /// What it costs.
    public var cost: Cost?
    /// The currency it is paid in, where the submission's answer named one; older records lack it.
    public var currency: String?
    /// Whether the provider owes the money back (FACTS section 6, automatic refunds).
    public var refundExpected: Bool
    /// Whether its owner gave it up; a run that turns up is then not fetched.
    public var discarded: Bool
    /// The files that were published for it.
    public var outputs: [JobOutput]

    /// Makes an attempt that is about to be sent.
    ///
    /// - Parameters:
    ///   - uuid: A fresh UUID.
    ///   - intendedAt: Now.
    public init(uuid: AttemptUUID, intendedAt: Timestamp) {
        self.uuid = uuid
        self.intendedAt = intendedAt
        phase = .sending
        refundExpected = false
        discarded = false
        outputs = []
    }

    /// Whether something at the provider or in the staging directory still has to be followed.
    public var isOpen: Bool {
        switch phase {
        case .sending, .unconfirmed, .lost, .running, .delivering: true
        case .refused, .rejected, .abandoned, .published, .failed, .canceled, .discarded: false
        }
    }

    /// Takes the cost that came with a status.
    ///
    /// Few status answers name the payment source (FACTS 4.1, 4.3): those that do are right, with the others the
    /// currency stays that of the submission.
    mutating func settle(_ report: RunReport) {
        guard var final = report.cost else { return }
        if let currency = report.currency ?? currency ?? cost?.charged.currency {
            final.charged.currency = currency
        }
        cost = final
    }

    /// Whether money may have been taken for it.
    public var charged: JobFault.Charged {
        switch phase {
        case .refused, .rejected: .no
        case .sending, .unconfirmed, .lost, .abandoned: .unknown
        case .running, .delivering, .published, .failed, .canceled: .yes
        case .discarded: runID == nil ? .unknown : .yes
        }
    }

    /// The word for `attempts_log[].outcome`.
    public var outcome: String {
        switch phase {
        case .sending: "submitting"
        case .refused: "refused"
        case .rejected: "rejected"
        case .unconfirmed: "unconfirmed"
        case .lost: "lost"
        case .abandoned: "abandoned"
        case .running: "running"
        case .delivering: "downloading"
        case .published: "completed"
        case .failed: "failed"
        case .canceled: "canceled"
        case .discarded: "discarded"
        }
    }
}

/// How far the search for an unconfirmed attempt has come.
public struct LookUp: Hashable, Sendable, Codable {
    /// How many answered lists did not show the attempt.
    public var absences: Int
    /// Runs that might be ours, but carry no UUID.
    public var candidates: [String]
    /// When the search began.
    public var since: Timestamp

    /// Makes a search that has not begun.
    ///
    /// - Parameter since: Now.
    public init(since: Timestamp) {
        absences = 0
        candidates = []
        self.since = since
    }
}

/// A run that the provider accepted and has not finished.
public struct Run: Hashable, Sendable, Codable {
    /// Whether the provider works on it; before that it queues there.
    public var started: Bool
    /// How long we have followed it, counted while the daemon ran, as of the last commit.
    public var followedMilliseconds: Int64

    /// Makes a run that was just accepted.
    public init() {
        started = false
        followedMilliseconds = 0
    }
}

/// A finished run whose files are on their way into the output directory.
public struct Delivery: Hashable, Sendable, Codable {
    /// One video of the run.
    public struct Item: Hashable, Sendable, Codable {
        /// Where the provider offers it; signed, so erased when the job completes.
        public var url: String
        /// When the provider named the link: the oldest expires first.
        public var offeredAt: Timestamp?
        /// What lies in the staging directory, complete and checked.
        public var staged: StagedVideo?
        /// The name chosen for publication, relative to the output directory, without the extension.
        public var name: String?
        /// How many names were found taken.
        public var nameAttempts: Int
        /// Whether it is in the output directory.
        public var published: Bool
        /// Whether the check refused it; the file lies in quarantine.
        public var rejected: Bool

        /// Makes an item that is not fetched yet.
        ///
        /// - Parameters:
        ///   - url: Where the provider offers it.
        ///   - offeredAt: When the provider named the link.
        public init(url: String, offeredAt: Timestamp? = nil) {
            self.url = url
            self.offeredAt = offeredAt
            nameAttempts = 0
            published = false
            rejected = false
        }
    }

    /// The videos, in the provider's order.
    public var items: [Item]

    /// Makes a delivery.
    ///
    /// - Parameters:
    ///   - urls: Where the provider offers the videos.
    ///   - offeredAt: When the provider named the links.
    public init(urls: [String], offeredAt: Timestamp? = nil) {
        items = urls.map { Item(url: $0, offeredAt: offeredAt) }
    }
}

/// A complete, checked and synced video in the staging directory.
public struct StagedVideo: Hashable, Sendable, Codable {
    /// Its size in bytes.
    public var bytes: Int64
    /// Its SHA-256 in lower-case hexadecimal.
    public var sha256: String
    /// The extension its content asks for, `mp4` or `webm`.
    public var fileExtension: String

    /// Describes a staged video.
    ///
    /// - Parameters:
    ///   - bytes: Its size in bytes.
    ///   - sha256: Its SHA-256 in lower-case hexadecimal.
    ///   - fileExtension: `mp4` or `webm`.
    public init(bytes: Int64, sha256: String, fileExtension: String) {
        self.bytes = bytes
        self.sha256 = sha256
        self.fileExtension = fileExtension
    }
}

/// A published video.
public struct JobOutput: Hashable, Sendable, Codable {
    /// The absolute path of the video.
    public var file: String
    /// Its size in bytes.
    public var bytes: Int64
    /// Its SHA-256 in lower-case hexadecimal.
    public var sha256: String
    /// The absolute path of the receipt.
    public var receipt: String

    /// Describes a published video.
    ///
    /// - Parameters:
    ///   - file: The absolute path of the video.
    ///   - bytes: Its size in bytes.
    ///   - sha256: Its SHA-256 in lower-case hexadecimal.
    ///   - receipt: The absolute path of the receipt.
    public init(file: String, bytes: Int64, sha256: String, receipt: String) {
        self.file = file
        self.bytes = bytes
        self.sha256 = sha256
        self.receipt = receipt
    }
}
