import Glibc
import Testing

/// One run of the real program.
struct ProgramRun {
    let status: Int32
    /// The signal that ended it, 0 when it ended by itself.
    let signal: Int32
    let out: String
    let err: String

    /// Where the program under test lies: beside the program that runs the tests.
    static var program: String {
        get throws {
            var room = [CChar](repeating: 0, count: 4096)
            let count = readlink("/proc/self/exe", &room, room.count)
            try #require(count > 0)
            let path = String(decoding: room[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
            return path[..<(path.lastIndex(of: "/") ?? path.endIndex)] + "/videogenctl"
        }
    }

    /// Runs a program to its end.
    ///
    /// - Parameters:
    ///   - program: The program's path; the control client if there is none.
    ///   - arguments: What follows its name.
    ///   - input: What it reads from standard input.
    ///   - environment: Its whole environment.
    /// - Throws: When it cannot be started.
    init(
        program: String? = nil,
        _ arguments: [String],
        input: String = "",
        environment: [String] = ["PATH=/usr/bin:/bin", "LANG=C.UTF-8"]
    ) throws {
        let path = try program ?? Self.program
        let (input, out, err) = (try Self.file(input), try Self.file(""), try Self.file(""))
        defer { [input, out, err].forEach { fclose($0) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (number, file) in [input, out, err].enumerated() {
            posix_spawn_file_actions_adddup2(&actions, fileno(file), Int32(number))
        }
        // The threads of a test block signals and may ignore them; a program starts as from a shell.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigaddset(&signals, SIGINT)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var child = pid_t()
        var words = ([path] + arguments).map { strdup($0) } + [nil]
        var variables = environment.map { strdup($0) } + [nil]
        defer { (words + variables).forEach { free($0) } }
        try #require(posix_spawn(&child, path, &actions, &attributes, &words, &variables) == 0)
        var wait: Int32 = 0
        while waitpid(child, &wait, 0) < 0 {
            try #require(errno == EINTR)
        }
        // As a shell says it: the code, or 128 and the signal.
        signal = wait & 0x7F
        status = signal == 0 ? wait >> 8 & 0xFF : 128 + signal
        self.out = try Self.contents(out)
        self.err = try Self.contents(err)
    }

    private static func file(_ text: String) throws -> UnsafeMutablePointer<FILE> {
        let file = try #require(tmpfile())
        fputs(text, file)
        rewind(file)
        return file
    }

    private static func contents(_ file: UnsafeMutablePointer<FILE>) throws -> String {
        fseek(file, 0, SEEK_END)
        let count = ftell(file)
        rewind(file)
        var bytes = [UInt8](repeating: 0, count: count)
        try #require(fread(&bytes, 1, count, file) == count)
        return String(decoding: bytes, as: UTF8.self)
    }
}
