/// The table of `list`.
enum JobTable {
    /// Makes the table.
    ///
    /// - Parameters:
    ///   - jobs: The rows.
    ///   - now: The wall clock.
    ///   - showsOwner: Whether jobs of several users are in it.
    /// - Returns: The table.
    static func make(_ jobs: [Job], now: Int64, showsOwner: Bool) -> Table {
        var columns: [Table.Column] = [
            .init(title: "ID"),
            .init(title: "STATE"),
            .init(title: "AGE", alignsRight: true, rank: 2),
            .init(title: "MODEL", minimum: 10, rank: 3),
            .init(title: "COST", alignsRight: true, rank: 4),
            .init(title: "LABEL", minimum: 6, rank: 5),
            .init(title: "PROMPT", minimum: 12, rank: 6),
        ]
        if showsOwner {
            columns.insert(.init(title: "OWNER", minimum: 6, rank: 5), at: 5)
        }
        var table = Table(columns)
        for job in jobs {
            var cells: [StyledText] = [
                StyledText(job.id), state(job),
                StyledText(job.createdAt.map { TimeText.age($0, now: now) } ?? ""), StyledText(job.model),
                StyledText(job.cost ?? ""), StyledText(job.label ?? ""), StyledText(job.prompt ?? "", .faint),
            ]
            if showsOwner {
                cells.insert(StyledText(job.owner ?? ""), at: 5)
            }
            table.add(cells)
        }
        return table
    }

    private static func state(_ job: Job) -> StyledText {
        if let place = job.queuePosition {
            return job.styledState + StyledText(" #\(place)", .faint)
        }
        guard job.state == "in_progress", let progress = job.progress else { return job.styledState }
        return job.styledState + StyledText(" \(progress)%")
    }
}
