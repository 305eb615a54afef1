import JSON

/// What `doctor` found out about one thing.
struct Diagnosis {
    /// How good it is.
    enum Level: String {
        case ok
        case warning
        case problem
        /// It could not be looked at.
        case skipped
    }

    /// What was looked at, in one word.
    let check: String
    let level: Level
    /// What was found.
    let message: String
    /// How to mend it.
    let hint: String?
    /// How the program ends when this is the worst that was found.
    let status: CommandStatus

    init(
        _ check: String,
        _ level: Level,
        _ message: String,
        hint: String? = nil,
        status: CommandStatus = .failed
    ) {
        self.check = check
        self.level = level
        self.message = message
        self.hint = hint
        self.status = level == .problem ? status : .done
    }

    /// The line of `--json`.
    var json: JSONValue {
        .object(
            JSONObject([
                "check": .string(check), "result": .string(level.rawValue), "message": .string(message),
                "hint": .optional(hint),
            ])
        )
    }

    /// The lines for people.
    func lines(_ glyphs: Glyphs) -> [StyledText] {
        let (glyph, style): (String, StyledText.Style) =
            switch level {
            case .ok: (glyphs.done, .success)
            case .warning: (glyphs.alarm, .warning)
            case .problem: (glyphs.failed, .failure)
            case .skipped: (glyphs.waiting, .faint)
            }
        let name = StyledText(check, .faint).padded(to: 11)
        var lines = [StyledText(glyph + " ", style) + name + StyledText(message.asSentence)]
        if let hint {
            lines.append(StyledText("             ") + StyledText(hint.asSentence, .strong))
        }
        return lines
    }
}
