/// Why a catalogue cannot be read.
public struct CatalogueError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong and where.
    public let message: String

    /// The message.
    public var description: String { message }

    init(_ message: String) {
        self.message = message
    }
}
