import JobCore

/// The queued jobs of each owner, in the order in which they came to wait, to tell a job's place.
///
/// The machine's queue decides who is next; this is what can be said of it beforehand: owners take turns.
struct WaitingLines {
    private var lines: [UInt32: [JobID]] = [:]

    /// Takes in what became of a job.
    ///
    /// - Parameters:
    ///   - job: The job as it is, or was when it was removed.
    ///   - waited: Whether it was queued before.
    ///   - waits: Whether it is queued now.
    mutating func update(_ job: Job, waited: Bool, waits: Bool) {
        guard waited != waits else { return }
        if waits {
            lines[job.owner.uid, default: []].append(job.id)
            return
        }
        guard var line = lines.removeValue(forKey: job.owner.uid) else { return }
        if let index = Self.index(of: job.id, in: line) {
            line.remove(at: index)
        }
        if !line.isEmpty {
            lines[job.owner.uid] = line
        }
    }

    /// The place of a queued job, 1 for the next one.
    ///
    /// - Parameters:
    ///   - job: The job.
    ///   - access: Who asks: jobs that they may not see do not count, since a number would tell of them.
    /// - Returns: The place; nil when the job does not wait.
    func position(of job: Job, for access: Access) -> Int? {
        guard let line = lines[job.owner.uid], let index = Self.index(of: job.id, in: line) else {
            return nil
        }
        guard access.seesAll else { return index + 1 }
        // In each round every other owner may come first.
        let others = lines.reduce(0) { sum, line in
            line.key == job.owner.uid ? sum : sum + min(line.value.count, index + 1)
        }
        return index + 1 + others
    }

    /// Where a job stands in a line, which is in the order of ids but for jobs that were retried or refused.
    private static func index(of id: JobID, in line: [JobID]) -> Int? {
        var low = 0
        var high = line.count
        while low < high {
            let middle = (low + high) / 2
            if line[middle] < id { low = middle + 1 } else { high = middle }
        }
        // Calls that came at the same time stand a few places from where they should.
        var (up, down) = (low, low - 1)
        while up < line.count || down >= 0 {
            if up < line.count, line[up] == id { return up }
            if down >= 0, line[down] == id { return down }
            up += 1
            down -= 1
        }
        return nil
    }
}
