@testable import JobCore

/// A provider that keeps its own truth about what it took, and gives it away only as the mood allows.
struct RandomProvider {
    /// What is wrong at present.
    enum Mood: CaseIterable {
        case well, wellAgain, mute, broke, keyRefused, limited, offline, confused
    }

    enum Fate {
        case done(Int)
        case failed
        case canceled
    }

    struct Run {
        let id: String
        let uuid: AttemptUUID?
        let takenAt: Duration
        let createdAt: Timestamp
        let visibleFrom: Duration
        let endsAt: Duration
        let fate: Fate
    }

    var mood = Mood.well
    var isCalm = false
    var runs: [Run] = []
    var byUUID: [AttemptUUID: Int] = [:]
    var balance: Int64 = 1_000_000
    var random: SplitMix64

    private func fault(_ message: String) -> JobFault {
        JobFault(.providerError, message)
    }

    func run(_ id: String) -> Run? {
        runs.first { $0.id == id }
    }

    /// Decides at once whether a request that left is taken.
    mutating func take(_ uuid: AttemptUUID?, at now: Moment) {
        let probability: Double
        switch mood {
        case .well, .wellAgain: probability = 0.95
        case .mute: probability = 0.3
        case .confused: probability = 0.5
        case .broke, .keyRefused, .limited, .offline: probability = 0
        }
        guard isCalm || random.chance(probability) else { return }
        let dice = Double.random(in: 0..<1, using: &random)
        let late: Double =
            isCalm ? 0 : random.chance(0.7) ? 0 : Double.random(in: 1...3000, using: &random)
        if let uuid {
            byUUID[uuid] = runs.count
        }
        runs.append(
            Run(
                id: "run-\(runs.count)",
                uuid: uuid,
                takenAt: now.uptime,
                createdAt: now.wall,
                visibleFrom: now.uptime + .milliseconds(Int64(late * 1000)),
                endsAt: now.uptime + .milliseconds(Int64.random(in: 500...400_000, using: &random)),
                fate: dice < 0.85 ? .done(dice < 0.1 ? 2 : 1) : dice < 0.95 ? .failed : .canceled
            )
        )
    }

    mutating func answer(_ uuid: AttemptUUID) -> SubmissionOutcome {
        if let index = byUUID[uuid] {
            let lost = !isCalm && random.chance(mood == .mute || mood == .confused ? 0.9 : 0.04)
            if lost { return .unknown(fault("reset")) }
            return .accepted(
                AcceptedRun(
                    runID: runs[index].id,
                    cost: Cost(charged: Money(micros: 100_000, currency: "USD"), final: false)
                )
            )
        }
        switch mood {
        case .broke: return .refused(.balance(fault("402")))
        case .keyRefused: return .refused(.unauthorized(fault("401")))
        case .limited:
            let wait = Int.random(in: 1...90, using: &random)
            return .refused(
                .rateLimited(fault("429"), retryAfter: random.chance(0.5) ? .seconds(wait) : nil)
            )
        case .offline: return .refused(.unreachable(fault("no route")))
        case .mute, .confused: return .unknown(fault("503"))
        case .well, .wellAgain:
            return random.chance(0.5) ? .rejected(fault("400")) : .unknown(fault("408"))
        }
    }

    mutating func status(_ runID: String, at now: Duration) -> StatusOutcome {
        if !isCalm {
            switch mood {
            case .keyRefused: return .unauthorized(fault("401"))
            case .offline: return .unavailable(fault("no route"))
            case .mute where random.chance(0.5): return .unavailable(fault("503"))
            case .confused where random.chance(0.3): return .missing(fault("404"))
            case .limited where random.chance(0.5):
                return .rateLimited(fault("429"), retryAfter: random.chance(0.5) ? .seconds(3) : nil)
            default: break
            }
        }
        guard let run = run(runID) else { return .missing(fault("404")) }
        if now >= run.endsAt {
            switch run.fate {
            case .done(let count):
                if !isCalm, random.chance(0.1) { return .report(RunReport(.done(urls: []))) }
                return .report(RunReport(.done(urls: (0..<count).map { "https://cdn/\(runID)/\($0)" })))
            case .failed: return .report(RunReport(.failed(fault("it failed")), word: "FAILED"))
            case .canceled: return .report(RunReport(.canceled))
            }
        }
        if random.chance(0.2) { return .report(RunReport(.unknown, word: "DREAMING")) }
        let progress = Int.random(in: 0...100, using: &random)
        return .report(RunReport(random.chance(0.3) ? .queued : .running, progress: progress))
    }

    mutating func recover(_ uuid: AttemptUUID?, limit: Int, at now: Duration) -> LookOutcome {
        if !isCalm {
            switch mood {
            case .keyRefused: return .unauthorized(fault("401"))
            case .offline: return .unavailable(fault("no route"))
            case .mute where random.chance(0.6): return .unavailable(fault("503"))
            case .limited where random.chance(0.5): return .rateLimited(fault("429"), retryAfter: nil)
            default: break
            }
        }
        let shown = runs.filter { $0.visibleFrom <= now && (uuid == nil || $0.uuid == uuid) }.suffix(limit)
        var entries: [RecentRun] = []
        for run in shown.reversed() {
            let hidden = !isCalm && mood == .confused && random.chance(0.3)
            entries.append(
                RecentRun(
                    runID: run.id,
                    model: "kling",
                    createdAt: run.createdAt,
                    conversationUUID: hidden ? nil : run.uuid
                )
            )
        }
        return .runs(entries)
    }

    mutating func account() -> BalanceOutcome {
        if !isCalm {
            switch mood {
            case .keyRefused: return .unauthorized(fault("401"))
            case .offline, .mute: return .unavailable(fault("no route"))
            case .broke: return MachineBench.usd(balance)
            default: break
            }
        }
        balance += 1_000_000
        return MachineBench.usd(balance)
    }
}
