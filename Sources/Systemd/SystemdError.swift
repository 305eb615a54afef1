/// What went wrong between this process and its service manager.
public struct SystemdError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of thing went wrong, open for further codes.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The code's word.
        public let description: String

        /// libsystemd could not say which sockets were passed.
        public static let listenUnavailable = Code(description: "listen_unavailable")
        /// A passed descriptor is not a listening Unix stream socket.
        public static let wrongSocket = Code(description: "wrong_socket")
        /// Several sockets were passed, and their names do not say which one is meant.
        public static let ambiguousSocket = Code(description: "ambiguous_socket")
        /// A credential is there but cannot be read.
        public static let credentialUnreadable = Code(description: "credential_unreadable")
        /// A credential was read but is not of the expected form.
        public static let credentialInvalid = Code(description: "credential_invalid")
    }

    /// What kind of thing went wrong.
    public let code: Code
    /// A sentence for people that names the thing; it never holds the content of a credential.
    public let message: String

    /// Makes an error.
    ///
    /// - Parameters:
    ///   - code: What kind of thing went wrong.
    ///   - message: A sentence that names the thing.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String {
        message
    }
}
