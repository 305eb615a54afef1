// For `timespec`: its header belongs to no module, and the compiler counts it to this one.
import CSystemd
import Glibc
public import Logging

/// Writes log events as lines that people read, each in one write to standard error.
///
/// `2026-01-01T12:00:00.000Z info  message key=value …`, or `<6>message key=value …` for a service manager
/// that reads the priority from the line and adds the time itself.
///
/// A standard error that is gone is a pipe without a reader: the program must ignore SIGPIPE.
public struct StandardErrorLogHandler: LogHandler, Sendable {
    /// The least level that is written.
    public var logLevel: Logger.Level = .info
    /// What goes with every event.
    public var metadata: Logger.Metadata = [:]
    /// Adds metadata from the task's context.
    public var metadataProvider: Logger.MetadataProvider?

    private let syslogPrefix: Bool
    private let fileDescriptor: Int32
    private let now: @Sendable () -> Duration

    /// Makes a handler.
    ///
    /// - Parameters:
    ///   - syslogPrefix: Whether lines begin with `<N>`, the syslog priority, in place of time and level.
    ///   - metadataProvider: Adds metadata from the task's context.
    ///   - fileDescriptor: Where the lines go; it stays open.
    ///   - now: The time since 1970-01-01T00:00:00Z.
    public init(
        syslogPrefix: Bool = false,
        metadataProvider: Logger.MetadataProvider? = nil,
        fileDescriptor: Int32 = 2,
        now: @escaping @Sendable () -> Duration = StandardErrorLogHandler.systemTime
    ) {
        self.syslogPrefix = syslogPrefix
        self.metadataProvider = metadataProvider
        self.fileDescriptor = fileDescriptor
        self.now = now
    }

    /// Reads the system's clock.
    ///
    /// - Returns: The time since 1970-01-01T00:00:00Z.
    public static func systemTime() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
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
        write(event, metadata: LogText.metadata(of: event, handler: metadata, provider: metadataProvider))
    }

    /// Writes one event whose metadata is already complete.
    ///
    /// - Parameters:
    ///   - event: The event; its own metadata is not looked at.
    ///   - metadata: The metadata.
    func write(_ event: LogEvent, metadata: Logger.Metadata) {
        var line = line(for: event, metadata: metadata)
        line.withUTF8 { buffer in
            var rest = UnsafeRawBufferPointer(buffer)
            while !rest.isEmpty {
                let written = Glibc.write(fileDescriptor, rest.baseAddress, rest.count)
                if written >= 0 {
                    rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(written))
                } else if errno != EINTR {
                    // There is no other place to report that the log cannot be written.
                    return
                }
            }
        }
    }

    /// Makes the line.
    ///
    /// - Parameters:
    ///   - event: The event; its own metadata is not looked at.
    ///   - metadata: The metadata.
    /// - Returns: The line with its line break.
    func line(for event: LogEvent, metadata: Logger.Metadata) -> String {
        let text = LogText.escaped("\(event.message)") + LogText.suffix(of: metadata) + "\n"
        if syslogPrefix {
            return "<\(event.level.syslogPriority)>" + text
        }
        let level = event.level.rawValue
        let padding = String(repeating: " ", count: max(0, 5 - level.utf8.count))
        return "\(Self.timestamp(now())) \(level)\(padding) \(text)"
    }

    /// Writes a time as RFC 3339 in UTC.
    ///
    /// - Parameter time: The time since 1970-01-01T00:00:00Z.
    /// - Returns: For example `2026-01-01T12:00:00.000Z`.
    static func timestamp(_ time: Duration) -> String {
        var seconds = time_t(time.components.seconds)
        var civil = tm()
        gmtime_r(&seconds, &civil)
        let milliseconds = Int32(time.components.attoseconds / 1_000_000_000_000_000)
        var text = ""
        text.reserveCapacity(24)
        append(civil.tm_year + 1900, 4, "-", to: &text)
        append(civil.tm_mon + 1, 2, "-", to: &text)
        append(civil.tm_mday, 2, "T", to: &text)
        append(civil.tm_hour, 2, ":", to: &text)
        append(civil.tm_min, 2, ":", to: &text)
        append(civil.tm_sec, 2, ".", to: &text)
        append(milliseconds, 3, "Z", to: &text)
        return text
    }

    /// Writes a number with leading zeros, and what stands behind it.
    private static func append(_ number: Int32, _ width: Int, _ end: Unicode.Scalar, to text: inout String) {
        var place: Int32 = 1
        for _ in 1..<width { place *= 10 }
        while place > 0 {
            text.unicodeScalars.append(Unicode.Scalar(UInt8(0x30 + number / place % 10)))
            place /= 10
        }
        text.unicodeScalars.append(end)
    }
}
