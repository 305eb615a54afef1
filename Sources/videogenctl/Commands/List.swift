import ArgumentParser
import ControlClient
import JSON

/// `list`: the newest jobs.
struct List: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List jobs, newest first.",
        discussion: """
              videogenctl list --state live
              videogenctl list --label storms --since 2d --json | jq -r .output.file
            """,
        aliases: ["ls"]
    )

    /// Words that stand for several states.
    private static let groups = [
        "live": ["queued", "submitting", "unconfirmed", "in_queue", "in_progress", "downloading"],
        "over": ["completed", "failed", "canceled", "held"],
    ]

    @Option(
        help: ArgumentHelp(
            "Only jobs in these states, with commas between them; also `live` and `over`.",
            valueName: "state"
        ),
        completion: .list([
            "live", "over", "queued", "submitting", "unconfirmed", "in_queue", "in_progress", "downloading",
            "completed", "failed", "canceled", "held",
        ])
    )
    var state: [String] = []

    @Option(help: ArgumentHelp("Only jobs with this label.", valueName: "text"))
    var label: String?

    @Option(help: ArgumentHelp("Only jobs of this user, by name or number.", valueName: "user"))
    var owner: String?

    @Option(
        help: ArgumentHelp(
            "Only jobs made since then: a time ago such as 90m or 2d, or 2026-01-17.",
            valueName: "when"
        )
    )
    var since: PointInTime?

    @Option(help: ArgumentHelp("How many at most; 100 unless told.", valueName: "number"))
    var limit: Int?

    @Flag(help: "All of them, however many.")
    var all = false

    @OptionGroup(title: "Common")
    var common: CommonOptions

    func validate() throws {
        guard limit.map({ $0 > 0 }) ?? true else { throw ValidationError("--limit must be at least 1.") }
        guard limit == nil || !all else { throw ValidationError("Give --limit or --all, not both.") }
    }

    func execute(in session: Session) throws -> CommandStatus {
        let console = session.console
        let now = SystemTime.unixMilliseconds
        let earliest = since?.milliseconds(now: now)
        var shown: [Job] = []
        var count = 0
        var hasMore = false
        try forEachPage(session) { jobs in
            for json in jobs {
                guard let job = Job(json) else { continue }
                // Newest first: all that follow are older still.
                if let earliest, let created = job.createdAt, created < earliest {
                    hasMore = false
                    return false
                }
                if console.json {
                    console.jsonLine(json)
                } else {
                    shown.append(job)
                }
                count += 1
            }
            hasMore = true
            return true
        } isCut: { cut in
            hasMore = hasMore && cut
        }
        guard !console.json else { return .done }
        if shown.isEmpty {
            console.note("No jobs.")
            return .done
        }
        let owners = Set(shown.compactMap(\.owner))
        console.table(JobTable.make(shown, now: now, showsOwner: owners.count > 1))
        if hasMore {
            console.note(StyledText("These are the newest \(count); --limit or --all shows more.", .faint))
        }
        return .done
    }

    /// Reads page after page.
    ///
    /// - Parameters:
    ///   - session: The connection.
    ///   - take: Takes a page and says whether to go on.
    ///   - isCut: Is told after each page whether there would be more.
    /// - Throws: `ControlClientError`.
    private func forEachPage(
        _ session: Session,
        take: ([JSONValue]) -> Bool,
        isCut: (Bool) -> Void
    ) throws {
        // With --since the time decides, not the number.
        var left = limit ?? (all || since != nil ? Int.max : 100)
        var params = JSONObject(["label": .optional(label), "owner": ownerValue])
        let states = state.flatMap { $0.split(separator: ",").map(String.init) }
        if !states.isEmpty {
            params["states"] = .array(states.flatMap { Self.groups[$0] ?? [$0] }.map { .string($0) })
        }
        while left > 0 {
            params["limit"] = .integer(min(left, 1000))
            let page = try session.call("jobs.list", params)
            let jobs = page["jobs"]?.arrayValue ?? []
            let cursor = page["next_cursor"].flatMap { $0.isNull ? nil : $0 }
            left -= jobs.count
            let goesOn = take(jobs)
            isCut(cursor != nil)
            guard goesOn, let cursor else { return }
            params["cursor"] = cursor
        }
    }

    /// A number is a uid, anything else a name.
    private var ownerValue: JSONValue? {
        owner.map { text in UInt32(text).map { .integer($0) } ?? .string(text) }
    }
}
