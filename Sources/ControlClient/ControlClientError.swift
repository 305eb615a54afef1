/// Why a call to the daemon has no result.
public struct ControlClientError: Error, Sendable, CustomStringConvertible {
    /// What went wrong, open for further codes.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The code's word.
        public let description: String

        /// The socket does not exist: no daemon was started with it.
        public static let socketMissing = Code(description: "socket_missing")
        /// The socket exists and nobody listens on it.
        public static let refused = Code(description: "refused")
        /// The socket's mode keeps this user out.
        public static let notPermitted = Code(description: "not_permitted")
        /// The socket cannot be used for another reason.
        public static let unreachable = Code(description: "unreachable")
        /// The connection was cut; a call under way may have been carried out.
        public static let disconnected = Code(description: "disconnected")
        /// No answer came in time; a call under way may have been carried out.
        public static let timedOut = Code(description: "timed_out")
        /// The descriptor that ends waits became readable.
        public static let interrupted = Code(description: "interrupted")
        /// A line is longer than the protocol allows.
        public static let lineTooLong = Code(description: "line_too_long")
        /// What came back is not the protocol.
        public static let badReply = Code(description: "bad_reply")
        /// The daemon answered with an error object.
        public static let remote = Code(description: "remote")
    }

    /// What went wrong.
    public let code: Code
    /// A sentence for people that names the socket or the method.
    public let message: String
    /// The daemon's error object, with `Code.remote`.
    public let reply: ErrorReply?

    /// The message.
    public var description: String {
        message
    }

    /// A call whose answer did not come in time.
    ///
    /// - Parameters:
    ///   - method: The method that was called.
    ///   - path: The socket.
    /// - Returns: The error.
    public static func noAnswer(to method: String, path: String) -> ControlClientError {
        ControlClientError(.timedOut, "The daemon at \(path) did not answer \(method) in time.")
    }

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
        reply = nil
    }

    init(_ reply: ErrorReply) {
        code = .remote
        message = reply.message
        self.reply = reply
    }
}
