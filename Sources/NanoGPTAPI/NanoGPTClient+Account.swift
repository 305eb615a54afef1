import AsyncHTTPClient
public import JobCore
import NIOCore
import NIOHTTP1

extension NanoGPTClient {
    /// Lists recent runs (FACTS E4).
    ///
    /// - Parameters:
    ///   - uuid: Only the run submitted with this UUID, or all.
    ///   - limit: How many, 1 to 50.
    /// - Returns: The list in the provider's order.
    public func recentRuns(uuid: AttemptUUID?, limit: Int) async -> LookOutcome {
        let session = session
        let decoder = AccountDecoder(context: session.context(now: now()))
        var path = "/api/generate-video/recover?limit=\(min(max(limit, 1), 50))"
        if let uuid {
            path += "&conversationUUID=\(uuid.description.queryEncoded)"
        }
        switch await get(path, session) {
        case .success(let answer): return decoder.look(answer)
        case .failure(let failure): return decoder.look(failure)
        }
    }

    /// Asks for the account's balances (FACTS E8): a POST, but a free one, so it shares the connections.
    public func balance() async -> BalanceOutcome {
        let session = session
        let decoder = AccountDecoder(context: session.context(now: now()))
        var request = session.request(.POST, "/api/check-balance")
        request.headers.add(name: "content-type", value: "application/json")
        request.body = ByteBuffer(string: "{}")
        switch await share(request, session) {
        case .success(let answer): return decoder.balance(answer)
        case .failure(let failure): return decoder.balance(failure)
        }
    }

    /// Fetches the live list of models (FACTS E7) as the provider sent it.
    ///
    /// - Returns: The JSON text, at most 16 MiB; not checked any further.
    /// - Throws: `JobFault` when there is none.
    public func videoModels() async throws(JobFault) -> [UInt8] {
        let session = session
        let context = session.context(now: now())
        let result = await get(
            "/api/v1/video-models?detailed=true",
            session,
            limit: NanoGPTConfiguration.maximumModelListBytes
        )
        switch result {
        case .success(let answer):
            // 0x7B is "{", 0x5B is "[": a web page with status 200 is no list.
            guard answer.status == 200,
                let first = answer.body.first(where: { $0 > 0x20 }), first == 0x7B || first == 0x5B
            else {
                throw AccountDecoder(context: context).modelsFault(answer)
            }
            return answer.body
        case .failure(let failure):
            throw context.fault("no list of models from \(context.origin)", failure: failure, charged: .no)
        }
    }
}
