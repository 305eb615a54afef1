extension JobMachine {
    /// Starts or goes on with fetching and publishing a finished run's videos.
    mutating func deliver(_ key: AttemptKey, at now: Moment) {
        guard case .delivering(let delivery) = attempt(key)?.phase, let job = jobs[key.job],
            tracking[key]?.deliveryOpen != true
        else { return }
        if tracking[key] == nil {
            tracking[key] = Tracking()
        }
        guard let index = delivery.items.firstIndex(where: { !$0.published && !$0.rejected }) else {
            return finish(key, delivery, at: now)
        }
        let item = delivery.items[index]
        if let staged = item.staged, let name = item.name {
            tracking[key]?.deliveryOpen = true
            activePublications.insert(key)
            output.actions.append(.publish(key, item: index, staged, name: name, job))
        } else if !fetchLine.contains(key) {
            let offered = item.offeredAt ?? attempt(key)?.providerCompletedAt ?? job.createdAt
            fetchLine.set(key, at: .milliseconds(offered.milliseconds))
        }
    }

    /// Fills the places for downloads, the oldest link first: it expires soonest.
    mutating func startFetches(at now: Moment) {
        guard !scheduler.gate.stopping else { return }
        while activeFetches.count < JobPolicy.downloadsAtOnce, let first = fetchLine.earliest(),
            let key = fetchLine.popDue(at: first)
        {
            guard case .delivering(let delivery) = attempt(key)?.phase, tracking[key]?.deliveryOpen != true,
                let index = delivery.items.firstIndex(where: {
                    !$0.published && !$0.rejected && $0.staged == nil
                })
            else { continue }
            tracking[key, default: Tracking()].deliveryOpen = true
            activeFetches.insert(key)
            output.actions.append(.fetch(key, item: index, url: delivery.items[index].url))
        }
    }

    mutating func fetchEnded(_ key: AttemptKey, item: Int, _ outcome: FetchOutcome, at now: Moment) {
        let wasOpen = activeFetches.remove(key) != nil
        tracking[key]?.deliveryOpen = false
        guard case .delivering(var delivery) = attempt(key)?.phase, delivery.items.indices.contains(item)
        else {
            return wasOpen ? removeLeftOvers(of: key.job) : ()
        }
        switch outcome {
        case .outputUnavailable, .stopped: break
        default: deliveryUnblocked(key, others: true, at: now)
        }
        switch outcome {
        case .staged(let video):
            tracking[key]?.fetchFailures = 0
            tracking[key]?.expiries = 0
            delivery.items[item].staged = video
            delivery.items[item].name = chooseName(key, item: item, delivery)
            setPhase(key, .delivering(delivery))
            clearWaitReason(key, at: now)
            deliver(key, at: now)
        case .interrupted(let fault):
            tracking[key]?.fetchFailures += 1
            let failures = tracking[key]?.fetchFailures ?? 1
            let pause = Backoff.fetch.pause(after: failures)
            if failures.isMultiple(of: 4) {
                // Perhaps it is the URL: ask for a new one.
                scheduler.timers.set(.poll(key), at: now.uptime + pause)
            } else {
                scheduler.timers.set(.deliver(key), at: now.uptime + pause)
            }
            if failures >= 3 {
                setWaitReason(key, "the download breaks off: \(fault.message)", at: now)
            }
        case .expired:
            tracking[key]?.expiries += 1
            let expiries = tracking[key]?.expiries ?? 1
            if expiries == 1 {
                scheduler.addRenewal(key)
            } else {
                scheduler.timers.set(.poll(key), at: now.uptime + Backoff.fetch.pause(after: expiries - 1))
            }
        case .rejected(let fault):
            delivery.items[item].rejected = true
            setPhase(key, .delivering(delivery))
            rejectedReasons[key] = fault.message
            deliver(key, at: now)
        case .outputUnavailable(let fault): deliveryBlocked(key, fault, at: now)
        case .stopped:
            // Given up and taken up again meanwhile, or the daemon is stopping.
            scheduler.timers.set(.deliver(key), at: now.uptime + .seconds(1))
        }
    }

    mutating func publishEnded(_ key: AttemptKey, item: Int, _ outcome: PublishOutcome, at now: Moment) {
        let wasOpen = activePublications.remove(key) != nil
        tracking[key]?.deliveryOpen = false
        guard let attempt = attempt(key) else { return wasOpen ? removeLeftOvers(of: key.job) : () }
        guard case .delivering(var delivery) = attempt.phase, delivery.items.indices.contains(item) else {
            // Discarded while the rename was under way: the file is there, so the job says so.
            if case .published(let file) = outcome, attempt.phase == .discarded {
                updateAttempt(key) { $0.outputs.append(file) }
            }
            return wasOpen ? removeLeftOvers(of: key.job) : ()
        }
        if case .outputUnavailable = outcome {
        } else {
            deliveryUnblocked(key, others: true, at: now)
        }
        switch outcome {
        case .published(let file):
            delivery.items[item].published = true
            updateAttempt(key) { attempt in
                attempt.outputs.append(file)
                attempt.phase = .delivering(delivery)
            }
            deliver(key, at: now)
        case .nameTaken:
            delivery.items[item].nameAttempts += 1
            delivery.items[item].name = chooseName(key, item: item, delivery)
            setPhase(key, .delivering(delivery))
            deliver(key, at: now)
        case .stagedFileMissing:
            delivery.items[item].staged = nil
            delivery.items[item].name = nil
            setPhase(key, .delivering(delivery))
            scheduler.addRenewal(key)
        case .outputUnavailable(let fault): deliveryBlocked(key, fault, at: now)
        }
    }

    /// The last open attempt of a job has ended: what the job left in the staging directory goes too.
    mutating func removeLeftOvers(of id: JobID) {
        if jobs[id]?.attempts.contains(where: \.isOpen) != true, !hasFilesInHand(id) {
            output.actions.append(.removeStaging(id))
        }
    }

    /// Whether a download or a publication of the job is under way.
    ///
    /// Nothing is removed beside it: a video that is gone before its rename would leave its receipt alone. What ends
    /// removes what is left.
    func hasFilesInHand(_ id: JobID) -> Bool {
        activeFetches.contains { $0.job == id } || activePublications.contains { $0.job == id }
    }

    /// An attempt that fetched nothing has ended: a download of another one may have ended while it was open.
    mutating func removeLeftOversOfOthers(than key: AttemptKey) {
        if jobs[key.job]?.attempts.count ?? 0 > 1 {
            removeLeftOvers(of: key.job)
        }
    }

    /// The name goes to disk before the first rename; one that turns out taken gets a number.
    private func chooseName(_ key: AttemptKey, item: Int, _ delivery: Delivery) -> String? {
        guard let job = jobs[key.job] else { return nil }
        var suffix = ""
        if !isCurrent(key) {
            suffix += "-a\(key.index + 1)"
        }
        if delivery.items.count > 1 {
            suffix += "-\(item + 1)"
        }
        if delivery.items[item].nameAttempts > 0 {
            suffix += "-\(delivery.items[item].nameAttempts + 1)"
        }
        return FileNameTemplate(unchecked: job.fileName).name(of: job, suffix: suffix)
    }

    /// Everything that can be published is.
    private mutating func finish(_ key: AttemptKey, _ delivery: Delivery, at now: Moment) {
        if delivery.items.contains(where: \.rejected) {
            let why = rejectedReasons[key] ?? "it is no video"
            if isCurrent(key) {
                hold(
                    key.job,
                    .outputRejected,
                    "paid, but what was downloaded was refused: \(why). 'videogenctl retry \(key.job)' fetches it "
                        + "again without a new charge, 'videogenctl cancel --discard \(key.job)' gives it up.",
                    at: now
                )
            } else {
                refetchOrFail(key, delivery, at: now)
            }
            return
        }
        // The phase without the delivery forgets the signed URLs.
        setPhase(key, .published)
        dropTracking(key)
        if isCurrent(key) {
            setState(key.job, .completed, at: now)
            output.actions.append(.removeBody(key.job))
        } else {
            noteSettled(key.job)
        }
        removeLeftOvers(of: key.job)
    }

    /// The job has another attempt, so that nobody decides about this one: a paid video is fetched again for hours
    /// before its log says that it brought nothing.
    private mutating func refetchOrFail(_ key: AttemptKey, _ delivery: Delivery, at now: Moment) {
        tracking[key]?.rejections += 1
        let rejections = tracking[key]?.rejections ?? 1
        guard rejections >= 8 else {
            var delivery = delivery
            for index in delivery.items.indices {
                delivery.items[index].rejected = false
            }
            setPhase(key, .delivering(delivery))
            return scheduler.timers.set(
                .poll(key),
                at: now.uptime + Backoff.lostLook.pause(after: rejections)
            )
        }
        setPhase(key, .failed)
        dropTracking(key)
        noteSettled(key.job)
        removeLeftOvers(of: key.job)
    }

    // MARK: Waiting for the output directory

    /// The disk did not take a video: a look tells whether the directory shows why.
    ///
    /// If it seems well (a quota, say), nothing new is paid until a delivery succeeds.
    private mutating func deliveryBlocked(_ key: AttemptKey, _ fault: JobFault, at now: Moment) {
        setWaitReason(key, fault.message, at: now)
        tracking[key]?.fetchFailures += 1
        let pause = Backoff.output.pause(after: tracking[key]?.fetchFailures ?? 1)
        scheduler.timers.set(.deliver(key), at: now.uptime + pause)
        guard scheduler.gate.output == nil else { return }
        blockedDeliveries.insert(key)
        scheduler.gate.delivery = fault
        output.actions.append(.checkOutput)
    }

    /// The attempt is not blocked by the disk any more; with `others`, the disk took something and they try again.
    mutating func deliveryUnblocked(_ key: AttemptKey, others: Bool = false, at now: Moment? = nil) {
        guard !blockedDeliveries.isEmpty else { return }
        blockedDeliveries.remove(key)
        if others, let now {
            let waiting = blockedDeliveries.sorted { ($0.job, $0.index) < ($1.job, $1.index) }
            blockedDeliveries = []
            for other in waiting {
                retryDelivery(other, at: now)
            }
        }
        if blockedDeliveries.isEmpty {
            scheduler.gate.delivery = nil
        }
    }

    private mutating func retryDelivery(_ key: AttemptKey, at now: Moment) {
        scheduler.timers.cancel(.deliver(key))
        tracking[key]?.fetchFailures = 0
        clearWaitReason(key, at: now)
        deliver(key, at: now)
    }

    mutating func setWaitReason(_ key: AttemptKey, _ reason: String, at now: Moment) {
        guard isCurrent(key), case .downloading(let old) = jobs[key.job]?.state, old != reason else { return }
        setState(key.job, .downloading(reason: reason), at: now)
    }

    private mutating func clearWaitReason(_ key: AttemptKey, at now: Moment) {
        guard isCurrent(key), case .downloading(.some) = jobs[key.job]?.state else { return }
        setState(key.job, .downloading(reason: nil), at: now)
    }

    /// The output directory takes nothing: submissions pause, and somebody looks when it is better.
    mutating func outputRefused(_ fault: JobFault, at now: Moment) {
        scheduler.gate.output = scheduler.gate.output ?? fault
        guard !scheduler.timers.contains(.output) else { return }
        outputChecks += 1
        scheduler.timers.set(.output, at: now.uptime + Backoff.output.pause(after: outputChecks))
    }

    mutating func outputChanged(_ fault: JobFault?, at now: Moment) {
        let wasUsable = scheduler.gate.output == nil
        scheduler.gate.output = fault
        if let fault {
            // It shows what is wrong, and will show when it is well again.
            blockedDeliveries = []
            scheduler.gate.delivery = nil
            return outputRefused(fault, at: now)
        }
        outputChecks = 0
        scheduler.timers.cancel(.output)
        guard !wasUsable else { return }
        blockedDeliveries = []
        scheduler.gate.delivery = nil
        for (id, job) in jobs where !job.isSettled {
            for index in job.attempts.indices {
                let key = AttemptKey(job: id, index: index)
                guard case .delivering = job.attempts[index].phase, isOurs(key) else { continue }
                retryDelivery(key, at: now)
            }
        }
    }
}
