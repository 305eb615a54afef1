/// Where the API is and how patient the client is with it.
public struct NanoGPTConfiguration: Sendable, Equatable {
    /// The origin of the API as text, for example `https://nano-gpt.com`; the key goes nowhere else.
    public var origin: String {
        apiOrigin.description
    }

    /// Whether the API can only be on this machine: a simulator.
    public var isLoopback: Bool {
        apiOrigin.isLoopback
    }

    /// The origin of the API.
    let apiOrigin: WebOrigin

    /// The `User-Agent` of every request.
    public let userAgent: String
    /// The longest time for one request other than a download, its body included.
    public let requestTimeout: Duration
    /// The longest time for making a connection, TLS included.
    public let connectTimeout: Duration
    /// How long a download may go without a byte.
    public let stallTimeout: Duration
    /// How long an idle connection is kept for further polls.
    public let idleConnectionTimeout: Duration
    /// HTTP/1.1 connections for polls at the same time.
    public let connectionsPerHost: Int
    /// A PEM file with CAs that are trusted on top of the system's.
    public let caFile: String?

    /// How large an answer may be, other than the list of models and a video, in bytes.
    static let maximumAnswerBytes = 1 << 20
    /// How large the list of models may be, in bytes.
    static let maximumModelListBytes = 16 << 20
    /// How many redirects a download follows.
    static let maximumRedirects = 5

    /// Checks and takes the settings.
    ///
    /// - Parameters:
    ///   - baseURL: Scheme, host and port of the API; plain `http` only for loopback.
    ///   - userAgent: The `User-Agent` of every request, `videogend/VERSION`.
    ///   - requestTimeout: The longest time for one request other than a download, its body included.
    ///   - connectTimeout: The longest time for making a connection.
    ///   - stallTimeout: How long a download may go without a byte.
    ///   - idleConnectionTimeout: How long an idle connection is kept.
    ///   - connectionsPerHost: HTTP/1.1 connections for polls at the same time.
    ///   - caFile: A PEM file with CAs that are trusted on top of the system's.
    /// - Throws: `NanoGPTAPIError` that names the setting.
    public init(
        baseURL: String,
        userAgent: String,
        requestTimeout: Duration = .seconds(60),
        connectTimeout: Duration = .seconds(10),
        stallTimeout: Duration = .seconds(60),
        idleConnectionTimeout: Duration = .seconds(60),
        connectionsPerHost: Int = 16,
        caFile: String? = nil
    ) throws(NanoGPTAPIError) {
        apiOrigin = try Self.checkedOrigin(baseURL)
        for (name, value) in [
            ("request timeout", requestTimeout), ("connect timeout", connectTimeout),
            ("stall timeout", stallTimeout), ("idle timeout of connections", idleConnectionTimeout),
        ] {
            guard value > .zero, value <= .seconds(86_400) else {
                throw NanoGPTAPIError(.settingInvalid, "the \(name) \(value) is not between 0 and one day")
            }
        }
        guard (1...1024).contains(connectionsPerHost) else {
            throw NanoGPTAPIError(
                .settingInvalid,
                "\(connectionsPerHost) connections per host are not between 1 and 1024"
            )
        }
        guard !userAgent.isEmpty, userAgent.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            throw NanoGPTAPIError(.settingInvalid, "the user agent is not printable ASCII")
        }
        self.userAgent = userAgent
        self.requestTimeout = requestTimeout
        self.connectTimeout = min(connectTimeout, requestTimeout)
        self.stallTimeout = stallTimeout
        self.idleConnectionTimeout = idleConnectionTimeout
        self.connectionsPerHost = connectionsPerHost
        self.caFile = caFile
    }

    /// Checks a base URL without taking it.
    ///
    /// - Parameter text: Scheme, host and port of the API; plain `http` only for loopback.
    /// - Throws: `NanoGPTAPIError` that says what is wrong with it.
    public static func checkBaseURL(_ text: String) throws(NanoGPTAPIError) {
        _ = try checkedOrigin(text)
    }

    private static func checkedOrigin(_ baseURL: String) throws(NanoGPTAPIError) -> WebOrigin {
        guard let address = WebAddress(baseURL) else {
            throw NanoGPTAPIError(
                .baseURLInvalid,
                "the base URL '\(baseURL)' is not an http or https URL with a host"
            )
        }
        guard !address.hasExtras, address.path.isEmpty || address.path == "/" else {
            throw NanoGPTAPIError(
                .baseURLInvalid,
                "the base URL '\(baseURL)' is more than scheme, host and port; '/api/…' is appended to it"
            )
        }
        guard address.origin.isSecure || address.origin.isLoopback else {
            throw NanoGPTAPIError(
                .baseURLInvalid,
                "the base URL '\(baseURL)' is plain http; the key is sent in clear only to loopback"
            )
        }
        return address.origin
    }
}
