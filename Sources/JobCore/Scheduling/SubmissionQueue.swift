/// The jobs that wait to be sent: round-robin over owners, first in first out within one owner.
public struct SubmissionQueue: Sendable {
    private struct Line: Sendable {
        var jobs: [JobID] = []
        var head = 0
    }

    private var lines: [UInt32: Line] = [:]
    private var turn: [UInt32] = []
    private var members: Set<JobID> = []

    /// Makes an empty queue.
    public init() {}

    /// How many jobs wait.
    public var count: Int {
        members.count
    }

    /// Whether a job waits.
    ///
    /// - Parameter id: The job.
    /// - Returns: Whether it does.
    public func contains(_ id: JobID) -> Bool {
        members.contains(id)
    }

    /// Puts a job behind the others of its owner.
    ///
    /// - Parameters:
    ///   - id: The job.
    ///   - owner: Its owner's number.
    public mutating func append(_ id: JobID, of owner: UInt32) {
        guard members.insert(id).inserted else { return }
        if lines[owner] == nil {
            turn.append(owner)
        }
        lines[owner, default: Line()].jobs.append(id)
    }

    /// Puts a job before the others of its owner.
    ///
    /// - Parameters:
    ///   - id: The job.
    ///   - owner: Its owner's number.
    public mutating func prepend(_ id: JobID, of owner: UInt32) {
        guard members.insert(id).inserted else { return }
        if lines[owner] == nil {
            turn.insert(owner, at: 0)
        }
        let head = lines[owner]?.head ?? 0
        lines[owner, default: Line()].jobs.insert(id, at: head)
    }

    /// Takes a job out.
    ///
    /// - Parameters:
    ///   - id: The job.
    ///   - owner: Its owner's number.
    public mutating func remove(_ id: JobID, of owner: UInt32) {
        guard members.remove(id) != nil, var line = lines[owner] else { return }
        if let index = line.jobs[line.head...].firstIndex(of: id) {
            line.jobs.remove(at: index)
        }
        store(line, of: owner)
    }

    /// Takes the job whose turn it is.
    public mutating func popFirst() -> JobID? {
        guard let owner = turn.first, var line = lines[owner], line.head < line.jobs.count else { return nil }
        let id = line.jobs[line.head]
        line.head += 1
        members.remove(id)
        turn.removeFirst()
        turn.append(owner)
        if line.head > 64, line.head * 2 > line.jobs.count {
            line.jobs.removeFirst(line.head)
            line.head = 0
        }
        store(line, of: owner)
        return id
    }

    private mutating func store(_ line: Line, of owner: UInt32) {
        if line.head == line.jobs.count {
            lines[owner] = nil
            turn.removeAll { $0 == owner }
        } else {
            lines[owner] = line
        }
    }
}
