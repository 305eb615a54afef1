import ArgumentParser
import ControlClient
import JSON

/// `show`: the whole story of a job.
struct Show: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show all there is to know about a job."
    )

    @OptionGroup
    var jobs: JobArguments

    @OptionGroup(title: "Common")
    var common: CommonOptions

    func execute(in session: Session) throws -> CommandStatus {
        var isFirst = true
        return try JobFinder(session: session).forEach(jobs.ids) { id in
            let result = try session.call("jobs.get", JSONObject(["id": .string(id)]))
            if session.console.json {
                session.console.jsonLine(result)
                return .done
            }
            if !isFirst {
                session.console.data("")
            }
            isFirst = false
            session.console.lines(
                JobStory.lines(
                    try Job(in: result),
                    now: SystemTime.unixMilliseconds,
                    program: session.console.program
                )
            )
            return .done
        }
    }
}
