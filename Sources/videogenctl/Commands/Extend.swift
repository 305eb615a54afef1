import ArgumentParser
import JSON

/// `extend`: a longer video from a finished one.
struct Extend: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "extend",
        abstract: "Submit a new job that extends one video of a finished Midjourney run."
    )

    @Argument(
        help: ArgumentHelp("The finished job.", valueName: "id"),
        completion: .custom(Completions.jobs)
    )
    var id: String

    @Option(help: ArgumentHelp("Which video of the run, from 0.", valueName: "number"))
    var index: Int

    @OptionGroup(title: "Waiting")
    var waiting: WaitOptions

    @OptionGroup(title: "Common")
    var common: CommonOptions

    func execute(in session: Session) throws -> CommandStatus {
        let whole = try JobFinder(session: session).id(id)
        let params = JSONObject(["id": .string(whole), "index": .integer(index)])
        let result = try session.callThatPays("jobs.extend", params)
        let job = try Job(in: result)
        guard waiting.wait else {
            session.console.json ? session.console.jsonLine(result) : session.console.data(job.id)
            return .done
        }
        return try JobEnd(session: session, quiet: waiting.quiet, timeout: waiting.timeout?.duration)
            .wait(for: [(job.id, result.objectValue ?? JSONObject())])
    }
}
