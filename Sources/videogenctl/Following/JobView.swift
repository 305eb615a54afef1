/// Shows jobs while they are followed.
protocol JobView {
    /// How often it wants to be drawn when nothing happens; `nil` for never.
    var tick: Duration? { get }

    /// Takes in a change.
    mutating func apply(_ change: JobChange, now: Int64)

    /// Shows what is new.
    mutating func draw(now: Int64)

    /// Shows the last state; nothing is drawn afterwards.
    mutating func finish(now: Int64)
}

/// Shows nothing.
struct SilentView: JobView {
    var tick: Duration? { nil }
    func apply(_ change: JobChange, now: Int64) {}
    func draw(now: Int64) {}
    func finish(now: Int64) {}
}
