public import JobCore

/// What went wrong with the journal on disk.
public struct JobStoreError: Error, Sendable, CustomStringConvertible {
    /// What kind of thing went wrong, open for further codes.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The code's word.
        public let description: String

        /// Another process uses the state directory.
        public static let locked = Code(description: "locked")
        /// A newer version of the daemon wrote the journal; it was not touched.
        public static let newerSchema = Code(description: "newer_schema")
        /// What lies under the journal's name is something else; it was not touched.
        public static let foreignFile = Code(description: "foreign_file")
        /// The file is damaged.
        public static let corrupt = Code(description: "corrupt")
        /// There is no room on the file system.
        public static let diskFull = Code(description: "disk_full")
        /// The file or its file system cannot be written.
        public static let readOnly = Code(description: "read_only")
        /// The system failed to read, write or sync.
        public static let ioFailed = Code(description: "io_failed")
        /// Another process holds the database's own lock for too long.
        public static let busy = Code(description: "busy")
        /// SQLite would not sync each commit.
        public static let notDurable = Code(description: "not_durable")
        /// The journal was closed.
        public static let closed = Code(description: "closed")
        /// There is no journal on disk.
        public static let noJournal = Code(description: "no_journal")
        /// Anything else that SQLite refused.
        public static let failed = Code(description: "failed")
    }

    /// What kind of thing went wrong.
    public let code: Code
    /// A sentence for people that names the file.
    public let message: String
    /// What was reported underneath.
    public let cause: (any Error)?

    /// Makes an error.
    ///
    /// - Parameters:
    ///   - code: What kind of thing went wrong.
    ///   - message: A sentence that names the file.
    ///   - cause: What was reported underneath.
    public init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    /// The message.
    public var description: String {
        message
    }

    /// The same in the terms of the control protocol; nothing was sent, so nothing was charged.
    public var fault: JobFault {
        JobFault(.stateUnavailable, message, charged: .no, retryable: code != .noJournal)
    }
}
