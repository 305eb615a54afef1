import Logging
import Synchronization

/// The log level that a reload can change, shared by every copy of the logger.
final class SharedLogLevel: Sendable {
    private let level: Mutex<Logger.Level>

    init(_ level: Logger.Level) {
        self.level = Mutex(level)
    }

    var current: Logger.Level {
        get { level.withLock { $0 } }
        set { level.withLock { $0 = newValue } }
    }
}

/// Passes on what the shared level lets through.
struct SharedLevelLogHandler: LogHandler {
    var base: any LogHandler
    let level: SharedLogLevel

    init(_ base: any LogHandler, _ level: SharedLogLevel) {
        self.base = base
        self.base.logLevel = .trace
        self.level = level
    }

    var logLevel: Logger.Level {
        get { level.current }
        set { _ = newValue }
    }

    var metadata: Logger.Metadata {
        get { base.metadata }
        set { base.metadata = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { base[metadataKey: key] }
        set { base[metadataKey: key] = newValue }
    }

    func log(event: LogEvent) {
        base.log(event: event)
    }
}
