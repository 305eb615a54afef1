import JSON

/// Draws jobs over and over in the same lines of a terminal.
struct LivePanel: JobView {
    private let stream: TextStream
    private let glyphs: Glyphs
    /// Whether jobs come and go; otherwise a fixed set is shown in its order.
    private let showsSummary: Bool
    private var jobs: [String: Job] = [:]
    private var order: [String] = []
    private var isAway = false
    /// The daemon's own condition, where it is shown.
    private var status: JSONValue?
    private var frame = 0
    /// The widths of the lines on the screen, to find their start again.
    private var drawn: [Int] = []

    init(stream: TextStream, glyphs: Glyphs, showsSummary: Bool) {
        self.stream = stream
        self.glyphs = glyphs
        self.showsSummary = showsSummary
    }

    var tick: Duration? { .milliseconds(200) }

    mutating func apply(_ change: JobChange, now: Int64) {
        switch change {
        case .job(let job):
            if jobs.updateValue(job, forKey: job.id) == nil {
                order.append(job.id)
            }
            forgetOldest()
        case .gone(let id):
            jobs[id] = nil
            order.removeAll { $0 == id }
        case .connectionLost: isAway = true
        case .connectionBack: isAway = false
        case .status(let new): status = new
        }
    }

    /// Keeps a view that runs for days small: only the newest jobs that are over stay.
    private mutating func forgetOldest() {
        guard showsSummary, order.count > 2000 else { return }
        let over = order.filter { jobs[$0]?.isOver ?? true }.sorted()
        for id in over.prefix(order.count - 1000) {
            jobs[id] = nil
        }
        order.removeAll { jobs[$0] == nil }
    }

    mutating func draw(now: Int64) {
        frame += 1
        let width = stream.columns ?? 80
        let lines = lines(width: width, now: now)
        // One column stays free: a full line makes some terminals wrap.
        let texts = lines.map { $0.truncated(to: max(1, width - 1), ellipsis: glyphs.ellipsis) }
        stream.write(
            rewind(width: width) + texts.map { $0.rendered(color: stream.usesColor) + "\u{1B}[K\n" }.joined()
                + "\u{1B}[J"
        )
        drawn = texts.map(\.columns)
        stream.flush()
    }

    mutating func finish(now: Int64) {
        draw(now: now)
        drawn = []
    }

    /// Goes back to the first line, also when the window was made narrower and lines now take several rows.
    private func rewind(width: Int) -> String {
        let height = drawn.reduce(0) { $0 + max(1, ($1 + width - 1) / max(1, width)) }
        return height > 0 ? "\u{1B}[\(height)A\r" : "\r"
    }

    // MARK: Lines

    private func lines(width: Int, now: Int64) -> [StyledText] {
        var shown = order.compactMap { jobs[$0] }
        var lines: [StyledText] = []
        if showsSummary {
            lines += summary(shown)
            shown.sort(by: Self.isAbove)
        }
        if isAway {
            lines.append(StyledText("The daemon is away; trying to reach it again.", .warning))
        }
        let room = max(1, stream.rows - 2 - lines.count)
        let fits = shown.count <= room
        for job in shown.prefix(fits ? room : room - 1) {
            lines.append(line(job, width: width, now: now))
        }
        if !fits {
            lines.append(StyledText("\(glyphs.ellipsis) and \(shown.count - room + 1) more", .faint))
        }
        return lines
    }

    /// What goes on and what needs a person stands above what waits, which stands above what is over.
    private static func isAbove(_ left: Job, _ right: Job) -> Bool {
        func rank(_ job: Job) -> Int {
            switch job.state {
            case "completed", "failed", "canceled": 3
            case "queued": 2
            case "held": 1
            default: 0
            }
        }
        guard rank(left) == rank(right) else { return rank(left) < rank(right) }
        // The next one to be sent comes first; of all others the newest.
        return left.state == "queued" ? left.id < right.id : left.id > right.id
    }

    /// The lines above the jobs: how many there are of each kind, what the daemon waits for, money.
    private func summary(_ jobs: [Job]) -> [StyledText] {
        var counts: [String: Int] = [:]
        for job in jobs {
            counts[job.state, default: 0] += 1
        }
        let parts = counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        let work: StyledText =
            jobs.isEmpty
            ? StyledText("No jobs at work. Ctrl-C leaves.", .faint)
            : StyledText(parts.joined(separator: ", "), .strong)
        return [work] + (status.map(StatusText.banner) ?? [])
    }

    private func line(_ job: Job, width: Int, now: Int64) -> StyledText {
        var line = glyph(job) + StyledText(" " + job.id + " ") + job.styledState.padded(to: 12)
        line += StyledText(TimeText.stopwatch(milliseconds: job.elapsed(now: now)))
            .padded(to: 7, alignsRight: true)
        if let progress = job.progress, !job.isOver {
            line += StyledText(" ")
            if width >= 70 {
                let full = progress * 10 / 100
                line += StyledText(String(repeating: glyphs.barFull, count: full), .active)
                line += StyledText(String(repeating: glyphs.barEmpty, count: 10 - full), .faint)
            }
            line += StyledText("\(progress)%").padded(to: 5, alignsRight: true)
        }
        if let cost = job.cost {
            line += StyledText("  \(cost)")
        }
        if let detail = detail(job) {
            line += StyledText("  ") + detail
        }
        return line
    }

    private func glyph(_ job: Job) -> StyledText {
        switch job.state {
        case "completed": StyledText(glyphs.done, .success)
        case "failed": StyledText(glyphs.failed, .failure)
        case "canceled": StyledText(glyphs.failed, .faint)
        case "held", "unconfirmed": StyledText(glyphs.alarm, job.style)
        case "queued": StyledText(glyphs.waiting, .faint)
        default: StyledText(glyphs.spinner[frame % glyphs.spinner.count], .active)
        }
    }

    /// The most useful of what else is known.
    private func detail(_ job: Job) -> StyledText? {
        if job.state == "failed", let error = job.error {
            return StyledText(error.message, .failure)
        }
        if job.state == "completed", let file = job.files.first {
            return StyledText(file)
        }
        // What holds up all jobs stands above them already.
        if let reason = job.reason, reason != status?["reason"]?.stringValue {
            return StyledText(reason, job.state == "queued" ? .faint : job.style)
        }
        if let place = job.placeInQueue {
            return StyledText(place, .faint)
        }
        return (job.label ?? job.prompt).map { StyledText($0, .faint) }
    }
}
