import JobCore
import JobEngine
import TestSupport

extension EngineWorld {
    /// Nothing will happen any more without a person.
    var isAtRest: Bool {
        bench.journal.jobs.values.allSatisfy { job in
            job.isSettled || job.state.word == .held && !job.attempts.contains(where: \.isOpen)
        }
    }

    /// What holds of each process; called when it has ended.
    func checkProcess() {
        submissions += bench.submissions
        let limit = bench.configuration.policy.submitPerMinute
        let most = EngineBench.most(submissions, within: .seconds(60))
        if most > limit, knowsTimes {
            ledger.report("\(most) submissions within a minute, \(limit) may be")
        }
        let now = bench.clock.now.uptime
        submissions.removeAll { $0 < now - .seconds(60) }
        let looks = EngineBench.most(bench.looks, within: .seconds(60))
        if looks > JobPolicy.looksPerMinute {
            ledger.report("\(looks) looks within a minute")
        }
        if bench.provider.mostSubmissionsAtOnce > JobPolicy.submissionsOnTheWire {
            ledger.report("\(bench.provider.mostSubmissionsAtOnce) submissions on the wire")
        }
        bench.provider.forgetCalls()
    }

    /// With everything well again: what was paid is published or says why not, and nothing is half done.
    func checkEnd(_ isAtRest: Bool) {
        guard problems.isEmpty else { return }
        let jobs = bench.journal.jobs
        if !isAtRest {
            for job in jobs.values where !job.isSettled {
                ledger.report(
                    "\(job.id) is stuck: \(job.state), \(job.attempts.map(\.outcome)); \(bench.observer.seen.gate ?? "-")"
                )
            }
        }
        for (id, job) in jobs {
            let word = bench.state(id)
            if word != job.state.word {
                ledger.report("\(id) is \(job.state.word) on disk and shown as \(String(describing: word))")
            }
        }
        checkCharges(jobs)
        checkFiles(jobs)
    }

    private func checkCharges(_ jobs: [JobID: Job]) {
        var attempts: [AttemptUUID: (JobID, Attempt)] = [:]
        for job in jobs.values {
            for attempt in job.attempts { attempts[attempt.uuid] = (job.id, attempt) }
        }
        var charges: [JobID: Int] = [:]
        for run in bench.provider.runs {
            guard let uuid = run.uuid else { continue }
            guard let (id, attempt) = attempts[uuid] else {
                if removed.isEmpty { ledger.report("\(run.id) is paid and belongs to no job") }
                continue
            }
            charges[id, default: 0] += 1
            if attempt.runID != run.id {
                ledger.report("\(run.id) of \(id) is paid and was not found: \(attempt.outcome)")
            }
            if attempt.charged != .yes {
                ledger.report("\(run.id) of \(id) is paid, and its job says \(attempt.charged)")
            }
        }
        for (id, count) in charges where count > wishes[id, default: 0] {
            ledger.report("\(id) was charged \(count) times for \(wishes[id, default: 0]) wishes")
        }
    }

    private func checkFiles(_ jobs: [JobID: Job]) {
        var files: [[UInt8]: Int] = [:]
        for file in bench.publisher.published where !file.name.hasSuffix(".json") {
            files[file.bytes, default: 0] += 1
        }
        let runs = Dictionary(
            bench.provider.runs.map { ($0.id, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        for job in jobs.values {
            for attempt in job.attempts {
                guard let run = attempt.runID.flatMap({ runs[$0] }) else { continue }
                switch run.plan.ending {
                case .done(let videos):
                    if attempt.discarded { continue }
                    if attempt.phase != .published || attempt.outputs.count != videos.count {
                        ledger.report("\(run.id) of \(job.id) is done, and its job says \(attempt.outcome)")
                    }
                    for video in videos where files[video] != 1 {
                        ledger.report("\(run.id) of \(job.id): \(files[video] ?? 0) files of a video")
                    }
                case .failed, .canceled, .never:
                    if attempt.phase != .failed, attempt.phase != .canceled, !attempt.discarded {
                        ledger.report(
                            "\(run.id) of \(job.id) brought nothing, and its job says \(attempt.outcome)"
                        )
                    }
                }
            }
            if case .held(let reason) = job.state, reason.message.isEmpty {
                ledger.report("\(job.id) is held for no reason")
            }
        }
        for key in bench.publisher.stagedKeys where jobs[key.job]?.isSettled != false {
            ledger.report("\(key.name) is left in the staging directory")
        }
    }
}
