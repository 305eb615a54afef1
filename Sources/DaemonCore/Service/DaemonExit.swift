import Glibc

/// Why the daemon ends, with the exit code of CONTRACT section 1.
public struct DaemonExit: Error, Sendable {
    /// The exit code.
    public let code: Int32
    /// One sentence that names the thing and what to do.
    public let message: String
    /// The error number that the service manager shows.
    let systemError: Int32

    /// Whether it is the configuration: then no restart helps.
    var isConfiguration: Bool {
        code == 78
    }

    /// A bad configuration; a restart would not help.
    static func configuration(_ message: String) -> DaemonExit {
        DaemonExit(code: 78, message: message, systemError: EINVAL)
    }

    /// The control socket or the state directory cannot be used.
    static func unavailable(_ message: String, systemError: Int32 = EIO) -> DaemonExit {
        DaemonExit(code: 69, message: message, systemError: systemError)
    }

    /// A fault of our own.
    static func `internal`(_ message: String) -> DaemonExit {
        DaemonExit(code: 70, message: message, systemError: EIO)
    }
}
