extension JobMachine {
    private static let overdueInterval = Duration.seconds(3600)
    /// A run that the provider does not know may only not be visible yet; after this it needs a person.
    private static let missingFor = Duration.seconds(300)
    private static let missingAnswers = 10
    private static let withoutLink = "done at the provider, no link to the video yet"

    /// Starts to ask for a run.
    mutating func follow(_ key: AttemptKey, at now: Moment, urgently: Bool = false) {
        guard let job = jobs[key.job], job.origin == policy.origin,
            case .running(let run) = attempt(key)?.phase
        else { return }
        var track = Tracking(followedSince: now.uptime)
        let expected = scheduler.durations.expected(job.request.model)
        track.expectedEnd = now.uptime + expected - .milliseconds(run.followedMilliseconds)
        tracking[key] = track
        if urgently {
            scheduler.addPoll(key, expectedEnd: track.expectedEnd, due: now.uptime)
        } else {
            scheduler.timers.set(.poll(key), at: Self.pollTime(now.uptime + policy.pollingMinimum))
        }
    }

    mutating func pollDue(_ key: AttemptKey, at now: Moment) {
        guard let attempt = attempt(key) else { return }
        switch attempt.phase {
        case .running:
            scheduler.addPoll(key, expectedEnd: tracking[key]?.expectedEnd ?? .zero, due: now.uptime)
        case .delivering: scheduler.addRenewal(key)
        default: break
        }
    }

    mutating func sendPoll(_ key: AttemptKey) {
        guard let job = jobs[key.job], isOurs(key), let attempt = attempt(key), let runID = attempt.runID,
            tracking[key]?.pollOpen != true
        else { return }
        switch attempt.phase {
        case .running, .delivering: break
        default: return
        }
        tracking[key, default: Tracking()].pollOpen = true
        output.actions.append(.poll(key, runID: runID, model: job.request.model))
    }

    mutating func pollEnded(_ key: AttemptKey, _ outcome: StatusOutcome, at now: Moment) {
        tracking[key]?.pollOpen = false
        if case .report = outcome {
            providerAnsweredQuestion()
        } else if case .missing = outcome {
            providerAnsweredQuestion()
        }
        // The run may have been discarded, its job removed, or the origin changed while the question was on its way.
        guard let attempt = attempt(key), jobs[key.job]?.origin == policy.origin else { return }
        switch attempt.phase {
        case .running, .delivering: break
        default: return
        }
        switch outcome {
        case .report(let report):
            tracking[key]?.pollFailures = 0
            tracking[key]?.missing = 0
            tracking[key]?.missingSince = nil
            reported(key, report, at: now)
        case .missing(let fault): missing(key, fault, at: now)
        case .unauthorized(let fault):
            scheduler.timers.set(.poll(key), at: now.uptime)
            credentialRefused(fault, at: now)
        case .rateLimited(_, let retryAfter):
            tracking[key]?.pollFailures += 1
            let pause = Backoff.poll.pause(after: tracking[key]?.pollFailures ?? 1)
            scheduler.timers.set(.poll(key), at: now.uptime + max(retryAfter ?? .zero, pause))
        case .unavailable:
            tracking[key]?.pollFailures += 1
            let pause = Backoff.poll.pause(after: tracking[key]?.pollFailures ?? 1)
            scheduler.timers.set(.poll(key), at: now.uptime + min(pause, policy.pollingMaximum))
            giveUpIfOverdue(key, at: now)
        }
    }

    private mutating func reported(_ key: AttemptKey, _ report: RunReport, at now: Moment) {
        if isCurrent(key), jobs[key.job]?.providerStatus != report.word {
            jobs[key.job]?.providerStatus = report.word
            tracking[key]?.hasNews = true
        }
        switch report.status {
        case .queued, .unknown: stillRunning(key, report, started: false, at: now)
        case .running: stillRunning(key, report, started: true, at: now)
        case .done(let urls): done(key, urls, report, at: now)
        case .failed(let fault): ended(key, .failed, .failed(fault), report, at: now)
        case .canceled: ended(key, .canceled, .canceled(reason: "by the provider"), report, at: now)
        }
        announceNews(key, at: now)
    }

