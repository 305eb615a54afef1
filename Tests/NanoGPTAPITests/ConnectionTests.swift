import JobCore
import JobEngine
import NIOPosix
import Testing

@testable import NanoGPTAPI

@Suite struct ConnectionTests {
    static let accepted = SubmissionOverHTTPTests.accepted

    // MARK: TLS

    @Test func `TLS with the additional CA`() async throws {
        let context = try TestCertificates.serverContext()
        try await ScriptedServer.with(tls: context, script: { _ in [.answer(202, Self.accepted)] }) {
            server in
            try await TestCertificates.withAuthorityFile { file in
                let origin = "https://localhost:\(server.port)"
                let outcome = try await withClient(origin, caFile: file) { await $0.submit(submission) }
                #expect(OutcomeClass(outcome) == .accepted)
            }
        }
    }

    @Test func `a certificate that nobody vouches for: refused, nothing was sent`() async throws {
        let context = try TestCertificates.serverContext()
        try await ScriptedServer.with(tls: context, script: { _ in [.answer(202, Self.accepted)] }) {
            server in
            let outcome = try await withClient("https://localhost:\(server.port)") {
                await $0.submit(submission)
            }
            #expect(OutcomeClass(outcome) == .unreachable)
            #expect(outcome.fault?.message.contains("TLS") == true)
            #expect(server.requests.isEmpty)
        }
    }

    @Test(arguments: [[.reset], [.close], [.send("HTTP/1.1 400 Bad\r\n\r\n"), .close]] as [[ServerStep]])
    func `a server that breaks the TLS handshake off: refused`(greeting: [ServerStep]) async throws {
        try await ScriptedServer.with(greeting: greeting, script: { _ in [] }) { server in
            let outcome = try await withClient("https://127.0.0.1:\(server.port)") {
                await $0.submit(submission)
            }
            #expect(OutcomeClass(outcome) == .unreachable)
        }
    }

    @Test func `a TLS handshake that never ends: refused`() async throws {
        try await ScriptedServer.with(greeting: [.hold], script: { _ in [] }) { server in
            let outcome = try await withClient(
                "https://127.0.0.1:\(server.port)",
                requestTimeout: .seconds(5),
                connectTimeout: .milliseconds(300)
            ) { await $0.submit(submission) }
            #expect(OutcomeClass(outcome) == .unreachable)
        }
    }

    // MARK: Reload

    @Test func `another key and another timeout from the next request on`() async throws {
        try await ScriptedServer.with(script: { request in
            request.header("x-api-key") == "second-key" ? [.hold] : [.answer(202, Self.accepted)]
        }) { server in
            try await withClient(server.origin) { client in
                #expect(OutcomeClass(await client.submit(submission)) == .accepted)
                let next = try NanoGPTConfiguration(
                    baseURL: server.origin,
                    userAgent: "videogend/2",
                    requestTimeout: .seconds(2)
                )
                try client.apply(next, key: try APIKey("second-key"))
                let outcome = await client.submit(submission)
                #expect(OutcomeClass(outcome) == .unknown)
                #expect(outcome.fault?.message.contains("no complete answer") == true)
                let bad = try NanoGPTConfiguration(
                    baseURL: server.origin,
                    userAgent: "x",
                    caFile: "/nonexistent"
                )
                #expect(throws: NanoGPTAPIError.self) { try client.apply(bad, key: try APIKey("third-key")) }
                _ = await client.submit(submission)
            }
            #expect(
                server.requests.map { $0.header("x-api-key") } == [testKeyText, "second-key", "second-key"]
            )
            #expect(server.requests.last?.header("user-agent") == "videogend/2")
        }
    }

    @Test func `after shutdown nothing is sent`() async throws {
        try await ScriptedServer.with(script: { _ in [.answer(202, Self.accepted)] }) { server in
            let configuration = try NanoGPTConfiguration(baseURL: server.origin, userAgent: "x")
            let group = MultiThreadedEventLoopGroup.singleton
            let client = try NanoGPTClient(
                configuration: configuration,
                key: try APIKey(testKeyText),
                eventLoopGroup: group,
                now: { testNow }
            )
            try await client.shutdown()
            try await client.shutdown()
            #expect(OutcomeClass(await client.submit(submission)) == .unreachable)
            guard case .unavailable = await client.balance() else {
                Issue.record("answered")
                return
            }
            #expect(throws: NanoGPTAPIError.self) {
                try client.apply(configuration, key: try APIKey("k2-12"))
            }
            #expect(server.accepted == 0)
        }
    }
}
