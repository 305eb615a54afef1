import JobCore
import JobEngine

/// What a ``ScriptedVideoProvider`` knows: its runs, the links it gave out, and what it was asked.
struct ProviderBooks {
    struct Video {
        let bytes: [UInt8]
        let validator: String
    }

    var script: ProviderScript
    var runs: [ProviderRun] = []
    var calls: [ProviderCall] = []
    var open = 0
    var mostOpen = 0
    var balance = Money(micros: 100_000_000, currency: "USD")
    private var index: [String: Int] = [:]
    /// When each link that was given out stops to work, uptime.
    private var links: [String: Duration] = [:]

    init(script: ProviderScript) {
        self.script = script
    }

    mutating func take(_ plan: RunPlan, uuid: AttemptUUID?, at now: Duration) -> String {
        let run = ProviderRun(id: "run-\(runs.count + 1)", uuid: uuid, takenAt: now, plan: plan)
        index[run.id] = runs.count
        runs.append(run)
        balance.micros -= plan.micros
        return run.id
    }

    /// A request is on its way.
    mutating func note(_ kind: ProviderCall.Kind, at now: Duration) {
        calls.append(ProviderCall(kind: kind, at: now))
    }

    mutating func decide(_ request: SubmissionRequest, at now: Duration) -> SubmissionOutcome {
        let lost = JobFault(.providerError, "HTTP 503", charged: .unknown)
        switch script.submission(request.uuid, now) {
        case .accepted(let plan):
            let id = take(plan, uuid: request.uuid, at: now)
            let cost = Cost(charged: Money(micros: plan.micros, currency: "USD"), final: false)
            return .accepted(AcceptedRun(runID: id, cost: cost, remainingBalance: balance))
        case .answerLost(let plan):
            _ = take(plan, uuid: request.uuid, at: now)
            return .unknown(lost)
        case .requestLost: return .unknown(lost)
        case .refused(let refusal): return .refused(refusal)
        case .rejected(let fault): return .rejected(fault)
        }
    }

    mutating func status(_ id: String, at now: Duration) -> StatusOutcome {
        if let outcome = script.status(id, now) {
            return outcome
        }
        guard let run = index[id].map({ runs[$0] }) else {
            return .missing(JobFault(.providerError, "HTTP 404", charged: .yes))
        }
        let age = now - run.takenAt
        guard age >= run.plan.takes else {
            let status: RunReport.Status = age * 4 < run.plan.takes ? .queued : .running
            return .report(RunReport(status, word: status == .queued ? "IN_QUEUE" : "IN_PROGRESS"))
        }
        switch run.plan.ending {
        case .done(let videos):
            let urls = videos.indices.map { "https://storage.test/\(id)/\($0)?t=\(now.milliseconds)" }
            for url in urls {
                links[url] = now + script.urlLifetime
            }
            let cost = Cost(charged: Money(micros: run.plan.micros, currency: "USD"), final: true)
            return .report(RunReport(.done(urls: urls), word: "COMPLETED", cost: cost))
        case .failed:
            let fault = JobFault(.providerError, "the model failed", charged: .yes)
            return .report(RunReport(.failed(fault), word: "FAILED"))
        case .canceled: return .report(RunReport(.canceled, word: "CANCELED"))
        case .never: return .report(RunReport(.running, word: "IN_PROGRESS"))
        }
    }

    mutating func recentRuns(_ uuid: AttemptUUID?, _ limit: Int, at now: Duration) -> LookOutcome {
        if let outcome = script.look(now) {
            return outcome
        }
        let shown = runs.filter { run in
            run.takenAt + run.plan.hiddenFor <= now && (uuid == nil || run.uuid == uuid)
        }
        return .runs(
            shown.suffix(limit).reversed().map { run in
                RecentRun(runID: run.id, model: "kling", conversationUUID: script.listsUUIDs ? run.uuid : nil)
            }
        )
    }

    mutating func account(at now: Duration) -> BalanceOutcome {
        script.account(now) ?? .balances([balance])
    }

    mutating func download(_ url: String, at now: Duration) -> (video: Video?, fate: DownloadFate) {
        let fate = script.download(url, now)
        if case .expired = fate {
            return (nil, fate)
        }
        let parts = url.split(separator: "?")[0].split(separator: "/").suffix(2).map(String.init)
        guard let valid = links[url], now < valid, parts.count == 2, let item = Int(parts[1]),
            let run = index[parts[0]].map({ runs[$0] }), case .done(let videos) = run.plan.ending
        else { return (nil, fate) }
        return (Video(bytes: videos[item], validator: "\"\(run.id)-\(item)\""), fate)
    }
}
