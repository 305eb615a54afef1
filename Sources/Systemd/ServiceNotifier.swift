import CSystemd
import Glibc

/// Tells the service manager how this process is doing (`sd_notify(3)`).
///
/// Without a service manager every call does nothing. A call is one datagram to the manager and may wait
/// while the manager is too busy to take it.
public struct ServiceNotifier: Sendable {
    /// Bytes of a status that are sent at most.
    ///
    /// systemd drops a message over 4 KiB whole, `READY=1` and all.
    static let maximumStatusBytes = 1024

    /// Whether there is a service manager that listens.
    public let isActive: Bool

    /// How long the service manager waits for a ``watchdog()`` before it kills the process, as systemd set it.
    ///
    /// Nil when no watchdog is set or when it is meant for another process. Half of it is a good interval.
    public let watchdogInterval: Duration?

    /// Reads what the service manager said.
    ///
    /// - Parameter environment: The environment of this process. libsystemd itself looks up the socket's
    ///   address in the process's own environment; nothing is removed from it.
    public init(environment: [String: String]) {
        isActive = environment["NOTIFY_SOCKET"]?.isEmpty == false
        watchdogInterval = Self.watchdogInterval(environment: environment, processID: getpid())
    }

    /// Says that the service is up, or that a reload is over.
    ///
    /// - Parameter status: A line for `systemctl status`, or nil to leave it as it is.
    /// - Returns: Whether the message was sent.
    @discardableResult
    public func ready(status: String? = nil) -> Bool {
        send(["READY=1"], status: status)
    }

    /// Replaces the line that `systemctl status` shows.
    ///
    /// - Parameter status: The line; line breaks become blanks, and it is cut after 1 KiB.
    /// - Returns: Whether the message was sent.
    @discardableResult
    public func status(_ status: String) -> Bool {
        send([], status: status)
    }

    /// Says that the configuration is being read again; ``ready(status:)`` ends it, also after a failure.
    ///
    /// The time goes in the same datagram: `Type=notify-reload` takes no other.
    ///
    /// - Returns: Whether the message was sent.
    @discardableResult
    public func reloading() -> Bool {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        let microseconds = Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1_000
        return send(["RELOADING=1", "MONOTONIC_USEC=\(microseconds)"])
    }

    /// Says that the service is on its way out.
    ///
    /// - Parameter status: A line for `systemctl status`, or nil to leave it as it is.
    /// - Returns: Whether the message was sent.
    @discardableResult
    public func stopping(status: String? = nil) -> Bool {
        send(["STOPPING=1"], status: status)
    }

    /// Asks for more time to start or stop.
    ///
    /// - Parameter duration: How much, from now on, beyond which the time-out of the unit may strike. Nothing
    ///   is sent for less than a microsecond.
    /// - Returns: Whether the message was sent.
    @discardableResult
    public func extendTimeout(by duration: Duration) -> Bool {
        let microseconds = duration.wholeMicroseconds
        guard microseconds > 0 else {
            return false
        }
        return send(["EXTEND_TIMEOUT_USEC=\(microseconds)"])
    }

    /// Says that the process is alive and well.
    ///
    /// - Returns: Whether the message was sent.
    @discardableResult
    public func watchdog() -> Bool {
        send(["WATCHDOG=1"])
    }

    /// Says why the service gives up.
    ///
    /// - Parameters:
    ///   - errno: The error number that `systemctl show -P StatusErrno` is to show.
    ///   - status: A line for `systemctl status`, or nil to leave it as it is.
    /// - Returns: Whether the message was sent.
    @discardableResult
    public func failed(errno: Int32, status: String? = nil) -> Bool {
        send(["ERRNO=\(errno)"], status: status)
    }

    private func send(_ assignments: [String], status: String? = nil) -> Bool {
        guard isActive else {
            return false
        }
        var lines = assignments
        if let status {
            lines.append("STATUS=\(Self.singleLine(status))")
        }
        // 0: leave NOTIFY_SOCKET where it is, this is not the last message.
        return sd_notify(0, lines.joined(separator: "\n")) > 0
    }
}

extension ServiceNotifier {
    /// Makes a status out of any text: one line, no control characters, short enough for the manager.
    ///
    /// - Parameter text: Any text.
    /// - Returns: At most ``maximumStatusBytes`` bytes, cut between characters.
    static func singleLine(_ text: String) -> String {
        var line = ""
        var bytes = 0
        for character in text {
            let isControl = character.unicodeScalars.contains { $0.properties.generalCategory == .control }
            let replacement = isControl ? " " : character
            bytes += replacement.utf8.count
            guard bytes <= maximumStatusBytes else {
                break
            }
            line.append(replacement)
        }
        return line
    }

    /// Reads the watchdog's interval.
    ///
    /// - Parameters:
    ///   - environment: Holds `WATCHDOG_USEC` and `WATCHDOG_PID`.
    ///   - processID: The process that asks.
    /// - Returns: The interval, or nil when there is none for this process.
    static func watchdogInterval(environment: [String: String], processID: Int32) -> Duration? {
        guard let text = environment["WATCHDOG_USEC"], let microseconds = Int64(text), microseconds > 0 else {
            return nil
        }
        if let owner = environment["WATCHDOG_PID"], Int32(owner) != processID {
            return nil
        }
        return .microseconds(microseconds)
    }
}

extension Duration {
    /// The duration in microseconds, rounded down and kept within what `Int64` holds.
    fileprivate var wholeMicroseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        let (sum, carry) = product.addingReportingOverflow(attoseconds / 1_000_000_000_000)
        return overflow || carry ? (seconds < 0 ? .min : .max) : sum
    }
}
