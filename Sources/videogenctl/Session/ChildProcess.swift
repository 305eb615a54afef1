import Glibc

/// Another program that a command runs and waits for.
enum ChildProcess {
    /// Runs a program with our standard streams.
    ///
    /// - Parameters:
    ///   - words: The program, a path or a name on the search path, and its arguments.
    ///   - outputIsData: Whether what it writes is what the command was asked for; else it goes to standard error.
    /// - Returns: Its exit status, 128 and the signal when a signal ended it.
    /// - Throws: `CommandFailure` when it cannot be started.
    static func run(_ words: [String], outputIsData: Bool) throws(CommandFailure) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if !outputIsData {
            posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO)
        }
        return try end(of: start(words, &actions))
    }

    /// Runs a program that only says something.
    ///
    /// - Parameter words: The program and its arguments.
    /// - Returns: Its exit status and what it wrote to standard output.
    /// - Throws: `CommandFailure` when it cannot be started.
    static func output(of words: [String]) throws(CommandFailure) -> (status: Int32, text: String) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw CommandFailure(.failed, "No pipe can be made: errno \(errno).") }
        defer { close(ends[0]) }
        _ = fcntl(ends[0], F_SETFD, FD_CLOEXEC)
        let child: pid_t
        do {
            defer { close(ends[1]) }
            var actions = posix_spawn_file_actions_t()
            posix_spawn_file_actions_init(&actions)
            defer { posix_spawn_file_actions_destroy(&actions) }
            posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
            posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
            posix_spawn_file_actions_addclose(&actions, ends[1])
            child = try start(words, &actions)
        }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while bytes.count < 1 << 20 {
            let count = read(ends[0], &chunk, chunk.count)
            if count > 0 {
                bytes += chunk[..<count]
            } else if count == 0 || errno != EINTR {
                break
            }
        }
        return (end(of: child), String(decoding: bytes, as: UTF8.self))
    }

    private static func start(
        _ words: [String],
        _ actions: inout posix_spawn_file_actions_t
    ) throws(CommandFailure) -> pid_t {
        let program = words.first ?? ""
        var arguments = words.map { strdup($0) } + [nil]
        defer { arguments.forEach { free($0) } }
        var child = pid_t()
        let result = posix_spawnp(&child, program, &actions, nil, &arguments, environ)
        guard result == 0 else {
            let reason = strerror(result).map { String(cString: $0) } ?? "error \(result)"
            throw CommandFailure(.failed, "\(program) cannot be started: \(reason).")
        }
        return child
    }

    private static func end(of child: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        return status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
    }
}
