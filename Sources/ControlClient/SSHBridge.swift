internal import Glibc

/// An ssh process whose standard input and output are one end of a socket pair.
///
/// At the other end of the connection `videogenctl stdio-bridge` connects them with the daemon's socket, and writes
/// an empty line once it has: the protocol ignores it, and we know that all is well. The process ends with the bridge.
final class SSHBridge {
    private let host: RemoteHost
    let process: pid_t
    private var isReaped = false

    /// Starts ssh.
    ///
    /// - Parameter host: Whom to connect to.
    /// - Returns: The process, and our end of the connection.
    /// - Throws: `ControlClientError` when it cannot be started.
    static func start(_ host: RemoteHost) throws(ControlClientError) -> (bridge: SSHBridge, descriptor: Int32)
    {
        var ends: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else {
            throw ControlClientError(
                .unreachable,
                "No connection to \(host.name) can be made: errno \(errno)."
            )
        }
        defer { close(ends[1]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
        if !host.mayAsk {
            // Nobody looks: a shell is completing a word.
            posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
        }
        var words =
            host.command(["stdio-bridge"] + (host.socket.map { ["--socket", $0] } ?? []))
            .map { strdup($0) } + [nil]
        defer { words.forEach { free($0) } }
        var process = pid_t()
        let result = posix_spawnp(&process, host.program, &actions, nil, &words, environ)
        guard result == 0 else {
            close(ends[0])
            let reason = strerror(result).map { String(cString: $0) } ?? "error \(result)"
            throw ControlClientError(.unreachable, "\(host.program) cannot be started: \(reason).")
        }
        return (SSHBridge(host: host, process: process), ends[0])
    }

    private init(host: RemoteHost, process: pid_t) {
        self.host = host
        self.process = process
    }

    /// Whoever lets go of the connection wants no answer any more, and no password prompt either.
    deinit {
        guard !isReaped else { return }
        kill(process, SIGTERM)
        // What stands in for ssh may be a script that does not let itself be asked.
        for _ in 0..<50 {
            let ended = waitpid(process, nil, WNOHANG)
            guard ended == 0 || ended < 0 && errno == EINTR else { return }
            usleep(10_000)
        }
        kill(process, SIGKILL)
        while waitpid(process, nil, 0) < 0, errno == EINTR {}
    }

    /// Why there is no connection, from how ssh ended; what it or the other side said went to standard error.
    func failure() -> ControlClientError {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        isReaped = true
        let code = status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
        switch code {
        case 64:
            return ControlClientError(
                .unreachable,
                "videogenctl on \(host.name) is too old to be used from here."
            )
        case 69: return ControlClientError(.unreachable, "The daemon on \(host.name) does not answer.")
        case 77:
            return ControlClientError(.notPermitted, "You may not connect to the daemon on \(host.name).")
        case 126, 127:
            return ControlClientError(
                .unreachable,
                "There is no videogenctl on \(host.name): install videogend there."
            )
        case 255: return ControlClientError(.unreachable, "ssh does not reach \(host.name).")
        default: return ControlClientError(.unreachable, "ssh to \(host.name) ended with \(code).")
        }
    }
}
