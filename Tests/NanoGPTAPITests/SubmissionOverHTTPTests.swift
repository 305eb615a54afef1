import JSON
import JobCore
import JobEngine
import NIOCore
import NIOPosix
import Testing

@testable import NanoGPTAPI

@Suite struct SubmissionOverHTTPTests {
    static let accepted = #"{"runId":"vid_m1","status":"pending","cost":0.35,"paymentSource":"USD"}"#

    @Test func `what goes out`() async throws {
        try await ScriptedServer.with(script: { _ in [.answer(202, Self.accepted)] }) { server in
            let outcome = try await withClient(server.origin) { await $0.submit(submission) }
            #expect(OutcomeClass(outcome) == .accepted)
            let request = try #require(server.requests.first)
            #expect(request.method == "POST")
            #expect(request.target == "/api/generate-video")
            #expect(
                request.body
                    == #"{"conversationUUID":"\#(submission.uuid)","model":"veo2-video","prompt":"eagle"}"#
            )
            #expect(request.header("x-api-key") == testKeyText)
            #expect(request.header("authorization") == nil)
            #expect(request.header("content-type") == "application/json")
            #expect(request.header("accept-encoding") == nil)
            #expect(request.header("user-agent") == "videogend/test")
            #expect(request.header("connection") == "close")
            #expect(request.header("content-length") == "\(request.body.utf8.count)")
        }
    }

    @Test func `extend goes out with both names of the run`() async throws {
        try await ScriptedServer.with(script: { _ in [.answer(200, #"{"runId":"vid_2"}"#)] }) { server in
            let outcome = try await withClient(server.origin) {
                let body = NanoGPTClient.extensionBody(runID: "vid_1", index: 2)
                return await $0.submit(
                    SubmissionRequest(operation: .extend, uuid: submission.uuid, body: body)
                )
            }
            #expect(outcome == .accepted(AcceptedRun(runID: "vid_2")))
            let request = try #require(server.requests.first)
            #expect(request.target == "/api/generate-video/extend")
            #expect(
                request.body
                    == #"{"conversationUUID":"\#(submission.uuid)","runId":"vid_1","taskId":"vid_1","index":2}"#
            )
        }
    }

    @Test func `every paid request has its own connection, although the server would keep them open`()
        async throws
    {
        try await ScriptedServer.with(script: { _ in [.answer(202, Self.accepted)] }) { server in
            try await withClient(server.origin) { client in
                for _ in 0..<3 {
                    _ = await client.submit(submission)
                }
                await withTaskGroup(of: Void.self) { group in
                    for _ in 0..<4 {
                        group.addTask { _ = await client.submit(submission) }
                    }
                }
            }
            #expect(server.requests.count == 7)
            #expect(server.accepted == 7)
            #expect(Set(server.requests.map(\.connection)).count == 7)
        }
    }

    @Test func `polls share a connection, and a paid request does not join it`() async throws {
        let status = #"{"data":{"status":"IN_PROGRESS"}}"#
        try await ScriptedServer.with(script: { request in
            [.answer(request.method == "POST" ? 202 : 200, request.method == "POST" ? Self.accepted : status)]
        }) { server in
            try await withClient(server.origin) { client in
                for _ in 0..<3 {
                    _ = await client.status(of: RunReference(runID: "a", model: "m"))
                }
                _ = await client.submit(submission)
                _ = await client.status(of: RunReference(runID: "a", model: "m"))
            }
            #expect(server.requests.count == 5)
            #expect(server.accepted == 2)
        }
    }

    // MARK: Outcomes

    @Test func `nobody listens: refused, nothing was sent`() async throws {
        // The port is free again once the server is gone.
        let origin = try await ScriptedServer.with(script: { _ in [] }) { $0.origin }
        let outcome = try await withClient(origin) { await $0.submit(submission) }
        #expect(OutcomeClass(outcome) == .unreachable)
        #expect(outcome.fault?.message.contains("connection refused") == true)
    }

    @Test func `the name does not resolve: refused`() async throws {
        let outcome = try await withClient("https://does-not-exist.invalid") { await $0.submit(submission) }
        #expect(OutcomeClass(outcome) == .unreachable)
    }

    @Test func `no TCP connection in time: refused`() async throws {
        // A listener whose backlog is full drops further SYNs.
        let listener = try await FullListener.start()
        let outcome = try await withClient(
            "http://127.0.0.1:\(listener.port)",
            connectTimeout: .milliseconds(300)
        ) { await $0.submit(submission) }
        #expect(OutcomeClass(outcome) == .unreachable)
        try await listener.stop()
    }

    @Test func `reset at once: never accepted, never sent twice`() async throws {
        try await ScriptedServer.with(greeting: [.reset], script: { _ in [] }) { server in
            let outcome = try await withClient(server.origin) { await $0.submit(submission) }
            // Whether the reset overtakes the connection is the kernel's choice; both words are true then.
            #expect([.unknown, .unreachable].contains(OutcomeClass(outcome)))
            #expect(server.accepted == 1)
        }
    }

    static let breaks: [(String, [ServerStep])] = [
        ("reset after reading", [.reset]),
        ("closed after reading", [.close]),
        ("half-closed after reading", [.halfClose]),
        ("garbage", [.send("SSH-2.0-OpenSSH_9.2\r\n"), .close]),
        ("a head that breaks off", [.send("HTTP/1.1 202 Accep"), .close]),
        (
            "a body that breaks off",
            [.send("HTTP/1.1 202 X\r\ncontent-length: 500\r\n\r\n{\"runId\":\"vid_1\""), .close]
        ),
        (
            "a body that is reset",
            [.send("HTTP/1.1 202 X\r\ncontent-length: 500\r\n\r\n{\"runId\":\"vid_1\""), .reset]
        ),
        ("a 202 without an id", [.answer(202, "{}")]),
        ("a page", [.answer(200, "<html>", headers: ["content-type: text/html"])]),
        ("a gateway error", [.answer(502, "<html>", headers: ["content-type: text/html"])]),
        ("a server error", [.answer(500, #"{"error":500,"message":"x"}"#)]),
        ("a redirect", [.answer(302, "", headers: ["location: /elsewhere"])]),
        ("a redirect that repeats POSTs", [.answer(307, "", headers: ["location: /elsewhere"])]),
        ("a permanent redirect that repeats POSTs", [.answer(308, "", headers: ["location: /elsewhere"])]),
        ("a conflict", [.answer(409, "{}")]),
        ("only an early hint", [.send("HTTP/1.1 103 Early Hints\r\n\r\n"), .close]),
        ("a length that is none", [.send("HTTP/1.1 202 X\r\ncontent-length: x\r\n\r\n{}"), .close]),
        (
            "headers without end",
            [.send("HTTP/1.1 202 X\r\n" + String(repeating: "x-a: b\r\n", count: 3000)), .close]
        ),
        (
            "a body that is too large",
            [.answer(202, #"{"runId":"a","x":""# + String(repeating: "y", count: 1 << 20) + "\"}")]
        ),
        (
            "a compressed body",
            [.answer(202, "\u{1f}\u{8b}", headers: ["content-encoding: gzip"])]
        ),
    ]

    @Test(arguments: breaks)
    func `whatever happens after the request went out is unknown, and it went out once`(
        name: String,
        steps: [ServerStep]
    ) async throws {
        try await ScriptedServer.with(script: { _ in steps }) { server in
            let outcome = try await withClient(server.origin) { await $0.submit(submission) }
            #expect(OutcomeClass(outcome) == .unknown, "\(name): \(outcome)")
            #expect(outcome.fault?.charged == .unknown)
            #expect(server.requests.count == 1)
            #expect(server.accepted == 1)
        }
    }

    @Test(
        arguments: [
            [.hold], [.send("HTTP/1.1 202 X\r\n")],
            [.send("HTTP/1.1 202 X\r\ncontent-length: 500\r\n\r\n{\"runId\":\"vid_1\",")],
        ] as [[ServerStep]]
    )
    func `no complete answer in time is unknown`(steps: [ServerStep]) async throws {
        try await ScriptedServer.with(script: { _ in steps }) { server in
            let outcome = try await withClient(server.origin, requestTimeout: .seconds(1)) {
                await $0.submit(submission)
            }
            #expect(OutcomeClass(outcome) == .unknown)
            #expect(server.requests.count == 1)
        }
    }

    @Test(arguments: [
        (401, OutcomeClass.unauthorized), (402, .balance), (403, .rejected), (413, .rejected),
        (429, .rateLimited),
        (400, .rejected),
    ])
    func `definite refusals`(status: Int, expected: OutcomeClass) async throws {
        try await ScriptedServer.with(script: { _ in [.answer(status, "{}", headers: ["retry-after: 5"])] }) {
            server in
            let outcome = try await withClient(server.origin) { await $0.submit(submission) }
            #expect(OutcomeClass(outcome) == expected)
            if case .refused(.rateLimited(_, let wait)) = outcome {
                #expect(wait == .seconds(5))
            }
        }
    }

    @Test func `a large body arrives whole and once`() async throws {
        let prompt = String(repeating: "0123456789abcdef", count: 260_000)
        let request = SubmissionRequest(
            uuid: submission.uuid,
            body: Array(#"{"imageDataUrl":"\#(prompt)"}"#.utf8)
        )
        try await ScriptedServer.with(script: { _ in [.answer(202, Self.accepted)] }) { server in
            let outcome = try await withClient(server.origin) { await $0.submit(request) }
            #expect(OutcomeClass(outcome) == .accepted)
            #expect(server.requests.count == 1)
            #expect(server.requests.first?.body.utf8.count == prompt.utf8.count + 19 + 58)
        }
    }

    @Test func `cancelled while it waits: unknown, and at once`() async throws {
        try await ScriptedServer.with(script: { _ in [.hold] }) { server in
            try await withClient(server.origin) { client in
                let outcome = await withTaskGroup(of: SubmissionOutcome?.self) { group in
                    group.addTask { await client.submit(submission) }
                    group.addTask {
                        await server.firstRequest()
                        return nil
                    }
                    _ = await group.next()
                    group.cancelAll()
                    return await group.next() ?? nil
                }
                #expect(outcome.map(OutcomeClass.init) == .unknown)
            }
        }
    }

    @Test func `cancelled before it began: refused, nothing was sent`() async throws {
        try await ScriptedServer.with(script: { _ in [.answer(202, Self.accepted)] }) { server in
            try await withClient(server.origin) { client in
                let outcome = await withTaskGroup(of: SubmissionOutcome.self) { group in
                    group.cancelAll()
                    group.addTask { await client.submit(submission) }
                    return await group.next()
                }
                #expect(outcome.map(OutcomeClass.init) == .unreachable)
            }
            #expect(server.accepted == 0)
        }
    }
}

/// A TCP listener that never accepts and whose backlog is full.
private struct FullListener {
    let port: Int
    private let listener: any Channel
    private let fillers: [any Channel]

    static func start() async throws -> FullListener {
        let group = MultiThreadedEventLoopGroup.singleton
        let listener = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1)
            .serverChannelOption(.autoRead, value: false)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = listener.localAddress?.port ?? 0
        var fillers: [any Channel] = []
        while fillers.count < 16 {
            do {
                let filler = try await ClientBootstrap(group: group).connectTimeout(.milliseconds(200))
                    .connect(host: "127.0.0.1", port: port).get()
                fillers.append(filler)
            } catch {
                // Full: what the test wants.
                break
            }
        }
        return FullListener(port: port, listener: listener, fillers: fillers)
    }

    func stop() async throws {
        for filler in fillers {
            try await filler.close()
        }
        try await listener.close()
    }
}
