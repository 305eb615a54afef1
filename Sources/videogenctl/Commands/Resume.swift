import ArgumentParser
import JSON

/// `resume`: send submissions to the API again.
struct Resume: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Start sending submissions again (administrators)."
    )

    @OptionGroup(title: "Common")
    var common: CommonOptions

    func execute(in session: Session) throws -> CommandStatus {
        let result = try session.call("daemon.resume")
        session.console.json
            ? session.console.jsonLine(result) : session.console.note("Running: jobs are submitted.")
        return .done
    }
}
