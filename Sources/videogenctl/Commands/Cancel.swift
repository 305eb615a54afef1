import ArgumentParser
import JSON

/// `cancel`: give up jobs, as far as that is possible.
struct Cancel: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Cancel jobs.",
        discussion: """
            Only a job that was not sent yet costs nothing. The provider cannot stop a run: one that is paid goes \
            on and its video is published, unless --discard gives it up.
            """
    )

    @Flag(help: "Give up the video of a run that is paid already.")
    var discard = false

    @OptionGroup
    var jobs: JobArguments

    @OptionGroup(title: "Common")
    var common: CommonOptions

    func execute(in session: Session) throws -> CommandStatus {
        try JobFinder(session: session).forEach(jobs.ids) { id in
            try cancel(id, in: session)
        }
    }

    private func cancel(_ id: String, in session: Session) throws -> CommandStatus {
        let console = session.console
        let before = try Job(in: session.call("jobs.get", JSONObject(["id": .string(id)])))
        if let warning = warning(before) {
            console.note(StyledText("\(id): \(warning)", .warning))
        }
        let params = JSONObject(["id": .string(id), "discard": discard ? true : nil])
        let result = try session.call("jobs.cancel", params)
        let job = try Job(in: result)
        let saves = result["saves_money"]?.stringValue
        if console.json {
            console.jsonLine(result)
        } else {
            console.out.line(StyledText("\(id) ") + job.styledState + StyledText(": " + outcome(job, saves)))
        }
        return saves == "unknown" ? .maybePaid : .done
    }

    /// What is to be known before it happens.
    private func warning(_ job: Job) -> String? {
        switch job.state {
        case "submitting", "unconfirmed": "it may be paid already; canceling may not save money."
        case "in_queue", "in_progress", "downloading":
            discard
                ? "it is paid; canceling saves nothing and gives the video up."
                : "it is paid; canceling saves nothing, and the run goes on."
        default: nil
        }
    }

    private func outcome(_ job: Job, _ saves: String?) -> String {
        switch (saves, job.state) {
        case ("yes", _): "nothing was paid."
        case ("no", "canceled"): "it was paid; its video is given up."
        case ("no", _): "it is paid and goes on; --discard gives its video up."
        case ("unknown", _): "whether it was paid is not known yet."
        default: "done."
        }
    }
}
