/// The stable word of an error, `error.data.kind`; open, since a newer daemon may know further words.
public struct RPCErrorKind: RawRepresentable, Hashable, Sendable {
    /// The word.
    public let rawValue: String

    /// Wraps a word.
    ///
    /// - Parameter rawValue: The word.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// The number that goes with the word; that of `internal` for a word that is not in the table.
    public var code: Int {
        Self.codes[self] ?? -32603
    }

    /// Every word of the published table, in its order.
    public static let all: [RPCErrorKind] = table.map(\.kind)

    private static let codes = Dictionary(
        uniqueKeysWithValues: table.map { ($0.kind, $0.code) }
    )

    private static let table: [(kind: RPCErrorKind, code: Int)] = [
        (.requestParse, -32700), (.requestInvalid, -32600), (.methodUnknown, -32601),
        (.paramsInvalid, -32602), (.internal, -32603),
        (.accessDenied, 10), (.limitsExceeded, 11),
        (.budgetExceeded, 20), (.balanceInsufficient, 21),
        (.providerError, 30), (.providerUnreachable, 31), (.providerUnauthorized, 32),
        (.providerRateLimited, 33), (.providerContentPolicy, 34), (.providerRejected, 35),
        (.jobNotFound, 40), (.jobState, 41), (.jobKeyConflict, 42), (.mediaInvalid, 43),
        (.modelUnknown, 44),
        (.outputUnavailable, 50), (.outputNoSpace, 51), (.outputRejected, 52), (.stateUnavailable, 53),
        (.daemonDraining, 60), (.configInvalid, 61),
    ]
}

extension RPCErrorKind {
    /// The line is not JSON.
    public static let requestParse = Self(rawValue: "request.parse")
    /// The line is JSON but no request.
    public static let requestInvalid = Self(rawValue: "request.invalid")
    /// There is no such method.
    public static let methodUnknown = Self(rawValue: "method.unknown")
    /// The parameters do not fit the method.
    public static let paramsInvalid = Self(rawValue: "params.invalid")
    /// A fault of the daemon's own.
    public static let `internal` = Self(rawValue: "internal")
    /// The caller may not do that.
    public static let accessDenied = Self(rawValue: "access.denied")
    /// A limit of the daemon is reached.
    public static let limitsExceeded = Self(rawValue: "limits.exceeded")
    /// A budget is spent.
    public static let budgetExceeded = Self(rawValue: "budget.exceeded")
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
