import JobCore
import JobEngine

/// What a journal remembers, by the rules of the port.
struct JournalContent {
    private struct Key: Hashable {
        let uid: UInt32
        let key: String
    }

    private(set) var jobs: [JobID: Job] = [:]
    var drainReason: String?
    /// Records that are there and cannot be read.
    var unreadable: Set<JobID> = []
    private var keys: [Key: ClientKeyRecord] = [:]
    private var sent: [Timestamp] = []
    private var drained = false
    private var lastID: JobID?

    mutating func apply(_ changes: [JournalChange]) {
        for change in changes {
            switch change {
            case .job(let job): put(job)
            case .forget(let id): jobs[id] = nil
            case .purge(let time): purge(before: time)
            case .sent(let time): sent.append(time)
            case .drained(let drained): self.drained = drained
            }
        }
    }

    private mutating func put(_ job: Job) {
        var stored = job
        // Not journaled.
        stored.providerStatus = nil
        stored.progress = nil
        stored.runNote = nil
        jobs[job.id] = stored
        lastID = max(lastID ?? job.id, job.id)
        guard let text = job.clientKey else { return }
        let key = Key(uid: job.owner.uid, key: text)
        if let known = keys[key], known.job >= job.id {
            return
        }
        keys[key] = ClientKeyRecord(
            uid: key.uid,
            key: text,
            job: job.id,
            fingerprint: job.request.fingerprint,
            createdAt: job.createdAt
        )
    }

    private mutating func purge(before time: Timestamp) {
        jobs = jobs.filter { _, job in !job.isSettled || job.settledAt >= time }
        let limit = time.milliseconds - Duration.seconds(30 * 86_400).milliseconds
        keys = keys.filter { _, record in record.createdAt.milliseconds >= limit || jobs[record.job] != nil }
        // The last one is the measure; later times are from before a clock was set back.
        guard let last = sent.last else { return }
        sent = sent.map { min($0, last) }.filter { last - $0 <= .seconds(600) }
    }

    var restored: RestoredState {
        var state = RestoredState()
        let readable = jobs.values.filter { !unreadable.contains($0.id) }
        state.live = readable.filter { !$0.isSettled }.sorted { $0.id < $1.id }
        let finished = readable.filter(\.isSettled)
        state.finished = Array(
            finished.sorted { ($0.settledAt, $0.id) > ($1.settledAt, $1.id) }.prefix(1000)
        )
        state.clientKeys = Array(keys.values)
        if let last = sent.last {
            state.sent = sent.map { min($0, last) }.filter { last - $0 <= .seconds(180) }.sorted()
        }
        state.drained = drained
        state.drainReason = drainReason
        state.unreadable = unreadable.sorted().map { "the record of job \($0) cannot be read" }
        state.lastID = lastID
        state.finishedCounts = finishedCounts(of: nil)
        return state
    }

    func finishedCounts(of uid: UInt32?) -> [JobState.Word: Int] {
        let counted = jobs.values.filter { job in
            job.isSettled && !unreadable.contains(job.id) && (uid ?? job.owner.uid) == job.owner.uid
        }
        return Dictionary(grouping: counted, by: \.state.word).mapValues(\.count)
    }

    func finishedJobs(_ query: FinishedJobsQuery) -> [Job] {
        let found = jobs.values.filter { job in
            job.isSettled
                && (query.id ?? job.id) == job.id
                && (query.before.map { job.id < $0 } ?? true)
                && (query.uid ?? job.owner.uid) == job.owner.uid
                && (query.label == nil || query.label == job.label)
                && (query.states.isEmpty || query.states.contains(job.state.word))
        }
        return Array(found.sorted { $0.id > $1.id }.prefix(query.limit))
    }
}

extension Job {
    fileprivate var settledAt: Timestamp {
        finishedAt ?? createdAt
    }
}
