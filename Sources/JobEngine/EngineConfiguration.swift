public import JobCore

/// The engine's settings.
public struct EngineConfiguration: Sendable {
    /// The limits in force.
    public var policy: JobPolicy
    /// Whether receipts hold the request.
    public var receiptRequest: Bool
    /// The daemon's version, for receipts.
    public var daemonVersion: String
    /// How long requests on the wire are awaited at a stop (CONTRACT section 7).
    public var stopGrace: Duration

    /// Makes settings.
    ///
    /// - Parameters:
    ///   - policy: The limits in force.
    ///   - receiptRequest: Whether receipts hold the request.
    ///   - daemonVersion: The daemon's version.
    ///   - stopGrace: How long requests on the wire are awaited at a stop.
    public init(
        policy: JobPolicy,
        receiptRequest: Bool = true,
        daemonVersion: String,
        stopGrace: Duration = .seconds(30)
    ) {
        self.policy = policy
        self.receiptRequest = receiptRequest
        self.daemonVersion = daemonVersion
        self.stopGrace = stopGrace
    }
}
