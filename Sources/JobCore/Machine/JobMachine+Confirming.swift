extension JobMachine {
    /// The pauses between the looks for an unconfirmed attempt, as shares of `jobs.confirm_for`.
    private static let confirmShares: [Double] = [1.0 / 30, 4.0 / 30, 10.0 / 30, 15.0 / 30]
    /// Looks for a lost attempt whose pauses (1, 2, 4 … 60 minutes) fill a day of running time.
    private static let looksForADay = 30

    func confirmPause(after absences: Int) -> Duration {
        let share = Self.confirmShares[min(absences, Self.confirmShares.count - 1)]
        return .milliseconds(Int64(policy.confirmFor.seconds * share * 1000))
    }

    mutating func sendLook(_ request: LookRequest) {
        switch request {
        case .all, .list:
            output.actions.append(.look(request, nil))
        case .one(let key):
            guard let attempt = attempt(key), isLookedFor(attempt), isOurs(key) else {
                // Found meanwhile: the place in the window was not used.
                scheduler.lookWindow.cancel()
                return
            }
            output.actions.append(.look(request, attempt.uuid))
        }
    }

    private func isLookedFor(_ attempt: Attempt) -> Bool {
        switch attempt.phase {
        case .unconfirmed, .lost: true
        default: false
        }
    }

    /// An attempt's next look is due: the list of the newest runs first, which serves all.
    mutating func lookDue(_ key: AttemptKey) {
        guard let attempt = attempt(key), isLookedFor(attempt), isOurs(key) else { return }
        dueLooks.insert(key)
        requestGeneralLook()
    }

    mutating func requestGeneralLook() {
        guard !generalLookOpen else { return }
        generalLookOpen = true
        scheduler.addLook(.all)
    }

    mutating func lookEnded(_ request: LookRequest, _ outcome: LookOutcome, at now: Moment) {
        scheduler.lookWindow.end(at: now.uptime)
        if case .list(_, let token) = request {
            if case .runs(let entries) = outcome {
                adoptOurs(among: entries, at: now)
            }
            return answerList(outcome, token)
        }
        if request == .all {
            generalLookOpen = false
        }
        switch outcome {
        case .runs(let entries):
            noteLookAnswered(request)
            providerAnsweredQuestion()
            adoptOurs(among: entries, at: now)
            switch request {
            case .all:
                // Whoever is not among the newest is asked for by name.
                for key in dueLooks.sorted(by: { $0.job < $1.job }) {
                    noteCandidates(for: key, among: entries)
                    guard !tellsAbsence(entries) else {
                        absent(key, at: now)
                        continue
                    }
                    var isLost = false
                    if case .lost = attempt(key)?.phase { isLost = true }
                    scheduler.addLook(.one(key), isPatient: isLost)
                }
                dueLooks = []
                if scheduler.gate.outage?.answered == false {
                    scheduler.timers.set(.outageLook, at: now.uptime + .seconds(60))
                }
            case .one(let key): absent(key, at: now)
            case .list: break
            }
        case .unauthorized(let fault):
            repeatLook(request, after: .zero, at: now)
            credentialRefused(fault, at: now)
        case .rateLimited(_, let retryAfter):
            repeatLook(request, after: max(retryAfter ?? .zero, noteLookFailed(request)), at: now)
        case .unavailable:
            repeatLook(request, after: noteLookFailed(request), at: now)
        }
    }

    private mutating func noteLookAnswered(_ request: LookRequest) {
        switch request {
        case .one: namedLookFailures = 0
        case .all, .list: lookFailures = 0
        }
    }

    /// Counts apart: an answered list of all runs says nothing about whether the list of one works.
    private mutating func noteLookFailed(_ request: LookRequest) -> Duration {
        switch request {
        case .one:
            namedLookFailures += 1
            return Backoff.failedLook.pause(after: namedLookFailures)
        case .all, .list:
            lookFailures += 1
            return Backoff.failedLook.pause(after: lookFailures)
        }
    }

    /// Where asking for one run brings nothing, a list of all that names each and is not full says that a run is not
    /// there.
    private func tellsAbsence(_ entries: [RecentRun]) -> Bool {
        namedLookFailures >= 3 && entries.count < JobPolicy.runsListed
            && entries.allSatisfy { $0.conversationUUID != nil }
    }

    /// A look that brought no list does not count: everything stands as before and it is repeated.
    private mutating func repeatLook(_ request: LookRequest, after pause: Duration, at now: Moment) {
        switch request {
        case .all:
            for key in dueLooks {
                scheduler.timers.set(.look(key), at: now.uptime + pause)
            }
            dueLooks = []
            if scheduler.gate.outage != nil {
                scheduler.timers.set(.outageLook, at: now.uptime + max(pause, .seconds(15)))
            }
        case .one(let key):
            guard isOurs(key) else { return }
            scheduler.timers.set(.look(key), at: now.uptime + pause)
        case .list: break
        }
    }

    private mutating func answerList(_ outcome: LookOutcome, _ token: ReplyToken) {
        let wantsResume = resumesWaiting.remove(token) != nil
        switch outcome {
        case .runs(let entries):
            runsShown = true
            guard !wantsResume else { return setDrained(false, token) }
            let known = Dictionary(
                entries.compactMap { entry in runs[entry.runID].map { (entry.runID, $0.job) } },
                uniquingKeysWith: { first, _ in first }
            )
            reply(token) { _ in .success(.runs(entries, known: known)) }
        case .unauthorized(var fault), .unavailable(var fault), .rateLimited(var fault, _):
            // A question costs nothing, whatever it was about.
            fault.charged = .no
            if wantsResume {
                fault.hint =
                    "before the first submission the provider is asked for runs that this journal does not know; "
                    + "'videogenctl recover' shows them"
            }
            refuse(token, fault)
        }
    }

    /// Adopts every entry that itself carries the UUID of an attempt that is looked for.
    private mutating func adoptOurs(among entries: [RecentRun], at now: Moment) {
        let uuids = Dictionary(
            missingRuns.compactMap { key in attempt(key).map { ($0.uuid, key) } },
            uniquingKeysWith: { first, _ in first }
        )
        for entry in entries {
            guard let uuid = entry.conversationUUID, let key = uuids[uuid], runs[entry.runID] == nil else {
                continue
            }
            dueLooks.remove(key)
            if case .unconfirmed = attempt(key)?.phase {
                // Its answer was lost, nothing else: the provider takes submissions.
                providerAnswered()
            }
            takeRun(key, runID: entry.runID, at: now)
        }
    }

    /// Attempts that may have become runs: those that are looked for, and those that nobody looks for any more, but
    /// that show up all the same.
    private var missingRuns: [AttemptKey] {
        var keys: [AttemptKey] = []
        for (id, job) in jobs {
            for index in job.attempts.indices {
                let attempt = job.attempts[index]
                guard isLookedFor(attempt) || attempt.phase == .abandoned && !attempt.discarded else {
                    continue
                }
                keys.append(AttemptKey(job: id, index: index))
            }
        }
        return keys
    }

    /// Entries without any UUID that might be ours are named to the person who decides, never adopted.
    private mutating func noteCandidates(for key: AttemptKey, among entries: [RecentRun]) {
        guard let attempt = attempt(key), let job = jobs[key.job] else { return }
        let candidates = entries.filter { entry in
            guard entry.conversationUUID == nil, entry.model == job.request.model, runs[entry.runID] == nil
            else {
                return false
            }
            guard let createdAt = entry.createdAt else { return true }
            let distance = createdAt - attempt.intendedAt
            return distance > .seconds(-60) && distance < .seconds(600)
        }.map(\.runID)
        switch attempt.phase {
        case .unconfirmed(var lookUp) where lookUp.candidates != candidates:
            lookUp.candidates = Array(candidates.prefix(5))
            setPhase(key, .unconfirmed(lookUp))
        case .lost(var lookUp) where lookUp.candidates != candidates:
            lookUp.candidates = Array(candidates.prefix(5))
            setPhase(key, .lost(lookUp))
        default: break
        }
    }

    /// An answered list did not show the attempt.
    private mutating func absent(_ key: AttemptKey, at now: Moment) {
        // After a change of the origin the list was another's.
        guard let attempt = attempt(key), isOurs(key) else { return }
        switch attempt.phase {
        case .unconfirmed(var lookUp):
            lookUp.absences += 1
            if lookUp.absences < Self.confirmShares.count {
                setPhase(key, .unconfirmed(lookUp))
                scheduler.timers.set(.look(key), at: now.uptime + confirmPause(after: lookUp.absences))
            } else {
                lost(key, lookUp, at: now)
            }
        case .lost(var lookUp):
            lookUp.absences += 1
            // Restarts and changes of the origin look at once: neither the looks nor the clock alone tell a day.
            let isOver =
                lookUp.absences >= Self.confirmShares.count + Self.looksForADay
                && now.wall - attempt.intendedAt >= .seconds(86_400)
            guard !isOver else {
                setPhase(key, .abandoned)
                dropTracking(key)
                noteSettled(key.job)
                removeLeftOvers(of: key.job)
                return
            }
            // The count of absences is what tells the next pause; it is not worth a write of its own.
            jobs[key.job]?.attempts[key.index].phase = .lost(lookUp)
            scheduleLostLook(key, lookUp, at: now)
        default: break
        }
    }

    mutating func scheduleLostLook(_ key: AttemptKey, _ lookUp: LookUp, at now: Moment) {
        let looks = lookUp.absences - Self.confirmShares.count + 1
        scheduler.timers.set(.look(key), at: now.uptime + Backoff.lostLook.pause(after: looks))
    }

    private mutating func lost(_ key: AttemptKey, _ lookUp: LookUp, at now: Moment) {
        setPhase(key, .lost(lookUp))
        scheduleLostLook(key, lookUp, at: now)
        guard isCurrent(key), let job = jobs[key.job], job.state.word == .unconfirmed else { return }
        var message =
            "maybe paid: the submission brought no answer, and the provider's list did not show it in "
            + "\(lookUp.absences) looks; it is looked for for a day. 'videogenctl retry --accept-charge \(key.job)' "
            + "submits it again at the risk of paying twice, 'videogenctl cancel --discard \(key.job)' gives it up."
        if !lookUp.candidates.isEmpty {
            message +=
                " These runs might be it: \(lookUp.candidates.joined(separator: ", "))"
                + " ('videogenctl recover --adopt RUN' publishes one)."
        }
        hold(key.job, .unconfirmed, message, at: now)
    }
}
