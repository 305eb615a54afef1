import Glibc

/// Where the programs under test are.
enum Programs {
    static let environment = ["PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C.UTF-8"]

    /// The path of a program of the package, in a directory above the running test program.
    static func path(_ name: String) throws -> String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        let own = String(decoding: buffer.prefix(max(0, count)).map(UInt8.init(bitPattern:)), as: UTF8.self)
        for start in [own] + CommandLine.arguments.filter({ $0.hasPrefix("/") }) {
            var directory = start
            while let slash = directory.lastIndex(of: "/") {
                directory = String(directory[..<slash])
                if access("\(directory)/videogend", X_OK) == 0 {
                    return "\(directory)/\(name)"
                }
            }
        }
        throw EndToEndError(
            "no \(name) in a directory above \(own): build it first with 'swift build', then run the tests again"
        )
    }

    /// Runs a program to its end.
    ///
    /// - Parameters:
    ///   - arguments: The program, a path or a name on the usual path, and its arguments.
    ///   - environment: Variables besides `PATH` and `LC_ALL`.
    ///   - timeout: After it the program is killed, which is an error.
    /// - Returns: Its exit status and what it wrote.
    /// - Throws: When it cannot be started, or does not end in time.
    static func run(
        _ arguments: [String],
        environment: [String: String] = [:],
        timeout: Duration = .seconds(30)
    ) throws -> (status: Int32, output: String, error: String) {
        try TestFolder.with { folder in
            let process = try ProcessHandle(
                arguments,
                environment: environment,
                output: .file(folder("out")),
                errorFile: folder("err")
            )
            let status = try process.wait(timeout)
            return (status, TestFolder.text(of: folder("out")), TestFolder.text(of: folder("err")))
        }
    }

    /// Runs a shell command that must succeed.
    static func shell(_ command: String, timeout: Duration = .seconds(30)) throws -> String {
        let result = try run(["sh", "-c", command], timeout: timeout)
        guard result.status == 0 else {
            throw EndToEndError("'\(command)' ended with \(result.status): \(result.error)\(result.output)")
        }
        return result.output
    }
}
