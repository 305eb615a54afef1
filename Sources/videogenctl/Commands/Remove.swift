import ArgumentParser
import JSON

/// `remove`: forget jobs.
struct Remove: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Make the daemon forget completed, failed or canceled jobs; their files stay."
    )

    @OptionGroup
    var jobs: JobArguments

    @OptionGroup(title: "Common")
    var common: CommonOptions

    func execute(in session: Session) throws -> CommandStatus {
        try JobFinder(session: session).forEach(jobs.ids) { id in
            let result = try session.call("jobs.remove", JSONObject(["id": .string(id)]))
            if session.console.json {
                session.console.jsonLine(result)
            } else {
                session.console.note(StyledText("\(id) is forgotten; its files stay."))
            }
            return .done
        }
    }
}
