import ArgumentParser
import ControlClient
import JSON

/// `doctor`: what is wrong, and how to mend it.
struct Doctor: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look for what keeps videos from being made, and say how to mend it.",
        discussion: """
            Looks at the unit, the socket, your permissions, the API and its key, the clock, the output directory, \
            the disk and the jobs. Changes nothing and costs nothing. Ends with 0 when nothing is in the way, 69 \
            when the daemon does not answer, 77 when you may not connect, 1 for all else.
            """
    )

    @OptionGroup(title: "Common")
    var common: CommonOptions

    func execute(in session: Session) throws -> CommandStatus {
        if case .host(let host) = session.address {
            return try run(on: host, session.console)
        }
        var statuses: [CommandStatus] = []
        try Examination(session: session).run { diagnosis in
            statuses.append(diagnosis.status)
            session.console.json
                ? session.console.jsonLine(diagnosis.json)
                : session.console.lines(diagnosis.lines(session.console.glyphs))
            session.console.out.flush()
        }
        return CommandStatus.worst(of: statuses)
    }

    /// Files, units and clocks are those of the other host: the whole command runs there.
    private func run(on host: RemoteHost, _ console: Console) throws(CommandFailure) -> CommandStatus {
        var words = ["doctor", "--color", console.out.usesColor ? "always" : "never"]
        if console.json {
            words.append("--json")
        }
        if let socket = host.socket {
            words += ["--socket", socket]
        }
        let code = try ChildProcess.run(host.command(words), outputIsData: true)
        guard let status = CommandStatus(rawValue: code) else {
            throw CommandFailure(.unreachable, "ssh to \(host.name) ended with \(code).")
        }
        return status
    }
}
