import AsyncHTTPClient
import NIOCore
import NIOHTTP1

@testable import NanoGPTSimulator

/// An answer as a test looks at it.
struct Answer {
    let status: Int
    let headers: [String: String]
    let bytes: [UInt8]

    /// The body as JSON, null if it is none.
    var json: JSONValue {
        do { return try JSONReader.value(of: bytes) } catch { return .null }
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }
}

/// The methods that the tests use.
enum Method: String {
    case get = "GET"
    case head = "HEAD"
    case post = "POST"
    case delete = "DELETE"
}

/// Asks a simulator over real connections, on a clock that stands still.
struct SimulatorClient {
    let simulator: Simulator
    let advance: @Sendable (Duration) -> Void
    let http: HTTPClient

    func send(
        _ method: Method = .get,
        _ path: String,
        json: JSONValue? = nil,
        bytes: [UInt8]? = nil,
        key: String? = "key",
        headers: [String: String] = [:]
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: path.hasPrefix("http") ? path : simulator.baseURL + path)
        request.method = HTTPMethod(rawValue: method.rawValue)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let key { request.headers.add(name: "x-api-key", value: key) }
        if let body = bytes ?? json?.bytes { request.body = .bytes(body) }
        let response = try await http.execute(request, timeout: .seconds(30))
        let body = try await response.body.collect(upTo: 64 << 20)
        let fields = response.headers.map { ($0.name.lowercased(), $0.value) }
        return Answer(
            status: Int(response.status.code),
            headers: Dictionary(fields) { first, _ in first },
            bytes: Array(body.readableBytesView)
        )
    }

    /// Submits a job.
    func submit(
        _ prompt: String,
        model: String = "hunyuan-video",
        conversation: String? = nil,
        key: String? = "key"
    ) async throws -> Answer {
        let body: JSONValue = .members([
            "model": .string(model), "prompt": .string(prompt),
            "conversationUUID": conversation.map { .string($0) },
        ])
        return try await send(.post, "/api/generate-video", json: body, key: key)
    }

    /// Submits a job that must be accepted.
    ///
    /// - Returns: The id of the run.
    func run(
        _ prompt: String,
        model: String = "hunyuan-video",
        conversation: String? = nil
    ) async throws -> String {
        let answer = try await submit(prompt, model: model, conversation: conversation)
        guard let runID = answer.json["runId"]?.string else { throw Unexpected(answer: answer) }
        return runID
    }

    func status(_ runID: String, key: String = "key") async throws -> Answer {
        try await send(.get, "/api/video/status?requestId=\(runID)", key: key)
    }

    /// Submits a job, ends it, and asks for its video.
    ///
    /// - Returns: The URL.
    func finishedURL(_ prompt: String, model: String = "hunyuan-video") async throws -> String {
        let runID = try await run(prompt, model: model)
        advance(.seconds(60))
        return try await url(of: runID)
    }

    func url(of runID: String) async throws -> String {
        let answer = try await status(runID)
        guard let url = answer.json["data"]?["output"]?["video"]?["url"]?.string else {
            throw Unexpected(answer: answer)
        }
        return url
    }

    func download(_ url: String, headers: [String: String] = [:]) async throws -> Answer {
        try await send(.get, url, key: nil, headers: headers)
    }
}

/// An answer that the test cannot go on with.
struct Unexpected: Error {
    let answer: Answer
}

/// Starts a simulator on a manual clock, with a client.
func withClient(
    _ change: (inout SimulatorConfiguration) throws -> Void = { _ in },
    _ body: (SimulatorClient) async throws -> Void
) async throws {
    var configuration = SimulatorConfiguration()
    try change(&configuration)
    let time = SimulatorClock.manual(start: 1_767_225_600_000)
    var settings = HTTPClient.Configuration()
    settings.redirectConfiguration = .disallow
    settings.httpVersion = .http1Only
    let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
    do {
        try await withSimulator(configuration, clock: time.clock) { simulator in
            try await body(SimulatorClient(simulator: simulator, advance: time.advance, http: http))
        }
    } catch {
        try await http.shutdown()
        throw error
    }
    try await http.shutdown()
}
