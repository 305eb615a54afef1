import ArgumentParser
import JSON

/// `drain`: send no more submissions to the API.
struct Drain: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "drain",
        abstract: "Stop sending submissions; running jobs finish, new ones wait (administrators)."
    )

    @OptionGroup(title: "Common")
    var common: CommonOptions

    func execute(in session: Session) throws -> CommandStatus {
        let result = try session.call("daemon.drain")
        session.console.json
            ? session.console.jsonLine(result)
            : session.console.note("Draining: nothing is submitted until `videogenctl resume`.")
        return .done
    }
}
