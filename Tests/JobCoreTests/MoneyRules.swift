@testable import JobCore

/// What must hold of everything that is written and sent, whatever happens.
struct MoneyRules {
    private(set) var jobs: [JobID: Job] = [:]
    private(set) var counts: [JobState.Word: Int] = [:]
    private(set) var problems: [String] = []
    private var licensed: Set<JobID> = []
    private var known: Set<AttemptUUID> = []
    private var posted: Set<AttemptUUID> = []
    private var releases: [Duration] = []
    private var names: [String: String] = [:]
    /// How often a person asked for a job to be bought.
    private(set) var wishes: [JobID: Int] = [:]

    mutating func report(_ problem: String) {
        problems.append(problem)
    }

    /// Checks what an event led to, before it is performed.
    mutating func check(_ actions: [JobAction], of event: JobEvent?, taken: (AttemptUUID) -> Bool) {
        for action in actions {
            switch action {
            case .persist(let job): written(job, event, taken)
            case .forget(let id): drop(id)
            case .purge(let before):
                for (id, job) in jobs where job.isSettled && (job.finishedAt ?? before) < before {
                    drop(id)
                }
            default: break
            }
        }
    }

    private mutating func drop(_ id: JobID) {
        guard let job = jobs.removeValue(forKey: id) else { return }
        counts[job.state.word, default: 0] -= 1
        licensed.remove(id)
        if !job.state.isTerminal {
            report("\(id) was forgotten while \(job.state.word)")
        }
    }

    private mutating func written(_ new: Job, _ event: JobEvent?, _ taken: (AttemptUUID) -> Bool) {
        let old = jobs[new.id]
        if let old {
            if new.attemptCount > old.attemptCount {
                licensed.insert(new.id)
                if new.state.word == .queued || new.attempts.last?.uuid != old.attempts.last?.uuid {
                    wishes[new.id, default: 0] += 1
                }
            }
            if case .submitted(let key, .refused) = event, key.job == new.id,
                key.index == old.attempts.count - 1, old.attempts[key.index].phase == .sending
            {
                let uuid = old.attempts[key.index].uuid
                if taken(uuid) { report("\(new.id): the test refused what was taken") }
                licensed.insert(new.id)
            }
            if old.state.isTerminal, !new.state.isTerminal, new.attemptCount != old.attemptCount + 1,
                !isFound(old, new)
            {
                report("\(new.id) left \(old.state.word) for \(new.state.word) on its own")
            }
            counts[old.state.word, default: 0] -= 1
        } else if case .adopt = event {
            known.formUnion(new.attempts.map(\.uuid))
        } else {
            licensed.insert(new.id)
            wishes[new.id] = 1
        }
        for attempt in new.attempts where known.insert(attempt.uuid).inserted {
            if licensed.remove(new.id) == nil {
                report("\(new.id) got attempt \(attempt.uuid) that nothing allowed")
            }
        }
        if new.state.word != .queued { licensed.remove(new.id) }
        counts[new.state.word, default: 0] += 1
        jobs[new.id] = new
    }

    /// Whether an attempt of unknown fate turned out to be a run.
    private func isFound(_ old: Job, _ new: Job) -> Bool {
        zip(old.attempts, new.attempts).contains { before, after in
            guard before.uuid == after.uuid, after.runID != nil else { return false }
            switch before.phase {
            case .sending, .unconfirmed, .lost: return true
            default: return false
            }
        }
    }

    // MARK: What is sent

    mutating func sent(
        _ post: MachineBench.Post,
        onTheWire: Int,
        drained: Bool,
        origin: String,
        policy: JobPolicy,
        at now: Duration
    ) {
        let job = jobs[post.key.job]
        if !posted.insert(post.uuid).inserted { report("\(post.uuid) was sent twice") }
        guard let job, job.attempts.indices.contains(post.key.index) else {
            return report("\(post.key.job) was sent without a record")
        }
        let attempt = job.attempts[post.key.index]
        if attempt.uuid != post.uuid || attempt.phase != .sending {
            report("\(job.id) was sent, but its record says \(attempt.outcome)")
        }
        if job.origin != origin { report("\(job.id) was sent to another origin") }
        if drained { report("\(job.id) was sent while drained") }
        if onTheWire >= JobPolicy.submissionsOnTheWire { report("\(onTheWire + 1) POSTs on the wire") }
        if onTheWire > 0, let other = jobs.values.first(where: { isUnconfirmed($0, origin) }) {
            report("\(job.id) was sent beside others while \(other.id) is unconfirmed")
        }
        releases.append(now)
        if releases.count > policy.submitPerMinute,
            now - releases[releases.count - 1 - policy.submitPerMinute] < .seconds(60)
        {
            report("more than \(policy.submitPerMinute) submissions in a minute")
        }
    }

    private func isUnconfirmed(_ job: Job, _ origin: String) -> Bool {
        job.origin == origin
            && job.attempts.contains { attempt in
                if case .unconfirmed = attempt.phase { true } else { false }
            }
    }

    /// The clock was set ahead and the daemon started anew: when it sent what, nobody knows.
    mutating func forgetReleases() {
        releases = []
    }

    mutating func asked(_ key: AttemptKey, runID: String?, origin: String) {
        guard let job = jobs[key.job] else { return report("\(key.job) is asked for, but not known") }
        if job.origin != origin {
            report(
                "\(job.id), \(job.state.word), \(job.attempts.map(\.outcome)), is asked for (\(key.index), \(runID ?? "look")) at another origin"
            )
        }
        guard job.attempts.indices.contains(key.index) else { return report("\(key) is no attempt") }
        if let runID, job.attempts[key.index].runID != runID { report("\(job.id) is asked for as \(runID)") }
    }

    /// Whether the name is free for this file, or holds it already.
    mutating func claim(_ name: String, for file: String) -> Bool {
        if let owner = names[name] { return owner == file }
        names[name] = file
        return true
    }
}
