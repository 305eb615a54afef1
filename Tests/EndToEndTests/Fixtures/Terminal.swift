/// A terminal without a person: tmux draws into memory, to see what somebody would see.
final class Terminal {
    private let socket: String
    private let server: ProcessHandle

    /// Opens a terminal with a shell in it.
    ///
    /// - Parameters:
    ///   - fixture: Where `videogenctl` finds a daemon.
    ///   - columns: The width.
    ///   - rows: The height.
    ///   - shell: The shell's command line.
    ///   - environment: Variables besides the usual ones.
    /// - Throws: When tmux does not start.
    init(
        _ fixture: DaemonFixture,
        columns: Int,
        rows: Int,
        shell: String = "sh",
        environment: [String: String] = [:]
    ) throws {
        socket = fixture.folder("tmux")
        let program = try Programs.path("videogenctl")
        let path = program[..<(program.lastIndex(of: "/") ?? program.endIndex)]
        var variables = [
            "HOME": fixture.folder.path, "LC_ALL": "C.UTF-8", "PS1": "$ ", "VIDEOGEND_SOCKET": fixture.socket,
            "PATH": "\(path):\(Programs.environment["PATH"] ?? "")", "TERM": "screen-256color",
        ]
        variables.merge(environment) { $1 }
        server = try ProcessHandle(
            ["tmux", "-D", "-u", "-S", socket, "-f", "/dev/null"],
            environment: variables,
            output: .file(fixture.folder("tmux.out")),
            errorFile: fixture.folder("tmux.log")
        )
        let words = ["env"] + variables.map { "\($0)='\($1)'" } + [shell]
        try Deadline(after: .seconds(20)).first("a terminal") {
            let start = [
                "new-session", "-d", "-x", "\(columns)", "-y", "\(rows)", words.joined(separator: " "),
            ]
            return try run(start).status == 0 ? true : nil
        }
        try wait(for: "the prompt") { !($0.last ?? "").isEmpty }
    }

    private func run(_ words: [String]) throws -> (status: Int32, output: String, error: String) {
        try Programs.run(["tmux", "-N", "-u", "-S", socket] + words)
    }

    /// Types a line.
    func enter(_ line: String) throws {
        try type(line)
        try press("Enter")
    }

    /// Types a text.
    func type(_ text: String) throws {
        _ = try run(["send-keys", "-l", text])
    }

    /// Presses a key, by tmux' name for it.
    func press(_ key: String) throws {
        _ = try run(["send-keys", key])
    }

    /// The lines on the screen, empty ones at the bottom left out.
    func lines(withColors: Bool = false) throws -> [String] {
        let capture = try run(["capture-pane", "-p"] + (withColors ? ["-e"] : []))
        var lines = capture.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        while lines.last?.isEmpty == true {
            lines.removeLast()
        }
        return lines
    }

    /// Waits until the screen is as wanted.
    @discardableResult
    func wait(for what: String, _ isWanted: ([String]) -> Bool) throws -> [String] {
        do {
            return try Deadline(after: .seconds(30)).first(what) {
                let lines = try lines()
                return isWanted(lines) ? lines : nil
            }
        } catch {
            throw EndToEndError("\(error); the screen shows:\n\(try lines().joined(separator: "\n"))")
        }
    }

    /// Waits until a text is on the screen.
    @discardableResult
    func wait(forText text: String) throws -> [String] {
        try wait(for: "'\(text)'") { $0.contains { $0.contains(text) } }
    }

    /// Waits until the shell has come back, and says how the last program ended.
    func exitStatus() throws -> String {
        try wait(for: "the prompt") { $0.last == "$" }
        try enter("s=$?; clear; echo ended with $s")
        let lines = try wait(for: "the exit status") { $0.first?.hasPrefix("ended with ") ?? false }
        return String(lines[0].dropFirst("ended with ".count))
    }
}
