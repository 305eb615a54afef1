import ArgumentParser
import JSON

/// `retry`: go on with jobs that failed, were canceled or are held.
struct Retry: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Go on with jobs that failed, were canceled or are held.",
        discussion: """
            A failed or canceled job is submitted anew. Of a held one, what is paid is collected and never bought \
            again; one that nobody knows the fate of is submitted again only with --accept-charge.
            """
    )

    @Flag(help: "Submit an unconfirmed job again, although its first try may have been paid.")
    var acceptCharge = false

    @OptionGroup
    var jobs: JobArguments

    @OptionGroup(title: "Waiting")
    var waiting: WaitOptions

    @OptionGroup(title: "Common")
    var common: CommonOptions

    func execute(in session: Session) throws -> CommandStatus {
        var started: [(id: String, result: JSONObject)] = []
        let status = try JobFinder(session: session).forEach(jobs.ids) { id in
            let params = JSONObject(["id": .string(id), "accept_charge": acceptCharge ? true : nil])
            let result = try session.callThatPays("jobs.retry", params)
            let job = try Job(in: result)
            started.append((job.id, result.objectValue ?? JSONObject()))
            if session.console.json {
                waiting.wait ? () : session.console.jsonLine(result)
            } else if !waiting.quiet {
                session.console.note(StyledText("\(job.id) is ") + job.styledState)
            }
            return .done
        }
        guard waiting.wait, !started.isEmpty else { return status }
        let end = try JobEnd(session: session, quiet: waiting.quiet, timeout: waiting.timeout?.duration)
            .wait(for: started)
        return CommandStatus.worst(of: [status, end])
    }
}
