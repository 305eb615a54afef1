import ArgumentParser
import ControlClient
import Glibc
import JSON

/// `open`: where a job's video is.
struct Open: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "open",
        abstract: "Print the path of a finished job's video, or show it.",
        discussion: """
              videogenctl open 01m8gy0dtxck73m5
              cp "$(videogenctl open 73m5)" storm.mp4
            """
    )

    @Flag(help: "Show the video with the desktop's program for it (xdg-open).")
    var launch = false

    @OptionGroup
    var jobs: JobArguments

    @OptionGroup(title: "Common")
    var common: CommonOptions

    func execute(in session: Session) throws -> CommandStatus {
        try JobFinder(session: session).forEach(jobs.ids) { id in
            let job = try Job(in: session.call("jobs.get", JSONObject(["id": .string(id)])))
            guard !job.files.isEmpty else { throw noVideo(job, session.console.program) }
            for output in job.json["outputs"]?.arrayValue ?? [] {
                session.console.json
                    ? session.console.jsonLine(output)
                    : session.console.data(output["file"]?.stringValue ?? "")
            }
            session.console.out.flush()
            try job.files.forEach { try reach($0, of: job, session) }
            return .done
        }
    }

    private func noVideo(_ job: Job, _ program: String) -> CommandFailure {
        CommandFailure(
            CommandStatus(lastState: job.state),
            "There is no video of \(job.id): it is \(job.state).",
            hint: job.isOver
                ? "See `\(program) show \(job.id)`." : "Wait for it with `\(program) wait \(job.id)`."
        )
    }

    /// Shows the file, or at least sees whether it could be shown.
    private func reach(_ file: String, of job: Job, _ session: Session) throws(CommandFailure) {
        if case .host(let host) = session.address {
            guard !launch else {
                throw CommandFailure(
                    .usage,
                    "The video is on \(host.name) and cannot be shown from here.",
                    hint: "Fetch it with `scp \(ShellWord.quoted("\(host.name):\(file)")) .`"
                )
            }
            return
        }
        guard access(file, R_OK) == 0 else {
            guard errno == EACCES else {
                throw CommandFailure(
                    .failed,
                    "The video of \(job.id) is not at \(file) any more.",
                    hint: "Somebody moved or removed it; the daemon keeps no second copy."
                )
            }
            throw CommandFailure(
                .notPermitted,
                "You may not read \(file).",
                hint: FileAccess.advice(toRead: file)
            )
        }
        guard launch else { return }
        let status = try ChildProcess.run(["xdg-open", file], outputIsData: false)
        guard status != CommandStatus.interrupted.rawValue else {
            throw CommandFailure(.interrupted, "xdg-open was interrupted.")
        }
        guard status == 0 else {
            throw CommandFailure(
                .failed,
                "xdg-open could not show \(file); it ended with \(status).",
                hint: status == 127 ? "Install the package xdg-utils, or open the file yourself." : nil
            )
        }
    }
}
