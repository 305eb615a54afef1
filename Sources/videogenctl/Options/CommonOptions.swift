import ArgumentParser
import ControlClient

/// The options that every command has.
struct CommonOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The daemon's socket.",
            discussion: "Otherwise VIDEOGEND_SOCKET, your own daemon, or the system's.",
            valueName: "path"
        ),
        completion: .file()
    )
    var socket: String?

    @Option(
        name: [.customShort("H"), .long],
        help: ArgumentHelp(
            "The daemon of another host, through ssh; videogenctl has to be installed there.",
            valueName: "user@host"
        )
    )
    var host: String?

    @Flag(help: "Print JSON, one object per line.")
    var json = false

    @Option(help: ArgumentHelp("Colours: auto, always or never.", valueName: "when"))
    var color: ColorChoice = .automatic

    func validate() throws {
        guard let host else { return }
        // It would be an option of ssh.
        guard !host.hasPrefix("-"), !host.isEmpty, !host.contains(where: \.isWhitespace) else {
            throw ValidationError("--host '\(host)' is no name of a host.")
        }
    }

    /// Where the daemon is.
    ///
    /// - Parameter environment: Looks up an environment variable.
    /// - Returns: The socket or the host.
    func address(_ environment: (String) -> String?) -> DaemonAddress {
        guard let host else { return .socket(SocketPath.find(option: socket, environment: environment)) }
        return .host(RemoteHost(host, program: Self.ssh(environment), socket: socket))
    }

    /// The program that reaches other hosts.
    static func ssh(_ environment: (String) -> String?) -> String {
        environment("VIDEOGEND_SSH").flatMap { $0.isEmpty ? nil : $0 } ?? "ssh"
    }

    /// How this run of the program is repeated with another command: with the options that say which daemon.
    var program: String {
        var words = ["videogenctl"]
        if let host {
            words += ["-H", host]
        }
        if let socket {
            words += ["--socket", socket]
        }
        return words.map(ShellWord.quoted).joined(separator: " ")
    }
}
