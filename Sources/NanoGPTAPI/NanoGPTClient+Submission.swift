import AsyncHTTPClient
import JSON
public import JobCore
public import JobEngine
import NIOCore
import NIOHTTP1

extension NanoGPTClient {
    /// Sends one paid request, once, on a fresh connection, following no redirect.
    ///
    /// - Parameter request: What to send.
    /// - Returns: Whether it was taken, refused, or nobody knows.
    public func submit(_ request: SubmissionRequest) async -> SubmissionOutcome {
        switch request.operation {
        case .generate: return await post("/api/generate-video", body: request.body, uuid: request.uuid)
        case .extend: return await post("/api/generate-video/extend", body: request.body, uuid: request.uuid)
        case .adopted: return .notSent(JobFault(.internal, "an adopted run has no request; nothing was sent"))
        }
    }

    /// The body that extends one video of a finished Midjourney run (FACTS E5), to be sent as `.extend`.
    ///
    /// `taskId` is what the OpenAPI file requires, `runId` what the page prefers (C26): both go out.
    /// `conversationUUID`, which is added like for any submission, is not documented here; unknown keys are ignored,
    /// and where it is kept the run can be found by it.
    ///
    /// - Parameters:
    ///   - runID: The finished run.
    ///   - index: Which of its videos, from 0 to 3.
    /// - Returns: A JSON object.
    public static func extensionBody(runID: String, index: Int) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("runId", runID)
            writer.member("taskId", runID)
            writer.member("index", index)
        }
        return writer.bytes
    }

    private func post(_ path: String, body: [UInt8], uuid: AttemptUUID) async -> SubmissionOutcome {
        let session = session
        let decoder = SubmissionDecoder(context: session.context(now: now()))
        guard let body = SubmissionBody.make(body, uuid: uuid) else {
            return .notSent(JobFault(.internal, "the request's body is not a JSON object; nothing was sent"))
        }
        if Task.isCancelled {
            return decoder.outcome(of: .cancelled, connected: false)
        }
        var request = session.request(.POST, path)
        request.headers.add(name: "content-type", value: "application/json")
        request.headers.add(name: "connection", value: "close")
        request.body = ByteBuffer(bytes: body)

        let witness = ConnectionWitness()
        var settings = session.singleUseSettings()
        witness.watch(&settings)
        let result: Result<HTTPAnswer, HTTPFailure>? = await withSingleUseClient(settings) { client in
            do throws(HTTPFailure) {
                return .success(
                    try await HTTPExchange(client: client).answer(
                        to: request,
                        timeout: session.configuration.requestTimeout,
                        bodyLimit: NanoGPTConfiguration.maximumAnswerBytes
                    )
                )
            } catch {
                return .failure(error)
            }
        }
        switch result {
        case nil: return decoder.outcome(of: .notConnected("the daemon is stopping"), connected: false)
        case .success(let answer): return decoder.outcome(of: answer)
        // The request is over, so a connection that is not there by now will never carry it.
        case .failure(let failure): return decoder.outcome(of: failure, connected: witness.hasConnected)
        }
    }
}
