/// The jobs that wait to be sent: round-robin over owners, first in first out within one owner.
public struct SubmissionQueue: Sendable {
    private struct Line: Sendable {
        var jobs: [JobID] = []
        var head = 0
    }

    private var lines: [UInt32: Line] = [:]
    private var turn: [UInt32] = []
    private var members: Set<JobID> = []
    private var extensions: Set<JobID> = []

    /// Makes an empty queue.
    public init() {}

    /// How many jobs wait.
    public var count: Int {
        members.count
    }

    /// How many of them extend a run.
    public var extensionCount: Int {
        extensions.count
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
    ///   - isExtension: Whether it extends a run, of which the provider takes fewer.
    public mutating func append(_ id: JobID, of owner: UInt32, isExtension: Bool = false) {
        guard members.insert(id).inserted else { return }
        if isExtension {
            extensions.insert(id)
        }
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
    ///   - isExtension: Whether it extends a run, of which the provider takes fewer.
    public mutating func prepend(_ id: JobID, of owner: UInt32, isExtension: Bool = false) {
        guard members.insert(id).inserted else { return }
        if isExtension {
            extensions.insert(id)
        }
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
        extensions.remove(id)
        if let index = line.jobs[line.head...].firstIndex(of: id) {
            line.jobs.remove(at: index)
        }
        store(line, of: owner)
    }

    /// Takes the job whose turn it is.
    ///
    /// - Parameter mayExtend: Whether one that extends a run may be taken; where not, the others overtake it.
    /// - Returns: The job; nil when none may be taken.
    public mutating func popFirst(extensions mayExtend: Bool = true) -> JobID? {
        for (place, owner) in turn.enumerated() {
            guard let line = lines[owner],
                let index = line.jobs[line.head...].firstIndex(where: {
                    mayExtend || !extensions.contains($0)
                })
            else { continue }
            turn.remove(at: place)
            turn.append(owner)
            return take(index, of: owner)
        }
        return nil
    }

    private mutating func take(_ index: Int, of owner: UInt32) -> JobID? {
        guard var line = lines[owner] else { return nil }
        let id = line.jobs[index]
        members.remove(id)
        extensions.remove(id)
        if index == line.head {
            line.head += 1
        } else {
            line.jobs.remove(at: index)
        }
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
