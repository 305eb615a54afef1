import Glibc

/// A running program; it is killed when nobody holds the handle any more.
final class ProcessHandle {
    /// Where standard output goes.
    enum Output {
        case file(String)
        /// To be read with `readLine`.
        case pipe
    }

    let pid: pid_t
    let name: String
    let errorFile: String
    /// Readable as soon as the program is over: the other end is open in it and nowhere else.
    let exitDescriptor: Int32
    private let outputDescriptor: Int32
    private var outputBytes: [UInt8] = []
    private(set) var exitStatus: Int32?

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - arguments: The program, a path or a name on the usual path, and its arguments.
    ///   - environment: Variables besides `PATH` and `LC_ALL`.
    ///   - output: Where standard output goes.
    ///   - errorFile: Where standard error is appended to.
    ///   - listening: A socket that becomes descriptor 3.
    /// - Throws: When it cannot be started.
    init(
        _ arguments: [String],
        environment: [String: String],
        output: Output,
        errorFile: String,
        listening: Int32? = nil
    ) throws {
        let command = arguments.first ?? ""
        name = command
        self.errorFile = errorFile
        let (exitRead, exitWrite) = try Self.makePipe()
        exitDescriptor = exitRead
        defer { close(exitWrite) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        var outputWrite: Int32 = -1
        switch output {
        case .file(let path):
            outputDescriptor = -1
            posix_spawn_file_actions_addopen(&actions, 1, path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        case .pipe:
            (outputDescriptor, outputWrite) = try Self.makePipe()
            posix_spawn_file_actions_adddup2(&actions, outputWrite, 1)
        }
        defer { if outputWrite >= 0 { close(outputWrite) } }
        posix_spawn_file_actions_addopen(&actions, 2, errorFile, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        var next: Int32 = 3
        if let listening {
            posix_spawn_file_actions_adddup2(&actions, listening, next)
            next += 1
        }
        posix_spawn_file_actions_adddup2(&actions, exitWrite, next)
        // Others of the test program's descriptors may be open without close-on-exec; closing a closed one is fine.
        for descriptor in (next + 1)..<1024 {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }

        // The test program ignores and blocks signals that the programs have to hear.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        var strings = arguments.map { strdup($0) } + [nil]
        let all = Programs.environment.merging(environment) { $1 }
        var variables = all.map { strdup("\($0)=\($1)") } + [nil]
        defer { for pointer in strings + variables { free(pointer) } }
        var started: pid_t = 0
        let status = posix_spawnp(&started, command, &actions, &attributes, &strings, &variables)
        pid = started
        guard status == 0 else {
            exitStatus = 127
            throw EndToEndError("\(command) cannot be started: \(String(cString: strerror(status)))")
        }
    }

    deinit {
        if exitStatus == nil {
            kill(pid, SIGKILL)
            var status: Int32 = 0
            waitpid(pid, &status, 0)
        }
        close(exitDescriptor)
        if outputDescriptor >= 0 {
            close(outputDescriptor)
        }
    }

    /// What the program wrote on standard error.
    var errorText: String {
        TestFolder.text(of: errorFile)
    }

    /// Sends a signal.
    func send(_ signal: Int32) {
        if exitStatus == nil {
            kill(pid, signal)
        }
    }

    /// Waits for the end.
    ///
    /// - Returns: The exit status, 128 and the signal when a signal ended it.
    @discardableResult
    func wait(_ timeout: Duration) throws -> Int32 {
        if let exitStatus {
            return exitStatus
        }
        guard Deadline(after: timeout).firstReadable(of: [exitDescriptor]) != nil else {
            throw EndToEndError("\(name) still runs after \(timeout): \(errorText)")
        }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        let signal = status & 0x7F
        let result = signal == 0 ? (status >> 8) & 0xFF : 128 + signal
        exitStatus = result
        return result
    }

    /// Reads a line of standard output.
    func readLine(_ timeout: Duration) throws -> String {
        let deadline = Deadline(after: timeout)
        while true {
            if let end = outputBytes.firstIndex(of: 0x0A) {
                let line = String(decoding: outputBytes[..<end], as: UTF8.self)
                outputBytes.removeSubrange(...end)
                return line
            }
            var chunk = [UInt8](repeating: 0, count: 4096)
            guard deadline.firstReadable(of: [outputDescriptor]) != nil,
                case let count = read(outputDescriptor, &chunk, chunk.count), count > 0
            else { throw EndToEndError("\(name) wrote no line: \(errorText)") }
            outputBytes += chunk[..<count]
        }
    }

    /// A pipe whose numbers are out of the way of the descriptors that a program is given.
    private static func makePipe() throws -> (read: Int32, write: Int32) {
        var low: [Int32] = [-1, -1]
        guard pipe(&low) == 0 else { throw EndToEndError("pipe: errno \(errno)") }
        let high = low.map { fcntl($0, F_DUPFD_CLOEXEC, 32) }
        for descriptor in low {
            close(descriptor)
        }
        return (high[0], high[1])
    }
}
