import ArgumentParser
import ControlClient
import JSON

/// `recover`: runs that the provider knows of.
struct Recover: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "recover",
        abstract: "List recent runs at the provider, or publish one of them as a job (administrators)."
    )

    @Option(
        help: ArgumentHelp("Follow this run and publish its video; it is paid already.", valueName: "run")
    )
    var adopt: String?

    @Option(name: .shortAndLong, help: ArgumentHelp("Only runs of this model.", valueName: "id"))
    var model: String?

    @Option(help: ArgumentHelp("How many runs at most.", valueName: "number"))
    var limit: Int?

    @OptionGroup(title: "Common")
    var common: CommonOptions

    func execute(in session: Session) throws -> CommandStatus {
        let console = session.console
        if let adopt {
            let result = try session.call("runs.adopt", JSONObject(["run_id": .string(adopt)]))
            if console.json {
                console.jsonLine(result)
            } else {
                console.data(try Job(in: result).id)
            }
            return .done
        }
        let params = JSONObject(["model": .optional(model), "limit": limit.map { .integer($0) }])
        let runs = try session.call("runs.list", params)["runs"]?.arrayValue ?? []
        if console.json {
            runs.forEach(console.jsonLine)
        } else if runs.isEmpty {
            console.note("The provider lists no runs.")
        } else {
            console.table(table(runs))
        }
        return .done
    }

    private func table(_ runs: [JSONValue]) -> Table {
        let now = SystemTime.unixMilliseconds
        var table = Table([
            .init(title: "RUN"), .init(title: "STATUS", minimum: 8, rank: 1),
            .init(title: "AGE", alignsRight: true, rank: 2), .init(title: "MODEL", minimum: 10, rank: 3),
            .init(title: "COST", alignsRight: true, rank: 4), .init(title: "JOB", rank: 5),
        ])
        for run in runs {
            let created = TimeText.milliseconds(run["created_at"]?.stringValue)
            let cost = MoneyText.text(run["cost"]?["charged"] ?? run["cost"])
            table.add([
                StyledText(run["run_id"]?.stringValue ?? ""),
                StyledText(run["status"]?.stringValue ?? run["provider_status"]?.stringValue ?? ""),
                StyledText(created.map { TimeText.age($0, now: now) } ?? ""),
                StyledText(run["model"]?.stringValue ?? ""), StyledText(cost ?? ""),
                StyledText(run["job_id"]?.stringValue ?? ""),
            ])
        }
        return table
    }
}
