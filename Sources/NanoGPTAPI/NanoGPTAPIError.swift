/// Why the client cannot be made or changed; what goes wrong with a request is part of its outcome instead.
public struct NanoGPTAPIError: Error, Sendable, CustomStringConvertible {
    /// What is wrong, open for further codes.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The code's word.
        public let description: String

        /// The base URL is not an origin that requests may be sent to.
        public static let baseURLInvalid = Code(description: "base_url_invalid")
        /// The API key cannot be sent as a header.
        public static let keyInvalid = Code(description: "key_invalid")
        /// A time or a number of connections is out of range, or the user agent is not printable.
        public static let settingInvalid = Code(description: "setting_invalid")
        /// The file with the additional trusted CA cannot be used.
        public static let caFileUnusable = Code(description: "ca_file_unusable")
        /// The client was shut down, or its threads do not stop.
        public static let shutDown = Code(description: "shut_down")
    }

    /// What is wrong.
    public let code: Code
    /// A sentence that names the thing; never holds the key.
    public let message: String
    /// What lies behind it.
    public let cause: (any Error)?

    /// Makes an error.
    init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    /// The message and what lies behind it.
    public var description: String {
        cause.map { "\(message): \($0)" } ?? message
    }
}
