@testable import JobCore

extension RandomWorld {
    // MARK: Checks

    mutating func checkBooks() {
        for word in JobState.Word.allCases
        where rules.counts[word, default: 0] != bench.machine.counts[word, default: 0] {
            rules.report(
                "counts[\(word)] is \(bench.machine.counts[word, default: 0]), there are \(rules.counts[word, default: 0])"
            )
        }
        guard events.isMultiple(of: 8) else { return }
        let hasFuture = !wires.isEmpty || bench.machine.nextWakeUp(at: bench.now) != nil
        for (id, job) in rules.jobs where !job.isSettled {
            if bench.machine.jobs[id] != withoutTheVolatile(job, like: bench.machine.jobs[id]) {
                rules.report("\(id) is not in memory as it is on disk")
            }
            checkFuture(job, hasFuture)
        }
    }

    /// The provider's words, followed time and the number of looks for a lost attempt are not written each time.
    private func withoutTheVolatile(_ job: Job, like other: Job?) -> Job {
        var job = job
        job.progress = other?.progress
        job.providerStatus = other?.providerStatus
        job.runNote = other?.runNote
        for (index, attempt) in job.attempts.enumerated() {
            guard let other, other.attempts.indices.contains(index) else { continue }
            switch (attempt.phase, other.attempts[index].phase) {
            case (.lost, .lost): job.attempts[index].phase = other.attempts[index].phase
            default: break
            }
        }
        return job
    }

    /// Every live job waits for something that will come, or says why not.
    private mutating func checkFuture(_ job: Job, _ hasFuture: Bool) {
        guard job.origin == bench.policy.origin else { return }
        if job.state.word == .queued, !bench.machine.scheduler.queue.contains(job.id) {
            rules.report("\(job.id) is queued, but not in the queue")
        }
        let isSending = job.attempts.contains { $0.phase == .sending }
        if isSending,
            !wires.contains(where: {
                if case .post(let post) = $0.wire { post.key.job == job.id } else { false }
            })
        {
            rules.report("\(job.id) is \(job.state.word), but nothing is on the wire")
        }
        if !hasFuture, job.state.word != .held, bench.machine.holdUp(at: bench.now) == nil {
            rules.report("\(job.id) is \(job.state.word) and nothing will happen")
        }
    }

    var isAtRest: Bool {
        wires.isEmpty
            && rules.jobs.values.allSatisfy { job in
                job.isSettled || job.origin != bench.policy.origin
                    || job.state.word == .held && job.attempts.allSatisfy { isParked($0) }
            }
    }

    private func isParked(_ attempt: Attempt) -> Bool {
        if case .delivering(let delivery) = attempt.phase {
            return delivery.items.contains(where: \.rejected)
        }
        return !attempt.isOpen
    }

    /// With everything well again nothing is left half done.
    mutating func checkEnd() {
        guard rules.problems.isEmpty else { return }
        for (id, job) in rules.jobs.sorted(by: { $0.key < $1.key }) {
            if !job.isSettled, job.state.word != .held {
                rules.report(
                    "\(id) is stuck in \(job.state), attempts \(job.attempts.map(\.outcome)); \(bench.machine.holdUp(at: bench.now) ?? "-")"
                )
            }
            for (index, attempt) in job.attempts.enumerated() {
                let run = provider.byUUID[attempt.uuid]
                if attempt.isOpen, !isParked(attempt) {
                    rules.report("\(id) has an open attempt \(index): \(attempt.outcome), run \(run ?? -1)")
                }
                if run != nil, !attempt.discarded, attempt.charged == .no || attempt.runID == nil {
                    rules.report("\(id) lost its run of attempt \(index), which is \(attempt.outcome)")
                }
                if attempt.phase == .published, attempt.outputs.isEmpty {
                    rules.report("\(id) is published without a file")
                }
            }
        }
        var charges: [JobID: Int] = [:]
        for uuid in provider.byUUID.keys {
            if let job = posted[uuid] { charges[job, default: 0] += 1 }
        }
        for (id, count) in charges where count > rules.wishes[id, default: 0] {
            rules.report("\(id) was charged \(count) times for \(rules.wishes[id, default: 0]) wishes")
        }
    }
}
