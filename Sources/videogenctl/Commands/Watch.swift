import ArgumentParser
import ControlClient
import JSON

/// `watch`: jobs as they go.
struct Watch: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Follow jobs as they go, or all of them.",
        discussion: """
            With ids it ends when all of them are over, like `wait`; without, Ctrl-C ends it. On a terminal the \
            lines are drawn over; elsewhere each change is one line, with --json the job as an object.
            """
    )

    /// Jobs that ended shortly before are shown too.
    private static let finishedSeconds = 300

    @Argument(
        help: ArgumentHelp("The jobs; without any, all that you may see.", valueName: "id"),
        completion: .custom(Completions.jobs)
    )
    var ids: [String] = []

    @OptionGroup(title: "Common")
    var common: CommonOptions

    func execute(in session: Session) throws -> CommandStatus {
        let console = session.console
        if console.json {
            return try watch(session, JSONView(console: console))
        }
        guard console.out.isTerminal else { return try watch(session, ChangeLog(stream: console.out)) }
        let panel = LivePanel(
            stream: console.out,
            glyphs: console.glyphs,
            showsSummary: ids.isEmpty
        )
        return try watch(session, panel, isDrawn: true)
    }

    private func watch(
        _ session: Session,
        _ view: some JobView,
        isDrawn: Bool = false
    ) throws -> CommandStatus {
        let wait = JobWait(session: session, deadline: nil)
        guard !ids.isEmpty else {
            try wait.runForever(finishedSeconds: Self.finishedSeconds, view: view)
            return .interrupted
        }
        var whole: [String] = []
        let found = try JobFinder(session: session).forEach(ids) { id in
            if !whole.contains(id) {
                whole.append(id)
            }
            return .done
        }
        let outcome = try wait.run(whole, view: view)
        // Drawn lines are cut at the window's edge; what matters is said in full.
        for job in whole.compactMap({ outcome.jobs[$0] }) where isDrawn && job.isOver {
            job.state == "completed"
                ? job.files.forEach(session.console.data)
                : JobEnd.tellUnfinished(job, now: SystemTime.unixMilliseconds, console: session.console)
        }
        let ends = whole.map { id in outcome.jobs[id].map { CommandStatus(lastState: $0.state) } ?? .refused }
        guard !outcome.interrupted else {
            let running = whole.filter { !(outcome.jobs[$0]?.isOver ?? false) }
            JobEnd.tellHowToComeBack(running, interrupted: true, quiet: false, console: session.console)
            return .interrupted
        }
        return CommandStatus.worst(of: ends + [found])
    }
}
