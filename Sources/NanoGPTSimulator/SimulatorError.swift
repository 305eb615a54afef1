/// What can be wrong with the simulator's own settings, rules and files.
public struct SimulatorError: Error, CustomStringConvertible, Sendable {
    /// What kind of thing is wrong.
    public struct Code: Hashable, Sendable {
        private let word: String

        /// A behaviour is unknown or its value does not fit.
        public static let invalidBehaviour = Code(word: "invalidBehaviour")
        /// A rule, setting or request to a control endpoint cannot be read.
        public static let invalidInput = Code(word: "invalidInput")
        /// The configuration cannot be used, for example a host that is not loopback.
        public static let invalidConfiguration = Code(word: "invalidConfiguration")
        /// The server stopped before it was ready.
        public static let notStarted = Code(word: "notStarted")
    }

    /// What kind of thing is wrong.
    public let code: Code
    /// What is wrong, in words.
    public let message: String

    /// Makes an error.
    ///
    /// - Parameters:
    ///   - code: What kind of thing is wrong.
    ///   - message: What is wrong, in words.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
