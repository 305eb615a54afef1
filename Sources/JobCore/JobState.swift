/// Where a job stands, as its owner sees it.
///
/// The words are those of the control protocol.
public enum JobState: Hashable, Sendable, Codable {
    /// Accepted and on disk, not sent, nothing paid. The reason, if any, is the job's own; what holds up all
    /// jobs is the scheduler's.
    /// Can transition to `.submitting`, `.canceled`, `.inQueue` (a lost attempt turned up).
    case queued(reason: String?)
    /// The request may be on the wire.
    /// Can transition to `.inQueue`, `.queued` (definite refusal), `.failed`, `.unconfirmed`, `.canceled`.
    case submitting
    /// Sent, no answer: maybe paid.
    /// Can transition to `.inQueue`, `.held`, `.canceled`.
    case unconfirmed(reason: String)
    /// The provider has it; paid.
    /// Can transition to `.inProgress`, `.downloading`, `.failed`, `.canceled`, `.held`.
    case inQueue
    /// The provider works on it; paid.
    /// Can transition to `.downloading`, `.failed`, `.canceled`, `.held`.
    case inProgress
    /// The provider is done; the files are being fetched.
    /// Can transition to `.completed`, `.held`, `.canceled`.
    case downloading(reason: String?)
    /// The files are published. Terminal.
    case completed
    /// The provider or a check said no. Terminal but for a retry: `.queued`.
    case failed(JobFault)
    /// Canceled by a client or by the provider. Terminal but for a retry: `.queued`, `.inQueue`.
    case canceled(reason: String?)
    /// A person has to decide.
    /// Can transition to `.inQueue`, `.inProgress`, `.downloading`, `.completed` (late success), `.failed`,
    /// `.queued` (retry), `.canceled`.
    case held(HoldReason)

    /// The word for it.
    public var word: Word {
        switch self {
        case .queued: .queued
        case .submitting: .submitting
        case .unconfirmed: .unconfirmed
        case .inQueue: .inQueue
        case .inProgress: .inProgress
        case .downloading: .downloading
        case .completed: .completed
        case .failed: .failed
        case .canceled: .canceled
        case .held: .held
        }
    }

    /// Whether the job is over: `completed`, `failed` or `canceled`.
    public var isTerminal: Bool {
        switch self {
        case .completed, .failed, .canceled: true
        default: false
        }
    }

    /// Whether the job takes one of `jobs.maximum_active` places at the provider.
    public var isActive: Bool {
        switch self {
        case .submitting, .unconfirmed, .inQueue, .inProgress, .downloading: true
        default: false
        }
    }

    /// The bare words, as in filters and counts.
    public enum Word: String, Hashable, Sendable, CaseIterable, Codable {
        /// See ``JobState/queued(reason:)``.
        case queued
        /// See ``JobState/submitting``.
        case submitting
        /// See ``JobState/unconfirmed(reason:)``.
        case unconfirmed
        /// See ``JobState/inQueue``.
        case inQueue = "in_queue"
        /// See ``JobState/inProgress``.
        case inProgress = "in_progress"
        /// See ``JobState/downloading(reason:)``.
        case downloading
        /// See ``JobState/completed``.
        case completed
        /// See ``JobState/failed(_:)``.
        case failed
        /// See ``JobState/canceled(reason:)``.
        case canceled
        /// See ``JobState/held(_:)``.
        case held

        /// Whether `jobs.wait` ends here.
        public var endsWait: Bool {
            switch self {
            case .completed, .failed, .canceled, .held: true
            default: false
            }
        }
    }
}

/// Why a person has to decide, and what goes on meanwhile.
public struct HoldReason: Hashable, Sendable, Codable {
    /// The kinds of reason.
    public enum Kind: String, Hashable, Sendable, Codable {
        /// It is not known whether the provider took it.
        case unconfirmed
        /// The run has been followed longer than `jobs.give_up_after`.
        case overdue
        /// The provider does not know the run any more.
        case runMissing
        /// What was downloaded is no video; it lies in quarantine.
        case outputRejected
        /// `api.base_url` has changed since the job was sent.
        case originChanged
        /// A fault of our own.
        case `internal`
    }

    /// The kind of reason.
    public var kind: Kind
    /// What says so to people, with the command that goes on.
    public var message: String

    /// Makes a reason.
    ///
    /// - Parameters:
    ///   - kind: The kind of reason.
    ///   - message: What says so to people, with the command that goes on.
    public init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }
}
