import Glibc
import JSON

extension Examination {
    func output(_ output: JSONValue?) -> Diagnosis {
        let directory = output?["directory"]?.stringValue ?? ""
        guard output?["writable"]?.boolValue != false else {
            return Diagnosis(
                "output",
                .problem,
                output?["reason"]?.stringValue ?? "the daemon cannot write to \(directory)",
                hint: "Finished videos wait until it can; nothing is lost"
            )
        }
        guard access(directory, R_OK | X_OK) == 0 else {
            return Diagnosis(
                "output",
                .warning,
                "videos go to \(directory), which you may not read",
                hint: FileAccess.advice(toRead: directory)
            )
        }
        return Diagnosis("output", .ok, "videos go to \(directory)")
    }

    func disk(_ output: JSONValue?) -> Diagnosis {
        guard let free = output?["free_bytes"]?.intValue, free > 0 else {
            return Diagnosis("disk", .skipped, "the free space is not known")
        }
        let text = "\(ByteText.text(free)) free for videos"
        return free < Self.scarceBytes
            ? Diagnosis(
                "disk",
                .warning,
                text,
                hint: "Below output.minimum_free nothing is submitted: make room"
            )
            : Diagnosis("disk", .ok, text)
    }

    /// Twice the default of `output.minimum_free`.
    private static let scarceBytes = 2 << 30

    func journal(_ journal: JSONValue?) -> Diagnosis {
        if journal?["enabled"]?.boolValue == false {
            return Diagnosis(
                "journal",
                .warning,
                "jobs are kept in memory only: a restart forgets them, also paid ones",
                hint: "Set state.directory"
            )
        }
        guard journal?["writable"]?.boolValue != false else {
            return Diagnosis(
                "journal",
                .problem,
                journal?["reason"]?.stringValue ?? "the journal cannot be written",
                hint: "Make room on the file system of state.directory"
            )
        }
        return Diagnosis("journal", .ok, "jobs are kept on disk")
    }

    // MARK: Jobs

    func jobs(_ status: JSONValue) -> Diagnosis {
        if status["state"]?.stringValue == "draining" {
            return Diagnosis(
                "jobs",
                .warning,
                "the daemon is draining: nothing is submitted",
                hint: "`\(program) resume` lets it submit again"
            )
        }
        if let reason = status["reason"]?.stringValue {
            return Diagnosis("jobs", .problem, "nothing is submitted: \(reason)")
        }
        let held = status["jobs"]?["held"]?.intValue ?? 0
        guard held == 0 else {
            return Diagnosis(
                "jobs",
                .warning,
                held == 1 ? "one job needs a person" : "\(held) jobs need a person",
                hint: "`\(program) list --state held` and `\(program) show ID` say why"
            )
        }
        return Diagnosis("jobs", .ok, "none needs a person")
    }
}
