import ArgumentParser
import JSON

/// `status`: how the daemon is.
struct Status: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show how the daemon is: its jobs, the API, the balance, the output directory."
    )

    @OptionGroup(title: "Common")
    var common: CommonOptions

    func execute(in session: Session) throws -> CommandStatus {
        let status = try session.call("daemon.status")
        if session.console.json {
            session.console.jsonLine(status)
        } else {
            session.console.lines(StatusText.lines(status))
        }
        return .done
    }
}
