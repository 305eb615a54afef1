import JSON

/// The daemon's status as people read it.
enum StatusText {
    /// The lines of `status`.
    static func lines(_ status: JSONValue) -> [StyledText] {
        let state = status["state"]?.stringValue ?? "unknown"
        var lines = [
            StyledText("videogend is ")
                + StyledText(state, state == "running" ? .success : .warning)
                + StyledText(state == "draining" ? "; `videogenctl resume` lets it submit again" : "")
        ]
        func line(_ label: String, _ text: StyledText) {
            guard !text.isEmpty else { return }
            lines.append(StyledText("  ") + StyledText(label + " ", .faint).padded(to: 9) + text)
        }
        line("Waiting", StyledText(status["reason"]?.stringValue ?? "", .warning))
        line("Jobs", jobs(status["jobs"]))
        line("Money", money(status["paid_unpublished"]))
        line("Balance", balance(status["balance"]))
        line("API", api(status["api"]))
        line("Output", output(status["output"]))
        if status["journal"]?["enabled"]?.boolValue == false {
            line("Journal", StyledText("off: a restart forgets all jobs", .warning))
        }
        if let reason = status["journal"]?["reason"]?.stringValue {
            line("Journal", StyledText(reason, .failure))
        }
        // What a newer daemon adds is for people too.
        let known = ["state", "reason", "jobs", "paid_unpublished", "balance", "api", "output", "journal"]
        for member in status.objectValue?.members ?? [] where !known.contains(member.name) {
            line(member.name, StyledText(member.value.stringValue ?? member.value.text))
        }
        return lines
    }

    /// What stands above a live view of all jobs: what holds things up, and the money.
    static func banner(_ status: JSONValue) -> [StyledText] {
        var lines: [StyledText] = []
        let paid = money(status["paid_unpublished"])
        let left = balance(status["balance"])
        var account = paid
        if !left.isEmpty {
            account += (account.isEmpty ? StyledText("Balance ") : StyledText("; balance ")) + left
        }
        if !account.isEmpty {
            lines.append(account)
        }
        for reason in [status["reason"], status["output"]?["reason"], status["journal"]?["reason"]] {
            if let reason = reason?.stringValue {
                lines.append(StyledText(reason, .warning))
            }
        }
        return lines
    }

    private static func jobs(_ jobs: JSONValue?) -> StyledText {
        let counts = (jobs?.objectValue?.members ?? []).compactMap { member in
            member.value.intValue.flatMap { $0 > 0 ? (member.name, $0) : nil }
        }
        guard !counts.isEmpty else { return "none" }
        var text = StyledText("")
        for (index, (state, count)) in counts.enumerated() {
            let style: StyledText.Style =
                state == "held" ? .alarm : state == "unconfirmed" ? .warning : .plain
            text += StyledText(index == 0 ? "" : ", ") + StyledText("\(count) \(state)", style)
        }
        return text
    }

    private static func money(_ atRisk: JSONValue?) -> StyledText {
        guard let count = atRisk?["count"]?.intValue, count > 0 else { return "" }
        let sums = (atRisk?["money"]?.arrayValue ?? []).compactMap { MoneyText.text($0) }
        let jobs = count == 1 ? "1 job is" : "\(count) jobs are"
        return StyledText("\(jobs) paid and not published yet: \(sums.joined(separator: " + "))")
    }

    private static func balance(_ balance: JSONValue?) -> StyledText {
        let list = balance?["balances"]?.arrayValue ?? balance?.arrayValue ?? balance.map { [$0] } ?? []
        return StyledText(list.compactMap { MoneyText.text($0) }.joined(separator: ", "))
    }

    private static func api(_ api: JSONValue?) -> StyledText {
        guard let url = api?["base_url"]?.stringValue else { return "" }
        guard api?["reachable"]?.boolValue == false else { return StyledText(url) }
        let reason =
            api?["last_error"].map { ": " + ($0["message"]?.stringValue ?? $0.stringValue ?? $0.text) } ?? ""
        return StyledText(url + " ") + StyledText("is not reachable" + reason, .failure)
    }

    private static func output(_ output: JSONValue?) -> StyledText {
        guard let directory = output?["directory"]?.stringValue else { return "" }
        var text = StyledText(directory)
        if output?["writable"]?.boolValue == false {
            let reason = output?["reason"]?.stringValue.map { ": \($0)" } ?? " is not writable; videos wait"
            text += StyledText(reason, .failure)
        } else if let free = output?["free_bytes"]?.intValue {
            text += StyledText(", \(ByteText.text(free)) free")
        }
        return text
    }
}