    /// Shows the provider's words and progress, which are not journaled, at most once a second; what comes earlier
    /// shows with a later answer.
    private mutating func announceNews(_ key: AttemptKey, at now: Moment) {
        guard tracking[key]?.hasNews == true else { return }
        // What is announced of the job anyway, because its record has changed, tells of them too.
        if output.notices[key.job] == nil {
            if let last = tracking[key]?.progressAnnounced, now.uptime - last < .seconds(1) { return }
            tracking[key]?.progressAnnounced = now.uptime
            announce(key.job, .progress)
        }
        tracking[key]?.hasNews = false
    }

    private mutating func stillRunning(_ key: AttemptKey, _ report: RunReport, started: Bool, at now: Moment)
    {
        if case .delivering = attempt(key)?.phase {
            // It was done and shows as running again: no new link yet.
            tracking[key]?.withoutURL += 1
            let pause = Backoff.poll.pause(after: tracking[key]?.withoutURL ?? 1)
            return scheduler.timers.set(.poll(key), at: now.uptime + pause)
        }
        if case .running(var run) = attempt(key)?.phase {
            if started, !run.started {
                run.started = true
                setPhase(key, .running(run))
                if isCurrent(key), jobs[key.job]?.state == .inQueue {
                    setState(key.job, .inProgress, at: now)
                }
            }
            noteProgress(key, report)
            note(key, nil)
        }
        scheduleNextPoll(key, at: now)
        giveUpIfOverdue(key, at: now)
    }

    private mutating func noteProgress(_ key: AttemptKey, _ report: RunReport) {
        guard isCurrent(key), let job = jobs[key.job], let progress = report.progress,
            job.progress != progress
        else { return }
        if case .held = job.state { return }
        jobs[key.job]?.progress = progress
        tracking[key]?.hasNews = true
    }

    /// Says why a run is not further; these two states carry no reason of their own.
    private mutating func note(_ key: AttemptKey, _ words: String?) {
        guard isCurrent(key), let job = jobs[key.job], job.runNote != words else { return }
        switch job.state {
        case .inQueue, .inProgress:
            jobs[key.job]?.runNote = words
            tracking[key]?.hasNews = true
        default: break
        }
    }

    private func followed(_ key: AttemptKey, at now: Moment) -> Duration {
        guard case .running(let run) = attempt(key)?.phase else { return .zero }
        let current = tracking[key]?.followedSince.map { now.uptime - $0 } ?? .zero
        return .milliseconds(run.followedMilliseconds) + current
    }

    private mutating func scheduleNextPoll(_ key: AttemptKey, at now: Moment) {
        if case .held = jobs[key.job]?.state, isCurrent(key) {
            scheduler.timers.set(.poll(key), at: now.uptime + Self.overdueInterval)
            return
        }
        let interval = PollingPolicy.interval(
            elapsed: followed(key, at: now),
            shortest: jobs[key.job].flatMap { scheduler.durations.shortest($0.request.model) },
            minimum: policy.pollingMinimum,
            maximum: policy.pollingMaximum,
            using: &random
        )
        scheduler.timers.set(.poll(key), at: Self.pollTime(now.uptime + interval))
    }

    /// Polls wait for the next twentieth of a second: one wake-up serves all that fall due by then.
    private static func pollTime(_ due: Duration) -> Duration {
        let step: Int64 = 50
        return .milliseconds((due.milliseconds + step - 1) / step * step)
    }

    /// No local time-out ends a run: it is parked, and still asked for once an hour.
    private mutating func giveUpIfOverdue(_ key: AttemptKey, at now: Moment) {
        guard isCurrent(key), followed(key, at: now) >= policy.giveUpAfter else { return }
        switch jobs[key.job]?.state {
        case .inQueue, .inProgress:
            hold(
                key.job,
                .overdue,
                "paid, and not finished after \(Int64(policy.giveUpAfter.seconds / 60)) minutes; it is asked for once "
                    + "an hour and published when it comes. 'videogenctl retry \(key.job)' asks more often again, "
                    + "'videogenctl cancel --discard \(key.job)' gives it up.",
                at: now
            )
            scheduler.timers.set(.poll(key), at: now.uptime + Self.overdueInterval)
        default: break
        }
    }

