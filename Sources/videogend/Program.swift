import ArgumentParser
import DaemonCore
import Glibc

@main
struct VideogendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "videogend",
        abstract: "Owns a NanoGPT API key, pays for each video job once, and publishes the finished videos.",
        version: Daemon.version
    )

    @Option(help: "The configuration file; it must exist.")
    var config: String?

    @Flag(help: "Check the configuration, print it, and exit.")
    var checkConfig = false

    /// Starts the program.
    static func main() async {
        // A reload that is asked for before there is anything to reload would end the process; the service that
        // reloads takes the signal over.
        signal(SIGHUP, SIG_IGN)
        await main(nil)
    }

    func run() async throws {
        let environment = ProcessEnvironment.take()
        let directory = getcwd(nil, 0)
        defer { free(directory) }
        let options = DaemonOptions(
            configurationFile: config,
            place: Place(
                uid: getuid(),
                environment: environment,
                workingDirectory: directory.map { String(cString: $0) } ?? "/"
            )
        )
        do throws(DaemonExit) {
            if checkConfig {
                for (name, value) in try Daemon.check(options) {
                    print("\(name): \(value)")
                }
            } else {
                try await Daemon.make(options).run()
            }
        } catch {
            if checkConfig {
                let line = Array("videogend: \(error.message)\n".utf8)
                write(STDERR_FILENO, line, line.count)
            } else {
                Daemon.report(error, options)
            }
            throw ExitCode(error.code)
        }
    }
}
