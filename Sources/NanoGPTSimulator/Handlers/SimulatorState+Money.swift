extension SimulatorState {
    /// Takes money for a run.
    ///
    /// - Returns: The position of the charge in the ledger.
    mutating func charge(
        _ amountMicros: Int64,
        _ currency: Currency,
        for runID: String,
        model: String,
        prompt: String,
        conversationUUID: String?,
        requestID: String,
        at now: Int64
    ) -> Int {
        account[currency] -= amountMicros
        ledger.charges.append(
            Charge(
                sequence: ledger.charges.count + 1,
                runID: runID,
                model: model,
                prompt: prompt,
                conversationUUID: conversationUUID,
                requestID: requestID,
                amountMicros: amountMicros,
                currency: currency,
                chargedAt: now
            )
        )
        return ledger.charges.count - 1
    }

    /// Books what the ends of runs did to the money: refunds and final costs.
    mutating func settle(at now: Int64) {
        var waiting: [String] = []
        for runID in unsettled {
            guard let job = jobs[runID] else { continue }
            let phase = job.phase(at: now)
            guard phase.isOver, phase == .completed || refundIsDue(job, at: now) else {
                waiting.append(runID)
                continue
            }
            if phase == .completed {
                correct(job)
            } else if job.behaviours.value(of: .refund) != "never" {
                refund(job, at: now)
            }
            jobs[runID]?.isSettled = true
        }
        unsettled = waiting
    }

    private func refundIsDue(_ job: SimulatedJob, at now: Int64) -> Bool {
        let lag = job.behaviours.number(.refund, default: 0) ?? 0
        return now >= job.endsAt + Int64(lag * 1000)
    }

    private mutating func refund(_ job: SimulatedJob, at now: Int64) {
        let charge = ledger.charges[job.charge]
        guard !charge.isRefunded else { return }
        account[charge.currency] += charge.amountMicros
        ledger.charges[job.charge].refundedAt = now
    }

    private mutating func correct(_ job: SimulatedJob) {
        guard let final = job.behaviours.number(.finalCost, default: 0) else { return }
        let micros = Int64(final * 1_000_000 + 0.5)
        let charge = ledger.charges[job.charge]
        account[charge.currency] += charge.amountMicros - micros
        ledger.charges[job.charge].amountMicros = micros
    }

    /// The answer of the balance route.
    mutating func balance(at now: Int64) -> Reply {
        settle(at: now)
        return .json([
            "usd_balance": .string(account.text(.usd)),
            "nano_balance": .string(account.text(.xno)),
            "nanoDepositAddress": "nano_1simulator11111111111111111111111111111111111111111111111111111",
        ])
    }
}