    private mutating func missing(_ key: AttemptKey, _ fault: JobFault, at now: Moment) {
        let since = tracking[key]?.missingSince ?? now.uptime
        tracking[key]?.missingSince = since
        tracking[key]?.missing += 1
        let count = tracking[key]?.missing ?? 1
        var pause = min(Backoff.poll.pause(after: count), max(policy.pollingMaximum, .seconds(1)))
        if count >= Self.missingAnswers, now.uptime - since >= Self.missingFor {
            pause = Self.overdueInterval
            if isCurrent(key), let job = jobs[key.job], job.state.isActive {
                hold(
                    key.job,
                    .runMissing,
                    "paid, but the provider does not know the run any more (\(fault.message)); it is asked for once "
                        + "an hour. 'videogenctl retry \(key.job)' asks again now.",
                    at: now
                )
            }
        }
        scheduler.timers.set(.poll(key), at: now.uptime + pause)
    }

    private mutating func done(_ key: AttemptKey, _ urls: [String], _ report: RunReport, at now: Moment) {
        guard !urls.isEmpty else {
            // Some answers say "done" before they name the file.
            tracking[key]?.withoutURL += 1
            let pause = Backoff.poll.pause(after: tracking[key]?.withoutURL ?? 1)
            scheduler.timers.set(.poll(key), at: now.uptime + pause)
            note(key, Self.withoutLink)
            setWaitReason(key, Self.withoutLink, at: now)
            return giveUpIfOverdue(key, at: now)
        }
        tracking[key]?.withoutURL = 0
        scheduler.timers.cancel(.poll(key))
        let model = jobs[key.job]?.request.model ?? ""
        if case .running = attempt(key)?.phase {
            scheduler.durations.record(model, took: followed(key, at: now))
            updateAttempt(key) { attempt in
                attempt.providerCompletedAt = now.wall
                attempt.phase = .delivering(Delivery(urls: urls, offeredAt: now.wall))
                attempt.settle(report)
            }
            if isCurrent(key) {
                setState(key.job, .downloading(reason: nil), at: now)
            }
        } else if case .delivering(var delivery) = attempt(key)?.phase {
            for (index, url) in urls.enumerated() {
                if index < delivery.items.count {
                    delivery.items[index].url = url
                    delivery.items[index].offeredAt = now.wall
                } else {
                    delivery.items.append(Delivery.Item(url: url, offeredAt: now.wall))
                }
            }
            setPhase(key, .delivering(delivery))
            if isCurrent(key), jobs[key.job]?.state == .downloading(reason: Self.withoutLink) {
                setState(key.job, .downloading(reason: nil), at: now)
            }
        }
        deliver(key, at: now)
    }

    /// The provider says that the run is over without a video.
    private mutating func ended(
        _ key: AttemptKey,
        _ phase: Attempt.Phase,
        _ state: JobState,
        _ report: RunReport,
        at now: Moment
    ) {
        if case .delivering = attempt(key)?.phase {
            // It was done before, and its files may still be there; after a while a person sees the contradiction.
            tracking[key, default: Tracking()].missing += 1
            guard tracking[key]?.missing ?? 0 >= Self.missingAnswers else {
                scheduler.timers.set(.deliver(key), at: now.uptime + .seconds(60))
                return
            }
            scheduler.timers.set(.poll(key), at: now.uptime + Self.overdueInterval)
            if isCurrent(key) {
                hold(
                    key.job,
                    .runMissing,
                    "paid and done, but before its video was fetched the provider called it failed; it is asked for "
                        + "once an hour. 'videogenctl retry \(key.job)' asks again now.",
                    at: now
                )
            }
            return
        }
        updateAttempt(key) { attempt in
            attempt.phase = phase
            attempt.refundExpected = attempt.cost != nil || report.cost != nil
            attempt.settle(report)
        }
        dropTracking(key)
        checkAccountNow()
        removeLeftOversOfOthers(than: key)
        guard isCurrent(key) else { return noteSettled(key.job) }
        setState(key.job, state, at: now)
    }
}
