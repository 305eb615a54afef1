/// What the people who run the daemon ask for: forgetting jobs, adopting runs, draining.
extension JobMachine {
    mutating func remove(_ id: JobID, stored: Job?, _ token: ReplyToken) {
        guard let job = jobs[id] ?? stored, job.id == id else {
            return refuse(token, .notFound(id.description))
        }
        guard job.state.isTerminal else {
            return refuse(
                token,
                wrongState(
                    job,
                    "cannot be removed",
                    hint: "completed, failed and canceled jobs can be removed"
                )
            )
        }
        for index in job.attempts.indices {
            let key = AttemptKey(job: id, index: index)
            if jobs[id] != nil, attempt(key)?.isOpen == true {
                setPhase(key, .abandoned)
            }
            dropTracking(key)
            if let runID = job.attempts[index].runID {
                runs[runID] = nil
            }
            output.actions.append(.stopFetch(key))
        }
        jobs[id] = nil
        finishedMarks[id] = nil
        counts[job.state.word, default: 0] -= 1
        output.forgotten.append(id)
        output.removed.append(job)
        output.actions.append(.removeBody(id))
        output.actions.append(.removeStaging(id))
        reply(token) { _ in .success(.job(job, savesMoney: nil)) }
    }

    mutating func adopt(
        _ submission: JobSubmission,
        runID: String,
        createdAt: Timestamp?,
        _ token: ReplyToken,
        at now: Moment
    ) {
        if let known = runs[runID] {
            var fault = JobFault(
                .jobState,
                "run \(runID) belongs to job \(known.job) already",
                field: "run_id",
                hint: "'videogenctl show \(known.job)' shows it"
            )
            fault.jobID = known.job
            return refuse(token, fault)
        }
        var job = Job(submission, createdAt: now.wall)
        var attempt = Attempt(uuid: AttemptUUID(using: &random), intendedAt: createdAt ?? now.wall)
        attempt.runID = runID
        attempt.acceptedAt = createdAt ?? now.wall
        attempt.phase = .running(Run())
        job.attempts = [attempt]
        job.request.operation = .adopted
        job.state = .inQueue
        add(job)
        let key = AttemptKey(job: job.id, index: 0)
        runs[runID] = key
        follow(key, at: now)
        answer(token, with: job.id)
    }

    mutating func listRuns(limit: Int, _ token: ReplyToken) {
        if let fault = scheduler.gate.credential {
            resumesWaiting.remove(token)
            refuse(token, fault)
        } else {
            scheduler.addLook(.list(limit: limit, token))
        }
    }

    /// Stops submissions, or lets them go on.
    ///
    /// A journal that was set aside or put back may not know what is paid: then nothing is submitted before the
    /// provider's list was asked for (CONTRACT 5.7), which adopts what carries the UUID of a known attempt.
    mutating func setDrained(_ drained: Bool, _ token: ReplyToken) {
        if !drained, scheduler.gate.drainReason != nil, !runsShown {
            resumesWaiting.insert(token)
            return listRuns(limit: JobPolicy.runsListed, token)
        }
        scheduler.gate.drained = drained
        if !drained {
            scheduler.gate.drainReason = nil
        }
        output.durable.append(.recordDrained(drained))
        if !drained, scheduler.gate.shortage != nil || scheduler.gate.credential != nil {
            checkAccountNow()
        }
        reply(token) { _ in .success(.done) }
    }
}
