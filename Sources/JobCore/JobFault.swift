/// Why something was refused or went wrong, in the terms of the control protocol.
///
/// The same value travels from the API client through the journal to the socket.
public struct JobFault: Error, Hashable, Sendable, Codable {
    /// The stable word for the kind of fault, open for further words.
    public struct Kind: RawRepresentable, Hashable, Sendable, Codable {
        /// The word as it stands in `error.data.kind`.
        public let rawValue: String

        /// Wraps a word.
        ///
        /// - Parameter rawValue: The word.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }
    }

    /// Whether money may have been taken.
    public enum Charged: String, Hashable, Sendable, Codable {
        /// Certainly not.
        case no
        /// Certainly.
        case yes
        /// Nobody knows yet.
        case unknown
    }

    /// The kind of fault.
    public var kind: Kind
    /// One sentence for people that names the thing.
    public var message: String
    /// Whether money may have been taken.
    public var charged: Charged
    /// Whether the same call may succeed later.
    public var retryable: Bool
    /// The field of the request that is at fault.
    public var field: String?
    /// The way out.
    public var hint: String?
    /// The job it is about.
    public var jobID: JobID?
    /// The provider's words for the end user (`userFriendlyError`).
    public var userMessage: String?
    /// Whether the provider calls the content unsafe (`isNSFWError`).
    public var nsfw: Bool?
    /// The HTTP status of the provider's answer.
    public var httpStatus: Int?
    /// The `X-Request-ID` of the provider's answer.
    public var requestID: String?

    /// Makes a fault.
    ///
    /// - Parameters:
    ///   - kind: The kind of fault.
    ///   - message: One sentence that names the thing.
    ///   - charged: Whether money may have been taken.
    ///   - retryable: Whether the same call may succeed later.
    ///   - field: The field at fault.
    ///   - hint: The way out.
    public init(
        _ kind: Kind,
        _ message: String,
        charged: Charged = .no,
        retryable: Bool = false,
        field: String? = nil,
        hint: String? = nil
    ) {
        self.kind = kind
        self.message = message
        self.charged = charged
        self.retryable = retryable
        self.field = field
        self.hint = hint
    }
}

extension JobFault.Kind {
    /// The parameters do not fit the method.
    public static let paramsInvalid = Self(rawValue: "params.invalid")
    /// A fault of our own.
    public static let `internal` = Self(rawValue: "internal")
    /// The caller may not do that.
    public static let accessDenied = Self(rawValue: "access.denied")
    /// A limit of the daemon is reached.
    public static let limitsExceeded = Self(rawValue: "limits.exceeded")
    /// The account does not hold enough money.
    public static let balanceInsufficient = Self(rawValue: "balance.insufficient")
    /// The provider failed.
    public static let providerError = Self(rawValue: "provider.error")
    /// The provider could not be reached.
    public static let providerUnreachable = Self(rawValue: "provider.unreachable")
    /// The provider does not accept the key.
    public static let providerUnauthorized = Self(rawValue: "provider.unauthorized")
    /// The provider asks to slow down.
    public static let providerRateLimited = Self(rawValue: "provider.rate_limited")
    /// The provider refuses the content.
    public static let providerContentPolicy = Self(rawValue: "provider.content_policy")
    /// The provider refuses the request.
    public static let providerRejected = Self(rawValue: "provider.rejected")
    /// There is no such job, or it belongs to somebody else.
    public static let jobNotFound = Self(rawValue: "job.not_found")
    /// The job's state does not allow that.
    public static let jobState = Self(rawValue: "job.state")
    /// The client key belongs to another request.
    public static let jobKeyConflict = Self(rawValue: "job.key_conflict")
    /// A media input is not usable.
    public static let mediaInvalid = Self(rawValue: "media.invalid")
    /// The model is not known.
    public static let modelUnknown = Self(rawValue: "model.unknown")
    /// The output directory cannot be used.
    public static let outputUnavailable = Self(rawValue: "output.unavailable")
    /// The output directory is full.
    public static let outputNoSpace = Self(rawValue: "output.no_space")
    /// What was downloaded is no video.
    public static let outputRejected = Self(rawValue: "output.rejected")
    /// The journal cannot be written.
    public static let stateUnavailable = Self(rawValue: "state.unavailable")
    /// The daemon is stopping.
    public static let daemonDraining = Self(rawValue: "daemon.draining")
    /// The configuration is not usable.
    public static let configInvalid = Self(rawValue: "config.invalid")
}
