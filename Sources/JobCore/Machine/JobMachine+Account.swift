extension JobMachine {
    /// The key is refused: everything but the look whether it works again stops.
    mutating func credentialRefused(_ fault: JobFault, at now: Moment) {
        guard scheduler.gate.credential == nil else { return }
        scheduler.gate.credential = fault
        // A key may be good for the balance and not for this: without growing pauses that would go on for ever.
        let isAgain = credentialRefusedAt.map { now.uptime - $0 < .seconds(900) } ?? false
        credentialRefusals = isAgain ? credentialRefusals + 1 : 1
        credentialRefusedAt = now.uptime
        accountChecks = credentialRefusals - 1
        scheduler.timers.set(.account, at: now.uptime + Backoff.account.pause(after: credentialRefusals))
    }

    mutating func checkAccountNow() {
        guard !accountCheckOpen else { return }
        accountCheckOpen = true
        scheduler.timers.cancel(.account)
        output.actions.append(.checkBalance)
    }

    mutating func balanceEnded(_ outcome: BalanceOutcome, at now: Moment) {
        accountCheckOpen = false
        accountChecks += 1
        switch outcome {
        case .balances(let balances):
            providerAnsweredQuestion()
            scheduler.gate.credential = nil
            if noteBalances(balances) {
                scheduler.gate.shortage = nil
            }
        case .unauthorized(let fault):
            if scheduler.gate.credential == nil {
                scheduler.gate.credential = fault
                accountChecks = 1
            }
        case .unavailable: break
        }
        if scheduler.gate.credential != nil || scheduler.gate.shortage != nil {
            scheduler.timers.set(.account, at: now.uptime + Backoff.account.pause(after: accountChecks))
        }
    }

    /// Remembers what the account holds.
    ///
    /// - Returns: Whether it holds more than it was last known to: what was refused may pass now.
    mutating func noteBalances(_ balances: [Money]) -> Bool {
        let grew = balances.contains { balance in
            knownBalances[balance.currency].map { balance.micros > $0 } ?? false
        }
        for balance in balances {
            knownBalances[balance.currency] = balance.micros
        }
        return grew
    }

    mutating func reconfigure(_ policy: JobPolicy, credential: Bool, at now: Moment) {
        let origin = self.policy.origin
        let keepsAsLong = self.policy.keepFinished == policy.keepFinished
        self.policy = policy
        scheduler.apply(policy)
        if !keepsAsLong {
            scheduler.timers.set(.purge, at: now.uptime + purgeInterval)
        }
        if scheduler.gate.credential != nil || scheduler.gate.shortage != nil || credential {
            accountChecks = 0
            checkAccountNow()
        }
        if origin != policy.origin {
            for id in jobs.keys.sorted() {
                settleOrigin(id, at: now)
            }
        }
    }

    // MARK: Origins (CONTRACT 5.4)

    func originHint(_ job: Job) -> String {
        "set api.base_url to \(job.origin) again, or 'videogenctl cancel --discard \(job.id)' gives it up"
    }

    func originReason(_ job: Job) -> String? {
        guard job.origin != policy.origin else { return nil }
        return
            "accepted for \(job.origin), but api.base_url is \(policy.origin) now; it waits until that is back"
    }

    /// Parks what belongs to another origin, and takes up what belongs to this one.
    mutating func settleOrigin(_ id: JobID, at now: Moment) {
        guard let job = jobs[id], !job.isSettled else { return }
        let ours = job.origin == policy.origin
        switch job.state {
        case .queued:
            setState(id, .queued(reason: originReason(job)), at: now)
            if ours {
                takeUp(id, at: now)
            } else {
                park(job)
                scheduler.queue.remove(id, of: job.owner.uid)
            }
        case .held(let reason) where reason.kind == .originChanged:
            guard ours else { return }
            takeUp(id, at: now)
        default:
            if ours, job.state.isTerminal {
                // Over for its owner, but an attempt of it is still looked for or followed.
                return takeUp(id, at: now)
            }
            guard !ours, job.state != .submitting else { return }
            park(job)
            if !job.state.isTerminal {
                hold(
                    id,
                    .originChanged,
                    "paid or maybe paid at \(job.origin), but api.base_url is \(policy.origin) now: "
                        + originHint(job) + ".",
                    at: now
                )
            }
        }
    }

    /// Nothing more is asked for while the job's origin is not the configured one.
    private mutating func park(_ job: Job) {
        for index in job.attempts.indices {
            let key = AttemptKey(job: job.id, index: index)
            scheduler.forget(key)
            scheduler.gate.unconfirmedAttempts.remove(key)
            scheduler.gate.restoredToPoll.remove(key)
            fetchLine.cancel(key)
            deliveryUnblocked(key)
            dueLooks.remove(key)
        }
    }
}
