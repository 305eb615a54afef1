import Glibc

/// strace(1) on a process that runs already, to let single system calls fail or kill it.
final class Tracer {
    private let process: ProcessHandle

    /// Attaches, and waits until it has.
    ///
    /// - Parameters:
    ///   - target: The process; all its threads, later ones too.
    ///   - options: What strace is to do.
    ///   - folder: Where it writes.
    /// - Throws: When it cannot be attached.
    init(_ target: ProcessHandle, _ options: [String], in folder: TestFolder) throws {
        let log = folder("tracer.log")
        unlink(log)
        process = try ProcessHandle(
            ["strace", "-f", "-o", "/dev/null"] + options + ["-p", String(target.pid)],
            environment: [:],
            output: .file(folder("tracer.out")),
            errorFile: log
        )
        try Deadline(after: .seconds(20)).first("strace") {
            let text = process.errorText
            return text.contains("attached") ? true : nil
        }
    }

    /// What makes system calls on a path fail or kill the process, once on each thread.
    ///
    /// - Parameters:
    ///   - calls: Their names, with commas.
    ///   - path: What they work on.
    ///   - what: `error=NAME` or `signal=NAME`.
    ///   - count: Which of them on a thread, from 1.
    /// - Returns: Options.
    static func injection(_ calls: String, on path: String, _ what: String, at count: Int = 1) -> [String] {
        ["-P", path, "-e", "trace=\(calls)", "-e", "inject=\(calls):\(what):when=\(count)"]
    }

    /// Lets the process go.
    func detach() throws {
        process.send(SIGINT)
        try process.wait(.seconds(10))
    }
}
