extension JobMachine {
    // MARK: Submit

    mutating func submit(_ submission: JobSubmission, _ token: ReplyToken, at now: Moment) {
        if answerKnownKey(submission, token) {
            output.actions.append(.removeBody(submission.id))
            return
        }
        if let fault = admissionFault() {
            refuse(token, fault)
            output.actions.append(.removeBody(submission.id))
            return
        }
        add(Job(submission, createdAt: now.wall))
        scheduler.queue.append(
            submission.id,
            of: submission.owner.uid,
            isExtension: submission.request.operation == .extend
        )
        let id = submission.id
        reply(token) { machine in
            guard let job = machine.jobs[id] else { return .failure(.notFound(id.description)) }
            return .success(.submitted(job, duplicate: false))
        }
    }

    /// Answers with the job that a client key already stands for.
    ///
    /// - Returns: Whether there is one.
    mutating func answerKnownKey(_ submission: JobSubmission, _ token: ReplyToken) -> Bool {
        guard let key = submission.clientKey,
            let known = keys[ClientKey(uid: submission.owner.uid, key: key)]
        else { return false }
        guard known.fingerprint == submission.request.fingerprint else {
            var fault = JobFault(
                .jobKeyConflict,
                "client key '\(known.key)' already stands for job \(known.job) with another request",
                field: "client_key",
                hint: "use a new key for a new request"
            )
            fault.jobID = known.job
            refuse(token, fault)
            return true
        }
        let id = known.job
        reply(token) { machine in
            guard let job = machine.jobs[id] else { return .success(.submittedEarlier(id)) }
            return .success(.submitted(job, duplicate: true))
        }
        return true
    }

    private func admissionFault() -> JobFault? {
        if scheduler.gate.stopping {
            return JobFault(
                .daemonDraining,
                "the daemon is stopping and takes no new jobs",
                retryable: true,
                hint: "repeat the call with the same client_key when it runs again"
            )
        }
        if scheduler.queue.count >= policy.maximumQueued {
            return JobFault(
                .limitsExceeded,
                "\(policy.maximumQueued) jobs wait already (jobs.maximum_queued)",
                retryable: true,
                hint: "wait until some were sent, or raise jobs.maximum_queued"
            )
        }
        return nil
    }

    /// Takes a job into the books.
    mutating func add(_ job: Job) {
        jobs[job.id] = job
        counts[job.state.word, default: 0] += 1
        if let key = job.clientKey {
            keys[ClientKey(uid: job.owner.uid, key: key)] = ClientKeyRecord(
                uid: job.owner.uid,
                key: key,
                job: job.id,
                fingerprint: job.request.fingerprint,
                createdAt: job.createdAt
            )
        }
        changed(job.id, .created)
    }

    // MARK: Cancel

    mutating func cancel(_ id: JobID, discard: Bool, _ token: ReplyToken, at now: Moment) {
        guard let job = jobs[id] else { return refuse(token, .notFound(id.description)) }
        switch job.state {
        case .queued:
            setState(id, .canceled(reason: "by a client, before it was sent"), at: now)
            let maybePaid = job.attempts.contains { $0.isOpen && !$0.discarded }
            if discard {
                discardAttempts(of: id)
            }
            answer(token, with: id, savesMoney: maybePaid ? .unknown : .yes)
        case .submitting, .unconfirmed, .inQueue, .inProgress, .downloading:
            let known = job.currentAttempt?.runID != nil
            if discard {
                discardAttempts(of: id)
                setState(id, .canceled(reason: "discarded by a client"), at: now)
            }
            answer(token, with: id, savesMoney: known ? .no : .unknown)
        case .held:
            guard discard else {
                var fault = JobFault(
                    .jobState,
                    "job \(id) is held and may be paid: it can only be discarded or retried",
                    charged: job.charged,
                    field: "id",
                    hint:
                        "'videogenctl cancel --discard \(id)' gives it up, 'videogenctl retry \(id)' goes on"
                )
                fault.jobID = id
                return refuse(token, fault)
            }
            discardAttempts(of: id)
            setState(id, .canceled(reason: "discarded by a client"), at: now)
            answer(token, with: id, savesMoney: job.currentAttempt?.runID != nil ? .no : .unknown)
        case .canceled:
            if discard {
                discardAttempts(of: id)
            }
            answer(
                token,
                with: id,
                savesMoney: job.charged == .no ? .yes : job.charged == .yes ? .no : .unknown
            )
        case .completed, .failed:
            refuse(token, wrongState(job, "cannot be canceled any more"))
        }
    }

    /// Gives up all open attempts.
    ///
    /// One whose fate is unknown is still looked for, so that a later retry knows it.
    private mutating func discardAttempts(of id: JobID) {
        guard let job = jobs[id] else { return }
        for (index, attempt) in job.attempts.enumerated() where attempt.isOpen {
            let key = AttemptKey(job: id, index: index)
            updateAttempt(key) { $0.discarded = true }
            switch attempt.phase {
            case .running, .delivering:
                setPhase(key, .discarded)
                dropTracking(key)
                output.actions.append(.stopFetch(key))
            default: break
            }
        }
        if !hasFilesInHand(id) {
            output.actions.append(.removeStaging(id))
        }
        noteSettled(id)
    }

