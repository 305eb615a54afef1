import JSON

/// The whole story of one job, for `show`.
struct JobStory {
    private let job: Job
    private let now: Int64
    private let program: String
    private var lines: [StyledText] = []
    private static let labelWidth = 11

    /// Tells the story.
    ///
    /// - Parameters:
    ///   - job: The whole job.
    ///   - now: The wall clock.
    ///   - program: How the program is called, for what to do next.
    /// - Returns: The lines.
    static func lines(_ job: Job, now: Int64, program: String = "videogenctl") -> [StyledText] {
        var story = JobStory(job: job, now: now, program: program)
        story.tell()
        return story.lines
    }

    private init(job: Job, now: Int64, program: String) {
        self.job = job
        self.now = now
        self.program = program
    }

    private mutating func tell() {
        lines.append(StyledText(job.id, .strong) + StyledText("  ") + job.styledState + progress)
        line("Why", job.reason)
        line("Queue", job.placeInQueue)
        if let error = job.error {
            line("Error", error.message.asSentence + (error.hint.map { " " + $0 } ?? ""), .failure)
            line("", job.json["error"]?["data"]?["user_message"]?.stringValue)
        }
        line("Model", job.model)
        line("Label", job.label)
        line("Owner", job.owner)
        tellRequest()
        tellTimes()
        tellMoney()
        for output in job.json["outputs"]?.arrayValue ?? [] {
            line("File", output["file"]?.stringValue, .strong)
            let size = output["bytes"]?.intValue.map { ByteText.text($0) }
            line(
                "",
                [size, output["sha256"]?.stringValue.map { "sha256 \($0)" }].compactMap(\.self).joined(
                    separator: ", "
                )
            )
        }
        line(
            "Run",
            job.runID.map { $0 + (job.text("provider_status").map { " (the provider says: \($0))" } ?? "") }
        )
        line("Key", job.text("client_key"))
        let steps = job.nextSteps(program)
        for (index, step) in steps.enumerated() {
            line(index == 0 ? "Next" : "", step)
        }
    }

    private var progress: StyledText {
        guard !job.isOver, let progress = job.progress else { return "" }
        return StyledText("  \(progress)%")
    }

    private mutating func line(_ label: String, _ text: String?, _ style: StyledText.Style = .plain) {
        guard let text, !text.isEmpty else { return }
        lines.append(
            StyledText("  ") + StyledText(label, .faint).padded(to: Self.labelWidth) + StyledText(text, style)
        )
    }

    // MARK: What was asked for

    private mutating func tellRequest() {
        for (index, text) in TerminalText.lines(job.prompt ?? "").enumerated() {
            line(index == 0 ? "Prompt" : "", text)
        }
        var settings: [String] = []
        for member in job.json["request"]?.objectValue?.members ?? []
        where member.name != "model" && member.name != "prompt" {
            settings.append("\(member.name)=\(Self.text(of: member.value))")
        }
        line("Settings", settings.joined(separator: ", "))
    }

    /// A setting's value; inline media comes as its type, size and hash.
    private static func text(of value: JSONValue) -> String {
        if let type = value["media_type"]?.stringValue, let bytes = value["bytes"]?.intValue {
            return "[\(type), \(ByteText.text(bytes))]"
        }
        return value.stringValue ?? value.text
    }

    // MARK: When

    private mutating func tellTimes() {
        let stations = [
            ("Created", "created_at"), ("Submitted", "submitted_at"), ("Rendered", "provider_completed_at"),
            (job.state == "completed" ? "Published" : "Ended", "completed_at"),
        ]
        var before: Int64?
        for (label, name) in stations {
            guard let time = job.time(name) else { continue }
            let note =
                before.map { "+" + TimeText.stopwatch(milliseconds: time - $0) }
                ?? "\(TimeText.age(time, now: now)) ago"
            line(label, "\(TimeText.local(time))  (\(note))")
            before = time
        }
        if !job.isOver {
            line("Elapsed", TimeText.stopwatch(milliseconds: job.elapsed(now: now)))
        }
    }

    // MARK: What it cost

    private mutating func tellMoney() {
        if let cost = job.cost {
            line("Cost", cost + (job.json["cost"]?["final"]?.boolValue == false ? " (not final)" : ""))
        }
        let attempts = job.json["attempts_log"]?.arrayValue ?? []
        // A single attempt says nothing that the lines above do not say, unless money is to come back or
        // somebody has to look for the run at the provider.
        let isSearched = ["held", "unconfirmed"].contains(job.state)
        guard
            attempts.count > 1 || isSearched
                || attempts.contains(where: { $0["refund_expected"]?.boolValue == true })
        else {
            return
        }
        for (index, attempt) in attempts.enumerated() {
            let cost = MoneyText.text(attempt["cost"]?["charged"] ?? attempt["cost"])
            let run = attempt["run_id"]?.stringValue
            let parts = [
                TimeText.milliseconds(attempt["submitted_at"]?.stringValue).map(TimeText.local),
                attempt["outcome"]?.stringValue, cost, run.map { "run \($0)" },
                run == nil ? attempt["uuid"]?.stringValue.map { "sent as \($0)" } : nil,
                attempt["refund_expected"]?.boolValue == true ? "a refund is expected" : nil,
            ]
            line("Attempt \(index + 1)", parts.compactMap(\.self).joined(separator: ", "))
        }
    }
}
