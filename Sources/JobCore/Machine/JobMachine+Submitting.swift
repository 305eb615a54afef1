extension JobMachine {
    // MARK: Sending what is due

    /// Sends everything that may go out now.
    mutating func dispatch(at now: Moment) {
        // Links expire, and the answer to a question does not.
        startFetches(at: now)
        while let choice = scheduler.choose(
            at: now.uptime,
            active: activeCount,
            maximumActive: policy.maximumActive
        ) {
            switch choice {
            case .look(let request): sendLook(request)
            case .poll(let key): sendPoll(key)
            case .submit(let id): sendSubmission(id, at: now)
            }
        }
    }

    /// Records the intent; the request leaves when that is on disk.
    private mutating func sendSubmission(_ id: JobID, at now: Moment) {
        guard let job = jobs[id], job.state.word == .queued, job.origin == policy.origin else {
            scheduler.submitWindow.end(at: now.uptime)
            scheduler.gate.submissionsOpen -= 1
            return
        }
        freezeNotice(id)
        let attempt = Attempt(uuid: AttemptUUID(using: &random), intendedAt: now.wall)
        if let last = job.attempts.last, last.phase == .refused {
            // A definite refusal took nothing; only its place in the window matters, and that is kept apart.
            jobs[id]?.attempts.removeLast()
        }
        jobs[id]?.attempts.append(attempt)
        let key = AttemptKey(job: id, index: (jobs[id]?.attempts.count ?? 1) - 1)
        setState(id, .submitting, at: now)
        output.durable.append(.recordSent(now.wall))
        output.actions.append(.submit(key, attempt.uuid, job.request))
    }

    // MARK: What became of it

    mutating func submissionEnded(_ key: AttemptKey, _ outcome: SubmissionOutcome, at now: Moment) {
        scheduler.submitWindow.end(at: now.uptime)
        scheduler.gate.submissionsOpen = max(0, scheduler.gate.submissionsOpen - 1)
        // A job can be removed while its discarded submission is on the wire.
        guard let attempt = attempt(key), attempt.phase == .sending else { return }
        switch outcome {
        case .accepted(let run): accepted(key, run, at: now)
        case .refused(let refusal): refused(key, refusal, at: now)
        case .rejected(let fault):
            providerAnswered()
            rejected(key, fault, at: now)
        case .notSent(let fault):
            scheduler.gate.outage?.probing = false
            rejected(key, fault, at: now)
        case .unknown(let fault): unknown(key, fault, at: now)
        }
        // The origin may have changed while the request was on the wire (CONTRACT 5.4).
        if let job = jobs[key.job], job.origin != policy.origin {
            settleOrigin(key.job, at: now)
        }
    }

    /// The provider has answered a submission: whatever held up submissions for want of answers is over.
    mutating func providerAnswered() {
        scheduler.gate.outage = nil
        scheduler.gate.unconfirmedInRow = 0
        scheduler.gate.unreachable = nil
        scheduler.gate.unreachableInRow = 0
        scheduler.timers.cancel(.outageLook)
    }

    private mutating func accepted(_ key: AttemptKey, _ run: AcceptedRun, at now: Moment) {
        providerAnswered()
        // A submission that was on the wire before a 429 says nothing about the wait that it asked for.
        if scheduler.gate.rateLimit.map({ $0.until <= now.uptime }) ?? true {
            scheduler.gate.rateLimit = nil
            scheduler.gate.rateLimitsInRow = 0
        }
        updateAttempt(key) { attempt in
            attempt.cost = run.cost
            attempt.currency = run.currency
            attempt.requestID = run.requestID
        }
        if let balance = run.remainingBalance, noteBalances([balance]) {
            // Money came while this one was on the wire; the next look would find nothing new.
            scheduler.gate.shortage = nil
        }
        takeRun(key, runID: run.runID, at: now)
    }

    /// An attempt turns out to be a run of the provider's: by its answer, or found in the list.
    mutating func takeRun(_ key: AttemptKey, runID: String, at now: Moment) {
        if jobs[key.job]?.state.word == .queued {
            // A refused try in between took nothing: the run that is there after all is the current one again.
            while let last = jobs[key.job]?.attempts.last, last.phase == .refused, !isCurrent(key) {
                jobs[key.job]?.attempts.removeLast()
            }
        }
        guard let attempt = attempt(key) else { return }
        runs[runID] = key
        finishedMarks[key.job] = nil
        scheduler.timers.cancel(.look(key))
        updateAttempt(key) { attempt in
            attempt.runID = runID
            attempt.acceptedAt = now.wall
        }
        guard !attempt.discarded else {
            setPhase(key, .discarded)
            noteSettled(key.job)
            return removeLeftOvers(of: key.job)
        }
        setPhase(key, .running(Run()))
        if isCurrent(key) {
            setState(key.job, .inQueue, at: now)
        }
        guard isOurs(key) else { return settleOrigin(key.job, at: now) }
        follow(key, at: now)
    }

    private mutating func refused(_ key: AttemptKey, _ refusal: SubmissionRefusal, at now: Moment) {
        setPhase(key, .refused)
        removeLeftOversOfOthers(than: key)
        var reason = refusal.fault.message
        var behind = false
        switch refusal {
        case .unreachable(let fault):
            scheduler.gate.unreachableInRow += 1
            scheduler.gate.outage?.probing = false
            let pause = Backoff.unreachable.pause(after: scheduler.gate.unreachableInRow)
            scheduler.gate.unreachable = .init(
                until: now.uptime + pause,
                untilWall: now.wall + pause,
                fault: fault
            )
        case .unauthorized(let fault):
            providerAnswered()
            credentialRefused(fault, at: now)
        case .balance(let fault):
            providerAnswered()
            if scheduler.gate.shortage == nil {
                scheduler.gate.shortage = .init(fault: fault)
                accountChecks = 0
                checkAccountNow()
            }
            behind = true
        case .output(let fault):
            scheduler.gate.outage?.probing = false
            outputRefused(fault, at: now)
        case .rateLimited(let fault, let retryAfter):
            providerAnswered()
            scheduler.gate.rateLimitsInRow += 1
            // "At once" is no wait: whoever means it and refuses again would be asked without a pause.
            let asked = retryAfter.flatMap { $0 < .seconds(1) ? nil : $0 }
            let pause = asked ?? Backoff.rateLimit.pause(after: scheduler.gate.rateLimitsInRow)
            let until = max(now.uptime + pause, scheduler.gate.rateLimit?.until ?? .zero)
            scheduler.gate.rateLimit = .init(
                until: until,
                untilWall: now.wall + (until - now.uptime),
                fault: fault
            )
            reason += " (waits until \((now.wall + (until - now.uptime)).rfc3339))"
        }
        // A late refusal of an earlier attempt says nothing about the one that is on the wire now.
        guard isCurrent(key), let job = jobs[key.job], job.state == .submitting else {
            // Discarded meanwhile.
            noteSettled(key.job)
            return
        }
        setState(key.job, .queued(reason: reason), at: now)
        let isExtension = job.request.operation == .extend
        if behind {
            scheduler.queue.append(key.job, of: job.owner.uid, isExtension: isExtension)
        } else {
            scheduler.queue.prepend(key.job, of: job.owner.uid, isExtension: isExtension)
        }
    }

    private mutating func rejected(_ key: AttemptKey, _ fault: JobFault, at now: Moment) {
        setPhase(key, .rejected)
        removeLeftOversOfOthers(than: key)
        guard isCurrent(key), jobs[key.job]?.state == .submitting else { return noteSettled(key.job) }
        setState(key.job, .failed(fault), at: now)
    }

    private mutating func unknown(_ key: AttemptKey, _ fault: JobFault, at now: Moment) {
        setPhase(key, .unconfirmed(LookUp(since: now.wall)))
        scheduler.timers.set(.look(key), at: now.uptime + confirmPause(after: 0))
        if isCurrent(key), jobs[key.job]?.state == .submitting {
            setState(
                key.job,
                .unconfirmed(reason: "no usable answer to the submission (\(fault.message)); looking for it"),
                at: now
            )
        }
        scheduler.gate.unconfirmedInRow += 1
        if scheduler.gate.outage != nil {
            // Those that were on the wire when the outage began tell nothing new.
            guard scheduler.gate.outage?.probing == true else { return }
            beginOutage(after: scheduler.gate.outage?.failures ?? 0, fault, at: now)
        } else if scheduler.gate.unconfirmedInRow >= 2 {
            beginOutage(after: 0, fault, at: now)
        }
    }

    private mutating func beginOutage(after failures: Int, _ fault: JobFault, at now: Moment) {
        let pause = Backoff.outage.pause(after: failures + 1)
        scheduler.gate.outage = .init(
            failures: failures + 1,
            notBefore: now.uptime + pause,
            message: fault.message
        )
        scheduler.timers.set(.outageLook, at: now.uptime + pause)
    }

    /// The provider has answered a question: after the pause, a single submission may try.
    mutating func providerAnsweredQuestion() {
        scheduler.gate.outage?.answered = true
        scheduler.timers.cancel(.outageLook)
    }
}
