internal import Glibc

/// Where the daemon's socket is looked for.
public enum SocketPath {
    /// The socket of the system's daemon.
    public static let system = "/run/videogend/control.sock"

    /// Finds the socket: the option, `VIDEOGEND_SOCKET`, the user's own daemon if its socket exists, the system's.
    ///
    /// - Parameters:
    ///   - option: What the user named on the command line.
    ///   - environment: Looks up an environment variable.
    /// - Returns: The path to connect to.
    public static func find(option: String?, environment: (String) -> String?) -> String {
        if let option, !option.isEmpty {
            return option
        }
        if let named = environment("VIDEOGEND_SOCKET"), !named.isEmpty {
            return named
        }
        // A relative path is invalid by the XDG base directory specification and has to be ignored.
        if let runtime = environment("XDG_RUNTIME_DIR"), runtime.hasPrefix("/") {
            let own = "\(runtime)/videogend/control.sock"
            if access(own, F_OK) == 0 {
                return own
            }
        }
        return system
    }
}
