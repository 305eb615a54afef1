import Glibc
public import Logging

/// Where log events go.
public enum LogDestination: Hashable, Sendable {
    /// The systemd journal, with fields.
    case journal
    /// Standard error, as lines.
    case standardError

    /// Finds out where this process's log belongs.
    ///
    /// - Parameter environment: The environment of this process.
    /// - Returns: The journal when standard error leads there, so that a redirected run by hand inside of a
    ///   service stays readable.
    public static func current(environment: [String: String]) -> LogDestination {
        isConnectedToJournal(environment: environment) ? .journal : .standardError
    }

    /// Whether a descriptor is the stream that the service manager connected to the journal.
    ///
    /// `$JOURNAL_STREAM` alone says nothing: children of a service inherit it with other descriptors.
    ///
    /// - Parameters:
    ///   - environment: Holds `JOURNAL_STREAM`, `device:inode` in decimal.
    ///   - fileDescriptor: The descriptor, standard error if not said otherwise.
    /// - Returns: Whether device and inode are those of the descriptor.
    public static func isConnectedToJournal(
        environment: [String: String],
        fileDescriptor: Int32 = 2
    ) -> Bool {
        let stream = environment["JOURNAL_STREAM"] ?? ""
        let parts = stream.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let device = UInt64(parts[0]), let inode = UInt64(parts[1]) else {
            return false
        }
        var status = stat()
        return fstat(fileDescriptor, &status) == 0 && status.st_dev == device && status.st_ino == inode
    }

    /// Makes the handler for this destination.
    ///
    /// - Parameters:
    ///   - identifier: The program's name in the journal.
    ///   - metadataProvider: Adds metadata from the task's context.
    /// - Returns: A handler at level `info`.
    public func makeLogHandler(
        identifier: String = "videogend",
        metadataProvider: Logger.MetadataProvider? = nil
    ) -> any LogHandler {
        switch self {
        case .journal: JournalLogHandler(identifier: identifier, metadataProvider: metadataProvider)
        case .standardError: StandardErrorLogHandler(metadataProvider: metadataProvider)
        }
    }
}
