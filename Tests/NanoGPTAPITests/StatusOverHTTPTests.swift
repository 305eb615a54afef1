import JobCore
import JobEngine
import Synchronization
import Testing

@testable import NanoGPTAPI

@Suite struct StatusOverHTTPTests {
    static let running = #"{"data":{"status":"IN_PROGRESS"}}"#
    let run = RunReference(runID: "vid/1 ü", model: "sora-2")

    @Test func `the unified endpoint`() async throws {
        try await ScriptedServer.with(script: { _ in [.answer(200, Self.running)] }) { server in
            let outcome = try await withClient(server.origin) { await $0.status(of: run) }
            #expect(outcome == .report(RunReport(.running, word: "IN_PROGRESS")))
            #expect(server.requests.map(\.target) == ["/api/video/status?requestId=vid%2F1%20%C3%BC"])
            #expect(server.requests.first?.method == "GET")
            #expect(server.requests.first?.header("x-api-key") == testKeyText)
            #expect(server.requests.first?.header("accept-encoding") == nil)
        }
    }

    @Test func `where its route is missing, the legacy endpoint, and from then on only that`() async throws {
        try await ScriptedServer.with(script: { request in
            request.target.hasPrefix("/api/video/status")
                ? [.answer(404, "<html>", headers: ["content-type: text/html"])]
                : [.answer(200, Self.running)]
        }) { server in
            try await withClient(server.origin) { client in
                for _ in 0..<2 {
                    #expect(await client.status(of: run) == .report(RunReport(.running, word: "IN_PROGRESS")))
                }
            }
            #expect(
                server.requests.map(\.target) == [
                    "/api/video/status?requestId=vid%2F1%20%C3%BC",
                    "/api/generate-video/status?runId=vid%2F1%20%C3%BC&model=sora-2&modelSlug=sora-2",
                    "/api/generate-video/status?runId=vid%2F1%20%C3%BC&model=sora-2&modelSlug=sora-2",
                ]
            )
        }
    }

    @Test func `a run that is not found does not change the endpoint`() async throws {
        try await ScriptedServer.with(script: { _ in
            [.answer(404, #"{"error":404,"message":"Video generation request not found"}"#)]
        }) { server in
            try await withClient(server.origin) { client in
                for _ in 0..<2 {
                    guard case .missing = await client.status(of: run) else {
                        Issue.record("not missing")
                        return
                    }
                }
            }
            #expect(server.requests.allSatisfy { $0.target.hasPrefix("/api/video/status") })
        }
    }

    @Test func `both routes missing is remembered as nothing`() async throws {
        try await ScriptedServer.with(script: { _ in [.answer(404, "")] }) { server in
            try await withClient(server.origin) { client in
                for _ in 0..<2 {
                    guard case .missing = await client.status(of: run) else {
                        Issue.record("not missing")
                        return
                    }
                }
            }
            #expect(server.requests.count == 4)
        }
    }

    @Test func `the legacy endpoint is left again when it goes missing, or after some minutes`() async throws
    {
        let legacyIsGone = Mutex(false)
        try await ScriptedServer.with(script: { request in
            request.target.hasPrefix("/api/video/status") || legacyIsGone.withLock { $0 }
                ? [.answer(405, "")] : [.answer(200, Self.running)]
        }) { server in
            let wall = Mutex(testNow)
            let client = try NanoGPTClient(
                configuration: NanoGPTConfiguration(baseURL: server.origin, userAgent: "x"),
                key: APIKey(testKeyText),
                now: { wall.withLock { $0 } }
            )
            _ = await client.status(of: run)
            #expect(client.usesLegacyStatus)
            wall.withLock { $0 = testNow + .seconds(299) }
            #expect(client.usesLegacyStatus)
            wall.withLock { $0 = testNow + .seconds(300) }
            #expect(!client.usesLegacyStatus)
            // The wall clock was set back by a day.
            wall.withLock { $0 = testNow + .seconds(-86_400) }
            #expect(!client.usesLegacyStatus)
            wall.withLock { $0 = testNow }
            legacyIsGone.withLock { $0 = true }
            _ = await client.status(of: run)
            #expect(!client.usesLegacyStatus)
            try await client.shutdown()
        }
    }

    static let broken: [(String, [ServerStep])] = [
        ("reset", [.reset]), ("closed", [.close]), ("garbage", [.send("\u{1}\u{2}\r\n\r\n"), .close]),
        ("a page", [.answer(200, "<html>", headers: ["content-type: text/html"])]),
        ("half", [.send("HTTP/1.1 200 X\r\ncontent-length: 99\r\n\r\n{\"data\":{}}"), .close]),
        (
            "chunks that break off",
            [.send("HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"dat"), .close]
        ),
        ("slow", [.send("HTTP/1.1 200 X\r\ncontent-length: 99\r\n\r\n{")]),
        ("silence", [.hold]),
        ("a redirect", [.answer(302, "", headers: ["location: http://127.0.0.1:1/"])]),
        ("100 MB announced", [.send("HTTP/1.1 200 X\r\ncontent-length: 104857600\r\n\r\n{")]),
        ("more than 1 MiB", [.answer(200, String(repeating: " ", count: 1 << 20) + "{}")]),
        ("headers without end", [.send("HTTP/1.1 200 X\r\nx: " + String(repeating: "y", count: 200_000))]),
    ]

    @Test(arguments: broken)
    func `no usable answer leaves the run as it is`(name: String, steps: [ServerStep]) async throws {
        try await ScriptedServer.with(script: { _ in steps }) { server in
            let outcome = try await withClient(server.origin, requestTimeout: .seconds(1)) {
                await $0.status(of: run)
            }
            guard case .unavailable(let fault) = outcome else {
                Issue.record("\(name): \(outcome)")
                return
            }
            #expect(fault.charged == .yes)
            #expect(server.requests.count == 1)
        }
    }

    @Test func `recent runs, balance and models ask what is documented`() async throws {
        try await ScriptedServer.with(script: { request in
            if request.target.hasPrefix("/api/generate-video/recover") {
                return [.answer(200, #"{"data":[{"id":"vid_1"}]}"#)]
            }
            if request.target == "/api/check-balance" {
                return request.method == "POST" && request.body == "{}"
                    ? [.answer(200, #"{"usd_balance":"1.5"}"#)] : [.answer(405, "")]
            }
            // Larger than any other answer may be.
            return [.answer(200, #"{"object":"list","data":[]}"# + String(repeating: " ", count: 2 << 20))]
        }) { server in
            try await withClient(server.origin) { client in
                #expect(await client.recentRuns(uuid: nil, limit: 50) == .runs([RecentRun(runID: "vid_1")]))
                #expect(
                    await client.recentRuns(uuid: submission.uuid, limit: 99)
                        == .runs([RecentRun(runID: "vid_1")])
                )
                #expect(await client.balance() == .balances([Money(micros: 1_500_000, currency: "USD")]))
                let models = try await client.videoModels()
                #expect(models.count > 2 << 20)
            }
            #expect(
                server.requests.map(\.target) == [
                    "/api/generate-video/recover?limit=50",
                    "/api/generate-video/recover?limit=50&conversationUUID=\(submission.uuid)",
                    "/api/check-balance", "/api/v1/video-models?detailed=true",
                ]
            )
            #expect(server.accepted == 1)
        }
    }

    @Test func `no models`() async throws {
        try await ScriptedServer.with(script: { _ in [.answer(200, "<html>")] }) { server in
            _ = await #expect(throws: JobFault.self) {
                try await withClient(server.origin) { try await $0.videoModels() }
            }
        }
    }
}
