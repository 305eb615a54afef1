import ArgumentParser
import JSON

/// `backup`: a copy of the journal.
struct Backup: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy the journal while the daemon runs and print the copy's path (administrators)."
    )

    @OptionGroup(title: "Common")
    var common: CommonOptions

    func execute(in session: Session) throws -> CommandStatus {
        let result = try session.call("state.backup")
        if session.console.json {
            session.console.jsonLine(result)
        } else {
            session.console.data(result["path"]?.stringValue ?? result.text)
        }
        return .done
    }
}
