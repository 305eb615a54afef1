public import JobCore

/// What a ``ScriptedVideoProvider`` does with what it is asked.
///
/// The closures are called under the provider's lock, and must not call it.
public struct ProviderScript: Sendable {
    /// What becomes of a submission; called once for each that arrives, with the uptime.
    public var submission: @Sendable (AttemptUUID, Duration) -> SubmissionFate = { _, _ in
        .accepted(RunPlan())
    }
    /// How long a call takes.
    public var latency: @Sendable (ProviderCall.Kind) -> Duration = { _ in .milliseconds(100) }
    /// Whether a submission counts whose caller went away before the answer.
    public var takesAbandoned: @Sendable () -> Bool = { true }
    /// Answers a status request before the run's own timeline does.
    public var status: @Sendable (String, Duration) -> StatusOutcome? = { _, _ in nil }
    /// Answers a look before the ledger does.
    public var look: @Sendable (Duration) -> LookOutcome? = { _ in nil }
    /// Answers a question about the account before the ledger does.
    public var account: @Sendable (Duration) -> BalanceOutcome? = { _ in nil }
    /// How a download goes.
    public var download: @Sendable (String, Duration) -> DownloadFate = { _, _ in .whole }
    /// How long a URL is valid after the status answer that named it.
    public var urlLifetime = Duration.seconds(3600)
    /// Whether entries of the list carry the UUID.
    public var listsUUIDs = true

    /// Makes a script in which everything works.
    public init() {}
}

/// What becomes of a submission.
public enum SubmissionFate: Sendable {
    /// Charged and answered.
    case accepted(RunPlan)
    /// Charged, but the answer does not arrive.
    case answerLost(RunPlan)
    /// Not charged, and nobody hears of it.
    case requestLost
    /// Not charged; may be sent again.
    case refused(SubmissionRefusal)
    /// Not charged, and wrong.
    case rejected(JobFault)
}

/// What becomes of a run.
public struct RunPlan: Sendable {
    /// How a run ends.
    public enum Ending: Sendable {
        /// With these videos.
        case done([[UInt8]])
        /// With a fault.
        case failed
        /// Without anybody's fault.
        case canceled
        /// Never.
        case never
    }

    /// How long the provider works on it.
    public var takes: Duration
    /// How it ends.
    public var ending: Ending
    /// How long it does not show up in the list.
    public var hiddenFor: Duration
    /// What it costs, in millionths of a dollar.
    public var micros: Int64

    /// Plans a run.
    ///
    /// - Parameters:
    ///   - takes: How long the provider works on it.
    ///   - ending: How it ends.
    ///   - hiddenFor: How long it does not show up in the list.
    ///   - micros: What it costs, in millionths of a dollar.
    public init(
        takes: Duration = .seconds(20),
        ending: Ending = .done([SampleVideo.mp4(length: 400)]),
        hiddenFor: Duration = .zero,
        micros: Int64 = 350_000
    ) {
        self.takes = takes
        self.ending = ending
        self.hiddenFor = hiddenFor
        self.micros = micros
    }
}

/// How a download goes.
public enum DownloadFate: Sendable {
    /// To its end.
    case whole
    /// So many bytes, then it breaks off.
    case breaksOff(after: Int)
    /// The URL is not valid any more.
    case expired

    var length: Int? {
        if case .breaksOff(let after) = self { after } else { nil }
    }
}

/// A run that a ``ScriptedVideoProvider`` took and charged.
public struct ProviderRun: Sendable {
    /// Its name.
    public let id: String
    /// What it was submitted with.
    public let uuid: AttemptUUID?
    /// When it was charged, uptime.
    public let takenAt: Duration
    /// What becomes of it.
    public let plan: RunPlan
}

/// A request that reached a ``ScriptedVideoProvider``.
public struct ProviderCall: Hashable, Sendable {
    /// What was asked.
    public enum Kind: Hashable, Sendable {
        /// A paid request.
        case submit(AttemptUUID)
        /// The state of a run.
        case status(String)
        /// The list of runs, filtered or not.
        case recentRuns(AttemptUUID?)
        /// The balance.
        case balance
        /// A video.
        case download(String)
    }

    /// What was asked.
    public let kind: Kind
    /// When, uptime.
    public let at: Duration
}
