import JSON

extension Job {
    /// The state's word in its colour.
    var styledState: StyledText {
        StyledText(state, style)
    }

    /// The colour of the state.
    var style: StyledText.Style {
        switch state {
        case "completed": .success
        case "failed": .failure
        case "canceled": .faint
        case "held": .alarm
        case "unconfirmed": .warning
        case "queued": .plain
        default: .active
        }
    }

    /// Where a queued job stands.
    var placeInQueue: String? {
        queuePosition.map { $0 <= 1 ? "next to be sent" : "\($0 - 1) before it" }
    }

    /// How the end is told: what became of it, after how long, at what cost.
    func ending(now: Int64) -> StyledText {
        var line = StyledText(id + " ") + styledState
        line += StyledText(" after \(TimeText.stopwatch(milliseconds: elapsed(now: now)))")
        if let cost {
            line += StyledText(", \(cost)")
        }
        if state == "failed", let error {
            line += StyledText(": \(error.message.asSentence)" + (error.hint.map { " " + $0 } ?? ""))
        } else if state != "completed", let reason {
            line += StyledText(": \(reason)")
        }
        return line
    }

    /// What a person can do next, one command per line.
    ///
    /// - Parameter program: How the program is called.
    /// - Returns: Each command with what it does in parentheses.
    func nextSteps(_ program: String) -> [String] {
        switch state {
        case "held" where runID != nil:
            ["\(program) \(collecting)", "\(program) cancel --discard \(id) (gives it up)"]
        case "held":
            [
                "\(program) \(acceptingCharge)", "\(program) cancel --discard \(id) (gives it up)",
                "\(program) recover (lists what the provider has; with --adopt RUN it publishes one of them)",
            ]
        case "failed", "canceled": ["\(program) \(retrying)"]
        case "completed": ["\(program) open --launch \(id) (shows the video)"]
        default: ["\(program) watch \(id) (follows it)"]
        }
    }

    private var collecting: String {
        "retry \(id) (collects what is paid; buys nothing)"
    }

    private var acceptingCharge: String {
        "retry --accept-charge \(id) (submits it again; if the first try was paid, it costs twice)"
    }

    /// What `retry` does to a job that is over: what the provider has or may have is not bought again unasked.
    private var retrying: String {
        let attempt = json["attempts_log"]?.arrayValue?.last
        switch attempt?["outcome"]?.stringValue {
        case "running", "downloading": return collecting
        case "discarded": return attempt?["run_id"]?.stringValue == nil ? acceptingCharge : collecting
        case "submitting", "unconfirmed", "lost", "abandoned": return acceptingCharge
        default: return "retry \(id) (submits it anew)"
        }
    }
}
