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
        await post("/api/generate-video", body: request.body, uuid: request.uuid)
    }

    /// Extends one video of a finished Midjourney run (FACTS E5), paid like any submission.
    ///
    /// `taskId` is what the OpenAPI file requires, `runId` what the page prefers (C26): both go out.
    /// `conversationUUID` is not documented here; unknown keys are ignored, and where it is kept it can be found.
    ///
    /// - Parameters:
    ///   - runID: The finished run.
    ///   - index: Which of its videos, from 0 to 3.
    ///   - uuid: Goes out as `conversationUUID`.
    /// - Returns: Whether it was taken, refused, or nobody knows.
    public func extend(runID: String, index: Int, uuid: AttemptUUID) async -> SubmissionOutcome {
        let body: JSONValue = [
            "runId": .string(runID), "taskId": .string(runID), "index": .number(JSONNumber(index)),
        ]
        return await post("/api/generate-video/extend", body: Array(body.text.utf8), uuid: uuid)
    }

    private func post(_ path: String, body: [UInt8], uuid: AttemptUUID) async -> SubmissionOutcome {
        let session = session
        let decoder = SubmissionDecoder(context: session.context(now: now()))
        guard let body = SubmissionBody.make(body, uuid: uuid) else {
            return .rejected(JobFault(.internal, "the request's body is not a JSON object; nothing was sent"))
        }
        if Task.isCancelled {
            return decoder.outcome(of: .cancelled, connected: false)
        }
        var request = session.request(.POST, path)
        request.headers.add(name: "content-type", value: "application/json")
        request.headers.add(name: "connection", value: "close")
        request.body = .bytes(ByteBuffer(bytes: body))

        let witness = ConnectionWitness()
        var settings = session.singleUseSettings()
        witness.watch(&settings)
        let result: Result<HTTPAnswer, HTTPFailure> = await withSingleUseClient(settings) { client in
            let exchange = HTTPExchange(
                client: client,
                clock: clock,
                timeout: session.configuration.requestTimeout,
                bodyLimit: NanoGPTConfiguration.maximumAnswerBytes)
            do throws(HTTPFailure) {
                return .success(try await exchange.answer(to: request))
            } catch {
                return .failure(error)
            }
        }
        switch result {
        case .success(let answer): return decoder.outcome(of: answer)
        // The request is over, so a connection that is not there by now will never carry it.
        case .failure(let failure): return decoder.outcome(of: failure, connected: witness.hasConnected)
        }
    }
}
