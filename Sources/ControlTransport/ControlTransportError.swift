/// Why the control socket cannot be served.
public struct ControlTransportError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of thing went wrong, open for further codes.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The code's word.
        public let description: String

        /// Another daemon answers on the socket, or is about to.
        public static let occupied = Code(description: "occupied")
        /// Something that is no socket has the name.
        public static let notASocket = Code(description: "not_a_socket")
        /// The path does not fit into a socket address.
        public static let pathTooLong = Code(description: "path_too_long")
        /// The system refused a step.
        public static let unusable = Code(description: "unusable")
        /// The server was started twice.
        public static let alreadyStarted = Code(description: "already_started")
        /// The credentials of a peer cannot be told.
        public static let unknownPeer = Code(description: "unknown_peer")
    }

    /// What kind of thing went wrong.
    public let code: Code
    /// A sentence for people that names the thing and the way out.
    public let message: String

    /// Makes an error.
    ///
    /// - Parameters:
    ///   - code: What kind of thing went wrong.
    ///   - message: A sentence for people.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String {
        message
    }
}
