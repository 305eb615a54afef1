import ControlClient
import JSON

/// Waits for jobs that this command started, shows how they go, and prints what became of them.
struct JobEnd {
    let session: Session
    let quiet: Bool
    /// How long to wait; `nil` until the end.
    let timeout: Duration?

    private var console: Console { session.console }

    /// Waits.
    ///
    /// - Parameter results: Each job with the result of the call that started it.
    /// - Returns: The worst end.
    /// - Throws: `ControlClientError` when the daemon stays away.
    func wait(for results: [(id: String, result: JSONObject)]) throws -> CommandStatus {
        let deadline = timeout.map { SystemTime.monotonic + $0 }
        let wait = JobWait(session: session, deadline: deadline)
        let ids = results.map(\.id)
        let outcome: JobWait.Outcome
        var isOver = false
        defer {
            if !isOver {
                JobEnd.tellHowToComeBack(ids, interrupted: false, quiet: quiet, console: console)
            }
        }
        if !quiet, console.err.isTerminal {
            // Results on standard output would tear the panel apart while it is drawn.
            let panel = LivePanel(
                stream: console.err,
                glyphs: console.glyphs,
                showsSummary: false
            )
            outcome = try wait.run(ids, view: panel)
            ids.compactMap { outcome.jobs[$0] }.forEach { printResult($0, results) }
        } else {
            let onEnd = { (job: Job) in printResult(job, results) }
            outcome =
                quiet
                ? try wait.run(ids, view: SilentView(), onEnd: onEnd)
                : try wait.run(ids, view: ChangeLog(stream: console.err), onEnd: onEnd)
            ids.compactMap { outcome.jobs[$0] }.filter { !$0.isOver }.forEach(onEnd)
        }
        isOver = true
        console.out.flush()
        return tell(outcome, ids)
    }

    /// Prints a job's result: as JSON the result of the call with the job as it is now, else the files' paths.
    private func printResult(_ job: Job, _ results: [(id: String, result: JSONObject)]) {
        guard console.json else {
            if job.state == "completed" {
                job.files.forEach(console.data)
            }
            return
        }
        var result = results.first { $0.id == job.id }?.result ?? JSONObject()
        result["job"] = whole(job)
        result["done"] = .bool(job.isOver)
        console.jsonLine(.object(result))
    }

    /// The job with its long texts, which events carry cut short.
    private func whole(_ job: Job) -> JSONValue {
        guard job.json["truncated"]?.boolValue == true else { return job.json }
        do throws(ControlClientError) {
            return try session.call("jobs.get", JSONObject(["id": .string(job.id)]))["job"] ?? job.json
        } catch {
            // After Ctrl-C or a cut connection the short form still says how the job ended.
            return job.json
        }
    }

    /// Says what the results on standard output do not say.
    private func tell(_ outcome: JobWait.Outcome, _ ids: [String]) -> CommandStatus {
        let now = SystemTime.unixMilliseconds
        var statuses: [CommandStatus] = []
        var running: [String] = []
        for id in ids {
            guard let job = outcome.jobs[id] else {
                statuses.append(outcome.gone.contains(id) ? .refused : .stillRunning)
                if outcome.gone.contains(id) {
                    session.report(CommandFailure(.refused, "\(id) was removed while it was waited for."))
                } else {
                    running.append(id)
                }
                continue
            }
            statuses.append(CommandStatus(lastState: job.state))
            if !job.isOver {
                running.append(id)
            } else if job.state != "completed" {
                JobEnd.tellUnfinished(job, now: now, console: console)
            }
        }
        if !running.isEmpty {
            JobEnd.tellHowToComeBack(
                running,
                interrupted: outcome.interrupted,
                quiet: quiet,
                console: console
            )
        }
        return outcome.interrupted ? .interrupted : CommandStatus.worst(of: statuses)
    }

    /// Says why there is no video, and what to do.
    static func tellUnfinished(_ job: Job, now: Int64, console: Console) {
        console.note(StyledText("error: ", .failure) + job.ending(now: now))
        for step in job.nextSteps(console.program) {
            console.note(StyledText("  " + step))
        }
    }

    /// Says that jobs go on without us.
    static func tellHowToComeBack(_ ids: [String], interrupted: Bool, quiet: Bool, console: Console) {
        guard !quiet else { return }
        let what = ids.count == 1 ? "The job goes on." : "\(ids.count) jobs go on."
        let names = ids.count > 5 ? "ID..." : ids.joined(separator: " ")
        console.note(
            StyledText("\(what) Come back with: \(console.program) wait \(names)")
        )
    }
}
