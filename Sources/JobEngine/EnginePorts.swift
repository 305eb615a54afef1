/// What the engine works with.
public struct EnginePorts: Sendable {
    /// The durable shadow of the machine.
    public let journal: any JobJournal
    /// The paid remote API.
    public let provider: any VideoProvider
    /// The staging and output directories.
    public let publisher: any VideoPublisher
    /// Where large request bodies are kept.
    public let bodies: any RequestBodyStore

    /// Puts the ports together.
    ///
    /// - Parameters:
    ///   - journal: The durable shadow of the machine.
    ///   - provider: The paid remote API.
    ///   - publisher: The staging and output directories.
    ///   - bodies: Where large request bodies are kept.
    public init(
        journal: any JobJournal,
        provider: any VideoProvider,
        publisher: any VideoPublisher,
        bodies: any RequestBodyStore
    ) {
        self.journal = journal
        self.provider = provider
        self.publisher = publisher
        self.bodies = bodies
    }
}
