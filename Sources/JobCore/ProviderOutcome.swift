/// What became of `POST /api/generate-video` (CONTRACT section 5).
public enum SubmissionOutcome: Hashable, Sendable {
    /// The provider has the run.
    case accepted(AcceptedRun)
    /// Definitely not taken; the same job may be sent again.
    case refused(SubmissionRefusal)
    /// Definitely not taken; this request is wrong.
    case rejected(JobFault)
    /// Not sent, and never can be: a fault of our own, of which the provider knows nothing.
    case notSent(JobFault)
    /// Maybe taken: time-out, reset, 3xx, 408, 409, 425, 499, 5xx, unreadable answer.
    case unknown(JobFault)
}

/// A run that the provider has taken.
public struct AcceptedRun: Hashable, Sendable {
    /// The provider's name for it.
    public var runID: String
    /// What was charged.
    public var cost: Cost?
    /// The currency it is paid in; nil where the answer names none.
    public var currency: String?
    /// What is left on the account.
    public var remainingBalance: Money?
    /// The `X-Request-ID` of the answer.
    public var requestID: String?

    /// Makes a run.
    ///
    /// - Parameters:
    ///   - runID: The provider's name for it.
    ///   - cost: What was charged.
    ///   - currency: The currency it is paid in; nil where the answer names none.
    ///   - remainingBalance: What is left on the account.
    ///   - requestID: The `X-Request-ID` of the answer.
    public init(
        runID: String,
        cost: Cost? = nil,
        currency: String? = nil,
        remainingBalance: Money? = nil,
        requestID: String? = nil
    ) {
        self.runID = runID
        self.cost = cost
        self.currency = currency
        self.remainingBalance = remainingBalance
        self.requestID = requestID
    }
}

/// A definite refusal that does not speak against the request.
public enum SubmissionRefusal: Hashable, Sendable {
    /// No connection: not one byte of the request was sent.
    case unreachable(JobFault)
    /// 401, or a 403 about the key.
    case unauthorized(JobFault)
    /// 402.
    case balance(JobFault)
    /// 429, with `Retry-After` where given.
    case rateLimited(JobFault, retryAfter: Duration?)
    /// Not sent on our own account: the output directory takes nothing, or too little is free.
    case output(JobFault)

    /// The fault.
    public var fault: JobFault {
        switch self {
        case .unreachable(let fault), .unauthorized(let fault), .balance(let fault),
            .rateLimited(let fault, _),
            .output(let fault):
            fault
        }
    }
}

/// What a status request brought.
public enum StatusOutcome: Hashable, Sendable {
    /// An answer about the run.
    case report(RunReport)
    /// The provider does not know the run, or not as ours (403, 404).
    case missing(JobFault)
    /// The key is not accepted.
    case unauthorized(JobFault)
    /// 429.
    case rateLimited(JobFault, retryAfter: Duration?)
    /// No usable answer: network, 5xx, HTML, broken JSON.
    case unavailable(JobFault)
}

/// The provider's word about a run, in normal form (FACTS 4.4).
public struct RunReport: Hashable, Sendable {
    /// The normal forms.
    public enum Status: Hashable, Sendable {
        /// Waiting at the provider.
        case queued
        /// Being made.
        case running
        /// Done; the URLs may be missing at first.
        case done(urls: [String])
        /// Failed.
        case failed(JobFault)
        /// Canceled.
        case canceled
        /// A word that we do not know: go on asking.
        case unknown
    }

    /// The normal form.
    public var status: Status
    /// The word as sent.
    public var word: String?
    /// 0 to 100.
    public var progress: Int?
    /// The final cost, with a completed run.
    public var cost: Cost?
    /// The currency of the cost; nil where the answer names none, and the cost's own is then a guess.
    public var currency: String?

    /// Makes a report.
    ///
    /// - Parameters:
    ///   - status: The normal form.
    ///   - word: The word as sent.
    ///   - progress: 0 to 100.
    ///   - cost: The final cost.
    ///   - currency: The currency of the cost; nil where the answer names none.
    public init(
        _ status: Status,
        word: String? = nil,
        progress: Int? = nil,
        cost: Cost? = nil,
        currency: String? = nil
    ) {
        self.status = status
        self.word = word
        self.progress = progress
        self.cost = cost
        self.currency = currency
    }
}

/// What a look at the provider's recent runs brought.
public enum LookOutcome: Hashable, Sendable {
    /// The list.
    case runs([RecentRun])
    /// The key is not accepted.
    case unauthorized(JobFault)
    /// 429.
    case rateLimited(JobFault, retryAfter: Duration?)
    /// No usable answer.
    case unavailable(JobFault)
}

/// One entry of `recover`.
public struct RecentRun: Hashable, Sendable {
    /// The provider's name for the run.
    public var runID: String
    /// The model.
    public var model: String?
    /// The status word as sent.
    public var status: String?
    /// When the provider made it.
    public var createdAt: Timestamp?
    /// The UUID it was submitted with; nil when the entry has no such member.
    public var conversationUUID: AttemptUUID?

    /// Makes an entry.
    ///
    /// - Parameters:
    ///   - runID: The provider's name for the run.
    ///   - model: The model.
    ///   - status: The status word as sent.
    ///   - createdAt: When the provider made it.
    ///   - conversationUUID: The UUID it was submitted with.
    public init(
        runID: String,
        model: String? = nil,
        status: String? = nil,
        createdAt: Timestamp? = nil,
        conversationUUID: AttemptUUID? = nil
    ) {
        self.runID = runID
        self.model = model
        self.status = status
        self.createdAt = createdAt
        self.conversationUUID = conversationUUID
    }
}

/// What a look at the account brought.
public enum BalanceOutcome: Hashable, Sendable {
    /// The balances.
    case balances([Money])
    /// The key is not accepted.
    case unauthorized(JobFault)
    /// No usable answer.
    case unavailable(JobFault)
}

/// What became of fetching one video into the staging directory.
public enum FetchOutcome: Hashable, Sendable {
    /// Complete, checked, synced.
    case staged(StagedVideo)
    /// Broken off; what came is kept and the fetch goes on there.
    case interrupted(JobFault)
    /// The URL is not valid any more (403, 404, 410): ask for a new one.
    case expired(JobFault)
    /// No video; it lies in quarantine.
    case rejected(JobFault)
    /// The staging directory cannot take it.
    case outputUnavailable(JobFault)
    /// Stopped on our own wish.
    case stopped
}

/// What became of publishing one video.
public enum PublishOutcome: Hashable, Sendable {
    /// In the output directory, with its receipt, both directories synced.
    case published(JobOutput)
    /// The name belongs to somebody else's file.
    case nameTaken
    /// The staged file is gone.
    case stagedFileMissing
    /// The output directory cannot take it.
    case outputUnavailable(JobFault)
}
