public import JobCore
public import JobEngine
import NIOHTTP1

extension NanoGPTClient {
    /// Asks for the state of a run, at the unified endpoint, or at the legacy one where that is missing (C1).
    ///
    /// - Parameter run: The run.
    /// - Returns: The provider's word.
    public func status(of run: RunReference) async -> StatusOutcome {
        let session = session
        let decoder = StatusDecoder(context: session.context(now: now()))
        if !usesLegacyStatus {
            switch await get("/api/video/status?requestId=\(run.runID.queryEncoded)", session) {
            case .failure(let failure): return decoder.outcome(of: failure)
            case .success(let answer):
                guard decoder.isRouteMissing(answer) else { return decoder.outcome(of: answer) }
            }
        }
        // S0 names `model`, S1 `modelSlug`: both go out.
        let model = run.model.queryEncoded
        let path =
            "/api/generate-video/status?runId=\(run.runID.queryEncoded)&model=\(model)&modelSlug=\(model)"
        switch await get(path, session) {
        case .failure(let failure): return decoder.outcome(of: failure)
        case .success(let answer):
            let outcome = decoder.outcome(of: answer)
            // Only an answer about a run proves that this endpoint is the right one to stay with.
            if case .report = outcome {
                rememberLegacyStatus(true)
            } else if decoder.isRouteMissing(answer) {
                rememberLegacyStatus(false)
            }
            return outcome
        }
    }

    /// Sends a GET over the shared connections.
    func get(
        _ path: String,
        _ session: ClientSession,
        limit: Int = NanoGPTConfiguration.maximumAnswerBytes
    ) async -> Result<HTTPAnswer, HTTPFailure> {
        await share(session.request(.GET, path), session, limit: limit)
    }

    /// Sends a free request over the shared connections.
    func share(
        _ request: APIRequest,
        _ session: ClientSession,
        limit: Int = NanoGPTConfiguration.maximumAnswerBytes
    ) async -> Result<HTTPAnswer, HTTPFailure> {
        let exchange = HTTPExchange(client: session.pool)
        let timeout = session.configuration.requestTimeout
        do throws(HTTPFailure) {
            return .success(try await exchange.answer(to: request, timeout: timeout, bodyLimit: limit))
        } catch {
            return .failure(error)
        }
    }
}
