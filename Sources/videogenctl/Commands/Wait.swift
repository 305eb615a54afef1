import ArgumentParser
import ControlClient
import JSON

/// `wait`: until jobs are over.
struct Wait: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait",
        abstract: "Wait until jobs are over and print the paths of their videos.",
        discussion: """
            Ends with 0 when all videos are published, 1 when a job failed or was canceled, 2 when the time ran \
            out, 3 when a job is held or unconfirmed. `videogenctl watch` shows progress meanwhile.
            """
    )

    @OptionGroup
    var jobs: JobArguments

    @Option(
        help: ArgumentHelp(
            "How long to wait, for example 90s or 10m; without it, until the end.",
            valueName: "duration"
        )
    )
    var timeout: DurationArgument?

    @OptionGroup(title: "Common")
    var common: CommonOptions

    func execute(in session: Session) throws -> CommandStatus {
        let deadline = timeout.map { SystemTime.monotonic + $0.duration }
        var run = WaitRun(session: session, deadline: deadline)
        let found = try JobFinder(session: session).forEach(jobs.ids) { id in
            run.add(id)
            return .done
        }
        return CommandStatus.worst(of: [found, try run.run()])
    }
}
