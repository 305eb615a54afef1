import JobCore

/// One page of a list or snapshot: as many jobs as were asked for, or fewer when they would not fit into a line.
struct JobPage {
    /// The jobs as JSON texts, long strings cut.
    let jobs: [[UInt8]]
    /// Where the next page begins, if there is one.
    let nextCursor: String?

    /// How many bytes of jobs a page has at most; a line may have 6 MiB (CONTRACT section 3).
    static let maximumBytes = 5 << 20

    /// Takes the first jobs.
    ///
    /// - Parameters:
    ///   - found: Newest first; one more than the limit tells that there is a next page.
    ///   - limit: How many at most.
    ///   - holdUp: What holds up all queued jobs.
    ///   - places: The places of those that are queued.
    init(_ found: [JobText], limit: Int, holdUp: String?, places: [JobID: Int] = [:]) {
        var jobs: [[UInt8]] = []
        var bytes = 0
        for text in found.prefix(limit) {
            let job = text.bytes(brief: true, holdUp: holdUp, position: places[text.job.id])
            guard jobs.isEmpty || bytes + job.count < Self.maximumBytes else { break }
            jobs.append(job)
            bytes += job.count + 1
        }
        self.jobs = jobs
        nextCursor =
            jobs.count < found.count && !jobs.isEmpty ? found[jobs.count - 1].job.id.description : nil
    }
}
