/// How a simulator starts.
public struct SimulatorConfiguration: Sendable {
    /// The address to listen on.
    public var host = "127.0.0.1"
    /// The port of the API; 0 picks a free one.
    public var port = 0
    /// The port of the media server, which is another origin than the API; 0 picks a free one.
    public var mediaPort = 0
    /// Whether ``host`` may be an address that others can reach.
    public var allowRemote = false
    /// The valid API keys; empty accepts any key that is not empty.
    public var apiKeys: [String] = []
    /// The balance at the start, in millionths of a USD.
    public var balanceMicros: Int64 = 100_000_000
    /// The nano balance at the start, in millionths of a XNO.
    public var nanoBalanceMicros: Int64 = 10_000_000
    /// The rules at the start.
    public var rules: [SimulatorRule] = []
    /// The settings at the start.
    public var settings = SimulatorSettings()
    /// The certificate chain in PEM; together with the key it switches TLS on, with HTTP/2.
    public var tlsCertificateFile: String?
    /// The private key in PEM.
    public var tlsKeyFile: String?

    /// Makes the default configuration: plain HTTP on two free loopback ports.
    public init() {}

    /// Adds the rules and settings of a script.
    ///
    /// - Parameter script: The script.
    /// - Throws: ``SimulatorError`` if a setting does not fit.
    public mutating func add(_ script: SimulatorScript) throws {
        rules += script.rules
        try script.apply(to: &settings)
    }

    /// Whether ``host`` is an address of this machine only.
    var isLoopback: Bool {
        host == "localhost" || host == "::1" || host.hasPrefix("127.")
    }

    /// Checks what cannot be used together.
    func validate() throws {
        guard isLoopback || allowRemote else {
            throw SimulatorError(
                .invalidConfiguration,
                "\(host) is not a loopback address; allow remote access to use it"
            )
        }
        guard (tlsCertificateFile == nil) == (tlsKeyFile == nil) else {
            throw SimulatorError(.invalidConfiguration, "TLS needs both a certificate and a key")
        }
        guard (0...65_535).contains(port), (0...65_535).contains(mediaPort) else {
            throw SimulatorError(.invalidConfiguration, "A port must be between 0 and 65535")
        }
    }
}
