import JSON
import JobCore
import JobEngine
import NanoGPTAPI
import NanoGPTSimulator

/// The daemon's client and the simulator, two programs' worth of code that share no type, over real HTTP.
struct RemoteAPI {
    static let key = "sk-nano-0f8fad5b-d9cb-469f-a165-70867728950e"
    static let start: Int64 = 1_800_000_000_000

    let simulator: Simulator
    let client: NanoGPTClient
    /// Lets the simulator's time go on.
    let advance: @Sendable (Duration) -> Void

    /// Runs both for the time of a closure; the simulator's clock stands still until it is advanced.
    static func with(
        _ change: (inout SimulatorConfiguration) -> Void = { _ in },
        _ body: (RemoteAPI) async throws -> Void
    ) async throws {
        var configuration = SimulatorConfiguration()
        configuration.apiKeys = [key]
        configuration.settings.submitPerMinute = 0
        change(&configuration)
        let time = SimulatorClock.manual(start: start)
        try await withSimulator(configuration, clock: time.clock) { simulator in
            let client = try makeClient(simulator.baseURL, key: key, now: time.clock.now)
            let result: Result<Void, any Error>
            do {
                try await body(RemoteAPI(simulator: simulator, client: client, advance: time.advance))
                result = .success(())
            } catch {
                result = .failure(error)
            }
            try await client.shutdown()
            try result.get()
        }
    }

    /// A client that is to be shut down by the caller.
    static func makeClient(
        _ baseURL: String,
        key: String,
        now: @escaping @Sendable () -> Int64
    ) throws -> NanoGPTClient {
        try NanoGPTClient(
            configuration: NanoGPTConfiguration(baseURL: baseURL, userAgent: "videogend/test"),
            key: APIKey(key),
            now: { Timestamp(milliseconds: now()) }
        )
    }

    // MARK: Calls

    /// Sends one submission.
    ///
    /// - Parameters:
    ///   - prompt: The prompt, with what the simulator is to do.
    ///   - model: The model.
    ///   - fields: Further members of the request.
    ///   - uuid: The UUID of the attempt.
    /// - Returns: What the client makes of the answer.
    func submit(
        _ prompt: String,
        model: String = "hunyuan-video",
        fields: JSONValue = [:],
        uuid: AttemptUUID = AttemptUUID("b7c75a5e-0000-4000-8000-000000000001")
    ) async -> SubmissionOutcome {
        var request = fields.objectValue ?? JSONObject()
        request["model"] = .string(model)
        request["prompt"] = .string(prompt)
        let body = Array(JSONValue.object(request).text.utf8)
        return await client.submit(SubmissionRequest(uuid: uuid, body: body))
    }

    /// Sends a submission that must be accepted.
    func accepted(
        _ prompt: String,
        model: String = "hunyuan-video",
        fields: JSONValue = [:]
    ) async throws -> AcceptedRun {
        let outcome = await submit(prompt, model: model, fields: fields)
        guard case .accepted(let run) = outcome else { throw Unexpected("submission: \(outcome)") }
        return run
    }

    /// Sends a submission and goes to the time when its run is over.
    func finished(
        _ prompt: String,
        model: String = "hunyuan-video",
        fields: JSONValue = [:]
    ) async throws -> RunReference {
        let run = try await accepted(prompt, model: model, fields: fields)
        advance(.seconds(3600))
        return RunReference(runID: run.runID, model: model)
    }

    /// Asks for a run's state; the answer must be about the run.
    func report(_ run: RunReference) async throws -> RunReport {
        let outcome = await client.status(of: run)
        guard case .report(let report) = outcome else { throw Unexpected("status: \(outcome)") }
        return report
    }

    /// The only URL of a run that is done.
    func url(_ run: RunReference) async throws -> String {
        guard case .done(let urls) = try await report(run).status, let url = urls.first, urls.count == 1
        else { throw Unexpected("no URL: \(try await report(run))") }
        return url
    }

    /// Downloads a video.
    ///
    /// - Returns: How it ended, and the last 128 bytes as text, which name the run.
    func download(_ url: String) async -> (outcome: DownloadOutcome, trailer: String) {
        let sink = TrailerSink()
        let outcome = await client.download(url, into: sink)
        return (outcome, sink.trailer)
    }

    /// How many requests a route has had.
    func requests(_ route: Route) -> Int {
        simulator.requests.counts(route).requests
    }
}

/// What a test cannot go on with.
struct Unexpected: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

extension SubmissionOutcome {
    /// The fault of whatever is no acceptance.
    var fault: JobFault? {
        switch self {
        case .accepted: nil
        case .refused(let refusal): refusal.fault
        case .rejected(let fault), .notSent(let fault), .unknown(let fault): fault
        }
    }
}
