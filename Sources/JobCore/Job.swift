/// Who asked for a job.
public struct JobOwner: Hashable, Sendable, Codable {
    /// The user's number, from the socket's peer credentials.
    public var uid: UInt32
    /// The user's name, if the system knows one.
    public var user: String?

    /// Makes an owner.
    ///
    /// - Parameters:
    ///   - uid: The user's number.
    ///   - user: The user's name.
    public init(uid: UInt32, user: String?) {
        self.uid = uid
        self.user = user
    }
}

/// What is asked of the provider.
public struct JobRequest: Hashable, Sendable, Codable {
    /// Where the body to be sent lies.
    public enum Body: Hashable, Sendable, Codable {
        /// Here.
        case inline(String)
        /// In the body store under the job's identifier, that many bytes.
        case stored(bytes: Int)
    }

    /// Which paid call it is.
    public enum Operation: String, Hashable, Sendable, Codable {
        /// `POST /api/generate-video`.
        case generate
        /// `POST /api/generate-video/extend`, Midjourney only (FACTS E5).
        case extend
        /// None: the run was found at the provider, and the request that made it is not known.
        case adopted
    }

    /// Which paid call it is.
    public var operation: Operation
    /// The model's identifier.
    public var model: String
    /// The request as submitted, as JSON text, with inline media replaced by `{media_type, bytes, sha256}`.
    public var shown: String
    /// The JSON body to be sent, without `conversationUUID`.
    public var body: Body
    /// The SHA-256 of the request as submitted in canonical form, media by hash.
    public var fingerprint: String

    /// The body of a run that was adopted: what it was submitted with is not known here.
    public static let nothingToSend = Body.inline("{}")

    /// Makes a request.
    ///
    /// - Parameters:
    ///   - model: The model's identifier.
    ///   - shown: The request as JSON text with inline media replaced.
    ///   - body: The body to be sent.
    ///   - fingerprint: The hash that tells equal requests.
    public init(model: String, shown: String, body: Body, fingerprint: String) {
        operation = .generate
        self.model = model
        self.shown = shown
        self.body = body
        self.fingerprint = fingerprint
    }
}

/// A job as the core knows it: everything that is on disk.
public struct Job: Hashable, Sendable, Codable {
    /// The job's name.
    public let id: JobID
    /// Where it stands.
    public var state: JobState
    /// Who asked for it.
    public var owner: JobOwner
    /// What is asked.
    public var request: JobRequest
    /// The caller's own word for it.
    public var label: String?
    /// The caller's key against double submission.
    public var clientKey: String?
    /// The template of its file's name.
    public var fileName: String
    /// The origin of the API that it is accepted for.
    public var origin: String
    /// When it was accepted.
    public var createdAt: Timestamp
    /// When it ended, for the states that end.
    public var finishedAt: Timestamp?
    /// The first try and the retries that people asked for.
    public var attemptCount: Int
    /// What was sent, oldest first.
    public var attempts: [Attempt]
    /// The provider's last word for its state, verbatim.
    ///
    /// Not journaled.
    public var providerStatus: String?
    /// 0 to 100.
    ///
    /// Not journaled.
    public var progress: Int?
    /// Why a run that the provider has is not further, in words; only in `inQueue` and `inProgress`.
    ///
    /// Not journaled.
    public var runNote: String?

    private enum CodingKeys: String, CodingKey {
        case id, state, owner, request, label, clientKey, fileName, origin, createdAt, finishedAt,
            attemptCount
        case attempts
    }

    /// Makes a job that was just accepted.
    ///
    /// - Parameters:
    ///   - submission: What was asked.
    ///   - createdAt: Now.
    public init(_ submission: JobSubmission, createdAt: Timestamp) {
        id = submission.id
        state = .queued(reason: nil)
        owner = submission.owner
        request = submission.request
        label = submission.label
        clientKey = submission.clientKey
        fileName = submission.fileName
        origin = submission.origin
        self.createdAt = createdAt
        attemptCount = 1
        attempts = []
    }

    /// The attempt that the state is about.
    public var currentAttempt: Attempt? {
        attempts.last
    }

    /// The run that the state is about; a job that waits to be sent has none yet, whatever its earlier attempts had.
    public var runID: String? {
        state.word == .queued ? nil : attempts.last?.runID
    }

    /// Whether nothing will happen to it any more without a person: it is over and no attempt is open.
    public var isSettled: Bool {
        state.isTerminal && !attempts.contains(where: \.isOpen)
    }

    /// Whether money may have been taken for it.
    public var charged: JobFault.Charged {
        if attempts.contains(where: { $0.charged == .yes }) {
            return .yes
        }
        return attempts.contains { $0.charged == .unknown } ? .unknown : .no
    }

    /// Whether it is paid, or may be, and its video is neither published nor given up.
    public var isPaidAndUnpublished: Bool {
        attempts.contains { attempt in
            attempt.isOpen && !attempt.discarded
        }
    }

    /// The published files of all attempts, those of the current one first: what it shows does not change when an
    /// earlier one turns up late.
    public var outputs: [JobOutput] {
        (attempts.suffix(1) + attempts.dropLast()).flatMap(\.outputs)
    }

    /// What the attempts cost together, in the currency of the latest; refunds that are due do not count.
    public var cost: Cost? {
        let costs = attempts.filter { !$0.refundExpected }.compactMap(\.cost)
        guard let latest = costs.last ?? attempts.last?.cost else { return nil }
        let same = costs.filter { $0.charged.currency == latest.charged.currency }
        guard !same.isEmpty else { return latest }
        let micros = same.reduce(Int64(0)) { $0 &+ $1.charged.micros }
        return Cost(
            charged: Money(micros: micros, currency: latest.charged.currency),
            final: same.allSatisfy(\.final)
        )
    }
}

/// What a client hands in.
public struct JobSubmission: Hashable, Sendable {
    /// The identifier the job gets.
    public var id: JobID
    /// Who asks.
    public var owner: JobOwner
    /// What is asked.
    public var request: JobRequest
    /// The caller's own word for it.
    public var label: String?
    /// The caller's key against double submission.
    public var clientKey: String?
    /// The template of the file's name.
    public var fileName: String
    /// The origin of the API.
    public var origin: String

    /// Makes a submission.
    ///
    /// - Parameters:
    ///   - id: The identifier the job gets.
    ///   - owner: Who asks.
    ///   - request: What is asked.
    ///   - label: The caller's own word for it.
    ///   - clientKey: The caller's key against double submission.
    ///   - fileName: The template of the file's name.
    ///   - origin: The origin of the API.
    public init(
        id: JobID,
        owner: JobOwner,
        request: JobRequest,
        label: String? = nil,
        clientKey: String? = nil,
        fileName: String,
        origin: String
    ) {
        self.id = id
        self.owner = owner
        self.request = request
        self.label = label
        self.clientKey = clientKey
        self.fileName = fileName
        self.origin = origin
    }
}
