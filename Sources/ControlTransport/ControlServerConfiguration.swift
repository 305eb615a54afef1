public import ControlProtocol

/// How the control socket is served.
public struct ControlServerConfiguration: Sendable {
    /// Where to listen.
    public enum Listen: Hashable, Sendable {
        /// On a socket that the server makes and removes, with these permission bits.
        case path(String, mode: UInt32)
        /// On a bound Unix stream socket that somebody passed; its file is not ours.
        case descriptor(Int32)
    }

    /// Where to listen.
    public var listen: Listen
    /// How many connections there may be.
    public var connections = 512
    /// How many connections one user may have, uid 0 too.
    public var connectionsPerUID = 384
    /// What bounds a connection.
    public var limits = ProtocolLimits.standard
    /// How long a subscriber may take nothing before it is closed, and how long an unfinished line may keep
    /// others waiting when memory for lines is short.
    public var patience = Duration.seconds(10)
    /// How long a refused connection is still read, so that its peer gets to see the reason.
    public var farewell = Duration.seconds(2)
    /// How many bytes of notifications may wait for one connection.
    public var outboundBytes = 4 << 20
    /// How many notifications may wait for one connection.
    public var outboundLines = 10_000
    /// How many lines of one connection are worked off before others get their turn.
    public var linesPerTurn = 64

    /// Makes a configuration with the published numbers.
    ///
    /// - Parameter listen: Where to listen.
    public init(listen: Listen) {
        self.listen = listen
    }
}
