public import Logging

/// Writes log events to the systemd journal with their metadata as fields.
///
/// `job.id` becomes `VIDEOGEND_JOB_ID` and so on for every key; `message.id` becomes `MESSAGE_ID`. The
/// metadata also stands behind the message, since `journalctl` shows nothing else by default.
public struct JournalLogHandler: LogHandler, Sendable {
    /// The least level that is written.
    public var logLevel: Logger.Level = .info
    /// What goes with every event.
    public var metadata: Logger.Metadata = [:]
    /// Adds metadata from the task's context.
    public var metadataProvider: Logger.MetadataProvider?

    private let identifier: String
    private let fallback: StandardErrorLogHandler

    /// Makes a handler.
    ///
    /// - Parameters:
    ///   - identifier: `SYSLOG_IDENTIFIER`, for `journalctl -t`.
    ///   - metadataProvider: Adds metadata from the task's context.
    public init(identifier: String = "videogend", metadataProvider: Logger.MetadataProvider? = nil) {
        self.identifier = identifier
        self.metadataProvider = metadataProvider
        fallback = StandardErrorLogHandler(syslogPrefix: true)
    }

    /// One value of ``metadata``.
    ///
    /// - Parameter key: The metadata key.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes one event.
    ///
    /// - Parameter event: The event.
    public func log(event: LogEvent) {
        let merged = LogText.metadata(of: event, handler: metadata, provider: metadataProvider)
        let entry = JournalEntry(event: event, metadata: merged, identifier: identifier)
        if entry.send() < 0 {
            // The journal did not take it (out of memory, too many descriptors): standard error leads there
            // as well, though without the fields.
            fallback.write(event, metadata: merged)
        }
    }
}
