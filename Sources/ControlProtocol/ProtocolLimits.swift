/// The numbers that bound a connection.
public struct ProtocolLimits: Hashable, Sendable {
    /// The longest line that is read, in bytes without its line feed.
    public var lineIn: Int
    /// The longest line that is written, in bytes without its line feed.
    public var lineOut: Int
    /// How deep arrays and objects of a line may nest.
    public var nesting: Int
    /// How many requests of a connection may be unanswered.
    public var requestsInFlight: Int
    /// How many `jobs.wait` of a connection may be unanswered.
    public var waitsInFlight: Int
    /// How many streams of events a connection may have.
    public var subscriptions: Int
    /// How many members a batch may have.
    public var batchMembers: Int
    /// How many bytes of unfinished lines there may be over all connections.
    public var unfinishedLines: Int
    /// The length up to which a line is read on when there are more.
    public var shortLine: Int
    /// How many bytes of answers that nobody reads there may be over all connections.
    public var unreadAnswers: Int
    /// The longest `id`, in bytes of its JSON text.
    public var idBytes: Int

    /// What an error in a batch takes at most, about.
    public var errorBytes: Int {
        idBytes + 4096
    }

    /// The published numbers.
    public static let standard = ProtocolLimits(
        lineIn: 6 << 20,
        lineOut: 6 << 20,
        nesting: 64,
        requestsInFlight: 64,
        waitsInFlight: 256,
        subscriptions: 16,
        batchMembers: 64,
        unfinishedLines: 64 << 20,
        shortLine: 64 << 10,
        unreadAnswers: 64 << 20,
        idBytes: 4 << 10
    )
}
