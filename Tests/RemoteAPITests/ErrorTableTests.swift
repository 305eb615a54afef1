import JSON
import JobCore
import JobEngine
import NanoGPTAPI
import NanoGPTSimulator
import Testing

/// The rows of the table of errors (FACTS section 8), as the simulator sends them and the client understands them.
@Suite("The table of errors, over HTTP")
struct ErrorTableTests {
    @Test("an error to a submission", arguments: ErrorRow.submissions)
    func submission(_ row: ErrorRow) async throws {
        try await RemoteAPI.with { api in
            let prompt = "x [[simulate: \(row.behaviour)]]"
            let outcome = await api.submit(prompt, model: row.model, fields: row.fields)
            #expect(row.matches(outcome), "\(outcome)")
            let fault = try #require(outcome.fault)
            #expect(fault.kind == row.kind, "\(fault)")
            #expect(fault.httpStatus == row.status)
            #expect(fault.message.contains(row.words), "\(fault.message)")
            #expect(fault.userMessage == row.userMessage)
            // Every answer of the service has one, to be quoted to its support.
            #expect(fault.requestID?.isEmpty == false)
            #expect(fault.charged == (row.outcome == .unknown ? .unknown : .no))
            // Whatever the answer is, it is asked for once, and nothing else is: a payment challenge is not followed.
            #expect(api.requests(.submit) == 1)
            #expect(api.requests(.unknown) == 0)
            #expect(api.simulator.ledger.charges.count == row.charges)
        }
    }

    @Test("413 has no body, and the hint says what to do")
    func tooLarge() async throws {
        try await RemoteAPI.with { api in
            let image = String(repeating: "AAAA", count: 1_200_000)
            let outcome = await api.submit(
                "x",
                model: "kling-v21-pro",
                fields: ["imageDataUrl": .string("data:image/png;base64," + image)]
            )
            guard case .rejected(let fault) = outcome else { throw Unexpected("\(outcome)") }
            #expect(fault.kind == .mediaInvalid)
            #expect(fault.httpStatus == 413)
            #expect(fault.message == "the request is too large for NanoGPT (HTTP 413)")
            #expect(fault.hint?.contains("https URL") == true)
            #expect(api.simulator.ledger.charges.isEmpty)
        }
    }

    @Test("a wrong key is refused everywhere, and its words do not hold it")
    func wrongKey() async throws {
        try await RemoteAPI.with { api in
            let run = try await api.accepted("x")
            api.simulator.setAPIKey("another")
            let outcome = await api.submit("y")
            guard case .refused(.unauthorized(let fault)) = outcome else { throw Unexpected("\(outcome)") }
            #expect(fault.kind == .providerUnauthorized)
            #expect(fault.message.contains("Invalid API key"))
            #expect(!fault.message.contains(RemoteAPI.key))
            let reference = RunReference(runID: run.runID, model: "hunyuan-video")
            guard case .unauthorized = await api.client.status(of: reference) else {
                throw Unexpected("status")
            }
            guard case .unauthorized = await api.client.balance() else { throw Unexpected("balance") }
            guard case .unauthorized = await api.client.recentRuns(uuid: nil, limit: 50) else {
                throw Unexpected("recover")
            }
            // As soon as the key is good, all goes on.
            api.simulator.setAPIKey(RemoteAPI.key)
            #expect(try await api.report(reference).status == .queued)
        }
    }

    @Test(
        "429: how long to wait, in seconds and as a date",
        arguments: [
            ("rate-limited, retry-after=7", 7), ("rate-limited-date, retry-after=90", 90),
            ("daily-limit, retry-after=30000", 30000), ("rate-limited=typed, retry-after=3", 3),
        ]
    )
    func retryAfter(_ behaviours: String, _ seconds: Int) async throws {
        try await RemoteAPI.with { api in
            let outcome = await api.submit("x [[simulate: \(behaviours)]]")
            guard case .refused(.rateLimited(let fault, let wait)) = outcome else {
                throw Unexpected("\(outcome)")
            }
            #expect(wait == .seconds(seconds))
            #expect(fault.retryable)
            #expect(api.simulator.ledger.charges.isEmpty)
        }
    }

    @Test("429 without Retry-After: unknown for a limit, midnight UTC for a daily cap")
    func withoutRetryAfter() async throws {
        try await RemoteAPI.with { api in
            let limit = await api.submit("x [[simulate: rate-limited, retry-after=none]]")
            guard case .refused(.rateLimited(_, nil)) = limit else { throw Unexpected("\(limit)") }
            let daily = await api.submit("x [[simulate: daily-limit, retry-after=none]]")
            guard case .refused(.rateLimited(_, let wait?)) = daily else { throw Unexpected("\(daily)") }
            // 1 800 000 000 is 08:00 in UTC.
            #expect(wait == .seconds(16 * 3600))
        }
    }

    @Test("no error of a status request ends a run", arguments: StatusFault.all)
    func status(_ row: StatusFault) async throws {
        try await RemoteAPI.with { api in
            let run = try await api.finished("x [[simulate: \(row.behaviour)]]")
            let outcome = await api.client.status(of: run)
            #expect(row.matches(outcome), "\(outcome)")
            #expect(api.requests(.status) == 1)
            // Asked again, it is done.
            guard case .done = try await api.report(run).status else { throw Unexpected("not done") }
        }
    }

    @Test("an outage of any kind is no word about the run", arguments: [500, 502, 503, 504])
    func outages(_ status: Int) async throws {
        try await RemoteAPI.with { api in
            let run = try await api.finished("x")
            api.simulator.begin(Outage(.status(status)))
            guard case .unavailable(let fault) = await api.client.status(of: run) else {
                throw Unexpected("status")
            }
            #expect(fault.httpStatus == status)
            let outcome = await api.submit("y")
            guard case .unknown = outcome else { throw Unexpected("\(outcome)") }
            guard case .unavailable = await api.client.recentRuns(uuid: nil, limit: 1) else {
                throw Unexpected("recover")
            }
        }
    }

    @Test("a run of another key: not ours, which is not failed")
    func notOwner() async throws {
        try await RemoteAPI.with({ $0.apiKeys.append("another") }) { api in
            let run = try await api.finished("x")
            let other = try RemoteAPI.makeClient(api.simulator.baseURL, key: "another") { RemoteAPI.start }
            let outcome = await other.status(of: run)
            try await other.shutdown()
            guard case .missing(let fault) = outcome else { throw Unexpected("\(outcome)") }
            #expect(fault.httpStatus == 403)
            #expect(fault.charged == .yes)
        }
    }

    @Test("a failed run, with every shape of its error", arguments: FailedRun.all)
    func failed(_ row: FailedRun) async throws {
        try await RemoteAPI.with { api in
            let run = try await api.finished("x [[simulate: \(row.behaviour)]]")
            let report = try await api.report(run)
            guard case .failed(let fault) = report.status else { throw Unexpected("\(report)") }
            #expect(fault.kind == row.kind)
            #expect(fault.message.contains(row.words), "\(fault.message)")
            #expect(fault.userMessage == row.userMessage)
            #expect(fault.nsfw == row.nsfw)
            #expect(fault.charged == .yes)
        }
    }
}
