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
    var nextSteps: [String] {
        switch state {
        case "held" where runID != nil:
            [
                "videogenctl retry \(id) (collects what is paid; buys nothing)",
                "videogenctl cancel --discard \(id) (gives it up)",
            ]
        case "held":
            [
                "videogenctl retry --accept-charge \(id) (submits it again; if the first try was paid, it costs twice)",
                "videogenctl cancel --discard \(id) (gives it up)",
                "videogenctl recover (lists what the provider has; with --adopt RUN it publishes one of them)",
            ]
        case "failed", "canceled": ["videogenctl retry \(id) (submits it anew)"]
        case "completed": []
        default: ["videogenctl watch \(id) (follows it)"]
        }
    }
}