    func wrongState(_ job: Job, _ what: String, hint: String? = nil) -> JobFault {
        var fault = JobFault(
            .jobState,
            "job \(job.id) is \(job.state.word.rawValue) and \(what)",
            charged: job.charged,
            field: "id",
            hint: hint
        )
        fault.jobID = job.id
        return fault
    }

    // MARK: Retry

    mutating func retry(_ id: JobID, acceptCharge: Bool, stored: Job?, _ token: ReplyToken, at now: Moment) {
        guard let job = jobs[id] ?? stored, job.id == id else {
            return refuse(token, .notFound(id.description))
        }
        let key = AttemptKey(job: id, index: job.attempts.count - 1)
        let phase = job.currentAttempt?.phase
        switch job.state {
        case .failed, .canceled, .held: break
        default:
            return refuse(
                token,
                wrongState(job, "cannot be retried", hint: "failed, canceled and held jobs can be")
            )
        }
        let isPaid = job.currentAttempt?.charged == .yes && job.currentAttempt?.phase != .failed
        if job.origin != policy.origin, isPaid || job.state.word == .held {
            return refuse(token, wrongState(job, "belongs to \(job.origin)", hint: originHint(job)))
        }
        if stored != nil, jobs[id] == nil {
            // Read back from the journal: it takes its place in memory again; its count never left.
            jobs[id] = job
            noteSettled(id)
            rememberRuns(of: job)
        }
        switch phase {
        case .running, .delivering:
            // Paid and known: collected again, never bought again.
            collect(key, at: now)
        case .discarded where job.currentAttempt?.runID != nil:
            guard !activePublications.contains(key) else {
                // It was given up in the middle of a rename: fetched again, it would be published twice.
                return refuse(
                    token,
                    wrongState(
                        job,
                        "is being published all the same",
                        hint: "look at it again in a moment: the file may be there"
                    )
                )
            }
            updateAttempt(key) { $0.discarded = false }
            setPhase(key, .running(Run()))
            collect(key, at: now)
        case .unconfirmed, .lost, .abandoned, .discarded, .sending:
            guard acceptCharge else {
                return refuse(
                    token,
                    wrongState(
                        job,
                        "may already be paid: an earlier submission brought no answer",
                        hint:
                            "'videogenctl retry --accept-charge \(id)' submits it again, at the risk of paying twice"
                    )
                )
            }
            guard requeue(id, token, at: now) else { return }
            // What turns up of the earlier submissions is paid and wanted again (CONTRACT 5.3).
            for index in job.attempts.indices where job.attempts[index].isOpen {
                updateAttempt(AttemptKey(job: id, index: index)) { $0.discarded = false }
            }
        case nil, .refused, .rejected, .failed, .canceled, .published:
            guard job.request.body != JobRequest.nothingToSend else {
                return refuse(
                    token,
                    wrongState(
                        job,
                        "cannot be submitted again: it was adopted, its request is not known here",
                        hint: "submit its request as a new job"
                    )
                )
            }
            guard requeue(id, token, at: now) else { return }
        }
        jobs[id]?.attemptCount += 1
        changed(id)
        answer(token, with: id)
    }

    private mutating func requeue(_ id: JobID, _ token: ReplyToken, at now: Moment) -> Bool {
        if let fault = admissionFault() {
            refuse(token, fault)
            return false
        }
        guard let job = jobs[id] else { return false }
        guard job.request.operation != .adopted else {
            refuse(
                token,
                wrongState(
                    job,
                    "was adopted: the request that made its run is not known",
                    hint: "submit a new job to try again"
                )
            )
            return false
        }
        setState(id, .queued(reason: originReason(job)), at: now)
        if job.origin == policy.origin {
            scheduler.queue.append(id, of: job.owner.uid, isExtension: job.request.operation == .extend)
        }
        return true
    }

    /// Goes on with a run that is paid.
    private mutating func collect(_ key: AttemptKey, at now: Moment) {
        guard let attempt = attempt(key) else { return }
        var track = Tracking(followedSince: now.uptime)
        // A fetch that was told to stop may not have ended yet; two must not write one file.
        track.deliveryOpen = activeFetches.contains(key) || activePublications.contains(key)
        tracking[key] = track
        if case .delivering(var delivery) = attempt.phase {
            for index in delivery.items.indices {
                delivery.items[index].rejected = false
            }
            setPhase(key, .delivering(delivery))
            setState(key.job, .downloading(reason: nil), at: now)
            if delivery.items.contains(where: { !$0.published && $0.staged == nil }) {
                // The old URL may have led to the broken file, or may have expired.
                scheduler.addRenewal(key)
            } else {
                deliver(key, at: now)
            }
        } else {
            if case .running(var run) = attempt.phase {
                run.followedMilliseconds = 0
                setPhase(key, .running(run))
            }
            if let state = self.attempt(key).flatMap(stateFollowing) {
                setState(key.job, state, at: now)
            }
            scheduler.addRenewal(key)
        }
    }
}
