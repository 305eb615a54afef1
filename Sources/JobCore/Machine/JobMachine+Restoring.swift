extension JobMachine {
    /// Takes up what an earlier run of the daemon left.
    ///
    /// - Parameters:
    ///   - live: Jobs that are not settled, oldest first.
    ///   - finished: The newest settled jobs, newest first.
    ///   - finishedCounts: How many settled jobs there are by state, those included.
    ///   - keys: Every client key that is remembered.
    ///   - sent: When submissions went out lately.
    ///   - drained: Whether submissions are stopped.
    ///   - drainReason: Why the start is drained, for people.
    ///   - now: Now.
    /// - Returns: What has to be done, the durable part first.
    public mutating func restore(
        live: [Job],
        finished: [Job],
        counts finishedCounts: [JobState.Word: Int],
        keys: [ClientKeyRecord],
        sent: [Timestamp],
        drained: Bool,
        drainReason: String?,
        at now: Moment
    ) -> [JobAction] {
        counts = finishedCounts
        // A month of client keys: growing step by step would copy them a dozen times.
        self.keys.reserveCapacity(keys.count)
        self.jobs.reserveCapacity(live.count + finished.count)
        for record in keys {
            self.keys[ClientKey(uid: record.uid, key: record.key)] = record
        }
        for job in finished.reversed() {
            jobs[job.id] = job
            noteSettled(job.id)
            rememberRuns(of: job)
        }
        restoreWindows(sent, at: now)
        scheduler.gate.drained = drained || drainReason != nil
        scheduler.gate.drainReason = drainReason
        for job in live.sorted(by: { $0.id < $1.id }) {
            jobs[job.id] = job
            counts[job.state.word, default: 0] += 1
            rememberRuns(of: job)
        }
        for id in live.map(\.id).sorted() {
            interruptedSubmissions(of: id, at: now)
            takeUp(id, at: now)
        }
        scheduler.timers.set(.purge, at: now.uptime + purgeInterval)
        dispatch(at: now)
        return handle(.wakeUp, at: now)
    }

    /// What is known of earlier requests is when they were about to be sent; the other side counted them later.
    private mutating func restoreWindows(_ sent: [Timestamp], at now: Moment) {
        // A clock that was set back must not free places: what seems to lie ahead was sent just now.
        let ages = sent.map { max(now.wall - $0 - JobPolicy.submissionDelay, .zero) }
        for age in ages.sorted(by: >) where age < .seconds(60) {
            scheduler.submitWindow.record(at: now.uptime - age)
            // Which of them were extensions is not known.
            scheduler.extendWindow.record(at: now.uptime - age)
        }
    }

    /// Goes on with a job where its record stands.
    mutating func takeUp(_ id: JobID, at now: Moment) {
        guard let job = jobs[id] else { return }
        guard job.origin == policy.origin else { return settleOrigin(id, at: now) }
        for index in job.attempts.indices {
            let key = AttemptKey(job: id, index: index)
            switch attempt(key)?.phase {
            case .unconfirmed:
                scheduler.gate.unconfirmedAttempts.insert(key)
                scheduler.timers.set(.look(key), at: now.uptime)
            case .lost:
                // How long ago the last look was is not on disk; one look more does no harm.
                scheduler.timers.set(.look(key), at: now.uptime + .seconds(5))
            case .running:
                follow(key, at: now, urgently: true)
                if job.state.isActive || job.state.word == .held {
                    scheduler.gate.restoredToPoll.insert(key)
                }
            case .delivering:
                // What was refused by the check waits for a person, with the reason that is on disk.
                if case .held(let reason) = job.state, reason.kind == .outputRejected, isCurrent(key) {
                    break
                }
                deliver(key, at: now)
            default: break
            }
        }
        guard let job = jobs[id] else { return }
        switch job.state {
        case .queued:
            scheduler.queue.append(id, of: job.owner.uid, isExtension: job.request.operation == .extend)
        case .held(let reason) where reason.kind == .originChanged:
            if let state = job.currentAttempt.flatMap(stateFollowing) {
                setState(id, state, at: now)
            } else if case .unconfirmed = job.currentAttempt?.phase {
                setState(id, .unconfirmed(reason: "sent before the daemon stopped; looking for it"), at: now)
            } else if case .lost = job.currentAttempt?.phase {
                hold(
                    id,
                    .unconfirmed,
                    "maybe paid: the submission brought no answer. 'videogenctl retry --accept-charge \(id)' submits "
                        + "it again, 'videogenctl cancel --discard \(id)' gives it up.",
                    at: now
                )
            }
        default: break
        }
    }

    /// The daemon died with a request on the wire, or just before: nobody knows whether it was sent.
    private mutating func interruptedSubmissions(of id: JobID, at now: Moment) {
        guard let job = jobs[id] else { return }
        for index in job.attempts.indices where job.attempts[index].phase == .sending {
            let key = AttemptKey(job: id, index: index)
            setPhase(key, .unconfirmed(LookUp(since: now.wall)))
            if isCurrent(key), job.state == .submitting {
                setState(
                    id,
                    .unconfirmed(reason: "the daemon stopped while it was being sent; looking for it"),
                    at: now
                )
            }
        }
    }

    /// How often old jobs are looked for: once an hour, more often only where they are kept for less.
    var purgeInterval: Duration {
        min(.seconds(3600), max(policy.keepFinished, .seconds(1)))
    }

    /// How long the inline media of jobs that ended without a video are kept for a retry (CONTRACT section 2).
    public static let bodiesKeptFor = Duration.seconds(7 * 86_400)

    // MARK: Timers

    mutating func fireTimers(at now: Moment) {
        while let timer = scheduler.timers.popDue(at: now.uptime) {
            switch timer {
            case .poll(let key): pollDue(key, at: now)
            case .look(let key): lookDue(key)
            case .outageLook:
                if scheduler.gate.outage != nil {
                    requestGeneralLook()
                }
            case .deliver(let key):
                deliver(key, at: now)
            case .account:
                if scheduler.gate.credential != nil || scheduler.gate.shortage != nil {
                    checkAccountNow()
                }
            case .output: output.actions.append(.checkOutput)
            case .purge: purge(at: now)
            }
        }
    }

    /// A purge also takes jobs that only the journal has; only the journal can count them.
    mutating func recount(_ finished: [JobState.Word: Int]) {
        for word in [JobState.Word.completed, .failed, .canceled] {
            let unsettled = jobs.values.count { $0.state.word == word && !$0.isSettled }
            counts[word] = finished[word, default: 0] + unsettled
        }
    }

    private mutating func purge(at now: Moment) {
        scheduler.timers.set(.purge, at: now.uptime + purgeInterval)
        guard now.uptime >= purgeNotBefore else { return }
        let limit = Timestamp(milliseconds: now.wall.milliseconds - policy.keepFinished.milliseconds)
        output.durable.append(.purge(before: limit))
        output.actions.append(.recount)
        let bodyLimit = now.wall + (.zero - Self.bodiesKeptFor)
        output.actions.append(.removeBodies(endedBefore: bodyLimit))
        for (id, job) in jobs where job.isSettled {
            guard let finishedAt = job.finishedAt else { continue }
            if case .stored = job.request.body, finishedAt < max(limit, bodyLimit) {
                output.actions.append(.removeBody(id))
            }
            guard finishedAt < limit else { continue }
            forgetRuns(of: id)
            jobs[id] = nil
            finishedMarks[id] = nil
            counts[job.state.word, default: 0] -= 1
            output.removed.append(job)
        }
        let keyLimit = now.wall.milliseconds - max(policy.keepFinished, Self.keysKeptFor).milliseconds
        keys = keys.filter { $0.value.createdAt.milliseconds > keyLimit || jobs[$0.value.job] != nil }
    }
}
