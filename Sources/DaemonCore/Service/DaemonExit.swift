/// Why the daemon ends, with the exit code of CONTRACT section 1.
public struct DaemonExit: Error, Sendable {
    /// The exit code.
    public let code: Int32
    /// One sentence that names the thing and what to do.
    public let message: String

    /// A bad configuration; a restart would not help.
    static func configuration(_ message: String) -> DaemonExit {
        DaemonExit(code: 78, message: message)
    }

    /// The control socket or the state directory cannot be used.
    static func unavailable(_ message: String) -> DaemonExit {
        DaemonExit(code: 69, message: message)
    }

    /// A fault of our own.
    static func `internal`(_ message: String) -> DaemonExit {
        DaemonExit(code: 70, message: message)
    }
}
