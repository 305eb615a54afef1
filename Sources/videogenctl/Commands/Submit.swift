import ArgumentParser
import ControlClient
import JSON

/// `submit`: one job, or one for each line of a file.
struct Submit: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "submit",
        abstract: "Submit a job; it is paid for once.",
        discussion: """
            Prints the job's id, or with --wait the path of the finished video.

              videogenctl submit --model kling-video --wait "A lighthouse in a storm"
              videogenctl submit -m kling-video-v2 --image cat.png "The cat yawns"
              videogenctl submit --batch requests.jsonl --wait
            """
    )

    @OptionGroup(title: "Request")
    var request: RequestOptions

    @Flag(help: "Only say what would happen, like `check`; costs nothing.")
    var dryRun = false

    @OptionGroup(title: "Waiting")
    var waiting: WaitOptions

    @OptionGroup(title: "Common")
    var common: CommonOptions

    func validate() throws {
        guard !(dryRun && waiting.wait) else {
            throw ValidationError("--dry-run leaves nothing to wait for.")
        }
    }

    func execute(in session: Session) throws -> CommandStatus {
        if dryRun {
            return try CheckRun(session: session, options: request).run()
        }
        if request.batch != nil {
            return try BatchRun.submit(session: session, options: request, waiting: waiting)
        }
        let key = request.key ?? ClientKey.make()
        var params = try RequestBuilder(session: session, options: request).parameters()
        params["client_key"] = .string(key)
        let result = try Submission(session: session).submit(params, key: key)
        let job = try Job(in: result)
        tell(result, job, in: session.console)
        guard waiting.wait else {
            if session.console.json {
                session.console.jsonLine(result)
            } else {
                session.console.data(job.id)
            }
            return .done
        }
        return try JobEnd(session: session, quiet: waiting.quiet, timeout: waiting.timeout?.duration)
            .wait(for: [(job.id, result.objectValue ?? JSONObject())])
    }

    private func tell(_ result: JSONValue, _ job: Job, in console: Console) {
        guard !waiting.quiet else { return }
        Finding.all(in: result["warnings"]).forEach { console.note($0.line(word: "warning", .warning)) }
        if result["duplicate"]?.boolValue == true {
            console.note(StyledText("\(job.id) was submitted before with this key; it is ") + job.styledState)
        } else {
            let reason = (job.reason ?? job.placeInQueue).map { " (\($0))" } ?? ""
            console.note(
                StyledText("\(job.id) is ") + job.styledState + StyledText(" for \(job.model)\(reason)")
            )
        }
    }
}
