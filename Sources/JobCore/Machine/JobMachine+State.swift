extension JobMachine {
    /// How many jobs take a place at the provider.
    var activeCount: Int {
        counts[.submitting, default: 0] + counts[.unconfirmed, default: 0] + counts[.inQueue, default: 0]
            + counts[.inProgress, default: 0] + counts[.downloading, default: 0]
    }

    /// Puts a job into another state and keeps the books: counts, time of its end, what stays in memory.
    mutating func setState(_ id: JobID, _ state: JobState, at now: Moment) {
        guard let old = jobs[id]?.state, old != state else { return }
        if old.word != state.word {
            freezeNotice(id)
        }
        jobs[id]?.state = state
        if old.word != state.word {
            counts[old.word, default: 0] -= 1
            counts[state.word, default: 0] += 1
        }
        if state.isTerminal {
            jobs[id]?.finishedAt = now.wall
        } else {
            jobs[id]?.finishedAt = nil
            finishedMarks[id] = nil
        }
        if state != .inProgress {
            jobs[id]?.progress = nil
        }
        if state.word == .queued {
            // What the provider said was about an earlier run.
            jobs[id]?.providerStatus = nil
        }
        if state != .inQueue, state != .inProgress {
            jobs[id]?.runNote = nil
        }
        if old.word == .queued, state.word != .queued, let owner = jobs[id]?.owner.uid {
            scheduler.queue.remove(id, of: owner)
        }
        changed(id)
        noteSettled(id)
    }

    /// A job to which nothing will happen any more may leave the memory when newer ones have come.
    func isSettled(_ id: JobID) -> Bool {
        jobs[id]?.isSettled ?? true
    }

    mutating func noteSettled(_ id: JobID) {
        guard let job = jobs[id], job.isSettled else { return }
        nextFinishedMark += 1
        finishedMarks[id] = nextFinishedMark
        finishedOrder.append((id, nextFinishedMark))
    }

    /// Puts an attempt into another phase and keeps the count of those that are looked for.
    mutating func setPhase(_ key: AttemptKey, _ phase: Attempt.Phase) {
        guard let old = attempt(key)?.phase else { return }
        if case .unconfirmed = old {
            scheduler.gate.unconfirmedAttempts.remove(key)
        }
        if case .unconfirmed = phase, isOurs(key) {
            scheduler.gate.unconfirmedAttempts.insert(key)
        }
        jobs[key.job]?.attempts[key.index].phase = phase
        changed(key.job)
    }

    func attempt(_ key: AttemptKey) -> Attempt? {
        guard let job = jobs[key.job], job.attempts.indices.contains(key.index) else { return nil }
        return job.attempts[key.index]
    }

    mutating func updateAttempt(_ key: AttemptKey, _ body: (inout Attempt) -> Void) {
        guard attempt(key) != nil else { return }
        if var attempt = jobs[key.job]?.attempts[key.index] {
            body(&attempt)
            jobs[key.job]?.attempts[key.index] = attempt
        }
        changed(key.job)
    }

    /// Whether the attempt belongs to the provider's origin of now: nothing of another one is asked for there.
    func isOurs(_ key: AttemptKey) -> Bool {
        jobs[key.job]?.origin == policy.origin
    }

    /// Whether the job's state is about this attempt.
    func isCurrent(_ key: AttemptKey) -> Bool {
        jobs[key.job].map { $0.attempts.count - 1 == key.index } ?? false
    }

    /// The state that an attempt with a known run gives its job.
    func stateFollowing(_ attempt: Attempt) -> JobState? {
        switch attempt.phase {
        case .running(let run): run.started ? .inProgress : .inQueue
        case .delivering: .downloading(reason: nil)
        default: nil
        }
    }

    /// A person has to decide; what can go on goes on.
    mutating func hold(_ id: JobID, _ kind: HoldReason.Kind, _ message: String, at now: Moment) {
        setState(id, .held(HoldReason(kind, message)), at: now)
    }

    /// Forgets what is known of an attempt only in memory.
    mutating func dropTracking(_ key: AttemptKey) {
        scheduler.forget(key)
        tracking[key] = nil
        fetchLine.cancel(key)
        deliveryUnblocked(key)
        scheduler.gate.restoredToPoll.remove(key)
    }
}
