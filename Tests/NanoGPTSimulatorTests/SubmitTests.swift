import Testing

@testable import NanoGPTSimulator

@Suite struct SubmitTests {
    @Test func answersAsDocumented() async throws {
        try await withClient { client async throws in
            let answer = try await client.submit("a cat")
            #expect(answer.status == 202)
            let names = [
                "runId", "id", "status", "model", "cost", "paymentSource", "remainingBalance",
                "prechargeLabel",
            ]
            #expect(answer.json.members.map(\.name) == names)
            let runID = try #require(answer.json["runId"]?.string)
            #expect(runID.hasPrefix("vid_") && runID.count == 4 + 8 + 9)
            #expect(answer.json["id"]?.string == runID)
            #expect(answer.json["cost"]?.number == 0.4)
            #expect(answer.json["remainingBalance"]?.number == 99.6)
            #expect(answer.headers["x-request-id"]?.isEmpty == false)
        }
    }

    @Test func wantsAKey() async throws {
        try await withClient({ $0.apiKeys = ["right"] }) { client async throws in
            #expect(try await client.submit("a cat", key: nil).status == 401)
            #expect(try await client.submit("a cat", key: "wrong").status == 401)
            #expect(try await client.submit("a cat", key: "right").status == 202)
            let bearer = try await client.send(
                .post,
                "/api/check-balance",
                key: nil,
                headers: ["Authorization": "Bearer right"]
            )
            #expect(bearer.status == 200)
            #expect(client.simulator.ledger.charges.count == 1)
        }
    }

    @Test(arguments: [
        ("policy", 400), ("invalid", 400), ("too-large", 413), ("balance", 402), ("unauthorized", 401),
        ("forbidden", 403), ("rate-limited", 429), ("rate-limited-date", 429), ("daily-limit", 429),
        ("error-before-accept", 503), ("gateway-before-accept", 502), ("redirect-before-accept", 307),
        ("timeout-before-accept=1", 504),
    ])
    func refusalsCostNothing(behaviour: String, status: Int) async throws {
        try await withClient { client async throws in
            #expect(try await client.submit("[[simulate: \(behaviour)]]").status == status)
            #expect(client.simulator.ledger.charges.isEmpty)
            #expect(client.simulator.jobs.isEmpty)
        }
    }

    @Test func countedRefusalsEnd() async throws {
        try await withClient { client async throws in
            let prompt = "[[simulate: rate-limited=2, retry-after=7]]"
            #expect(try await client.submit(prompt).headers["retry-after"] == "7")
            #expect(try await client.submit(prompt).status == 429)
            #expect(try await client.submit(prompt).status == 202)
            #expect(try await client.submit("another " + prompt).status == 429)
        }
    }

    @Test func aRefusedBalanceIsGoodWhenItRises() async throws {
        try await withClient { client async throws in
            #expect(try await client.submit("[[simulate: balance]]").status == 402)
            #expect(try await client.submit("[[simulate: balance]]").status == 402)
            client.simulator.setBalance(micros: 100_000_001)
            #expect(try await client.submit("[[simulate: balance]]").status == 202)
        }
    }

    @Test func aBalanceThatDoesNotReachIsRefused() async throws {
        try await withClient({ $0.balanceMicros = 500_000 }) { client async throws in
            #expect(try await client.submit("one").status == 202)
            let answer = try await client.submit("two")
            #expect(answer.status == 402)
            #expect(answer.json["error"]?.string == "Insufficient balance")
            #expect(client.simulator.balanceMicros == 100_000)
        }
    }

    @Test(arguments: [
        "reset-after-accept", "error-after-accept", "gateway-after-accept", "garbled-after-accept",
        "cut-after-accept",
    ])
    func lostAnswersAreCharged(behaviour: String) async throws {
        try await withClient { client async throws in
            let prompt = "[[simulate: \(behaviour)]]"
            do {
                let answer = try await client.submit(prompt, conversation: "u-1")
                #expect(answer.json["runId"] == nil)
            } catch {
                #expect(["reset-after-accept", "cut-after-accept"].contains(behaviour))
            }
            let charge = try #require(client.simulator.ledger.charges.first)
            #expect(charge.prompt == prompt && charge.conversationUUID == "u-1")
            let found = try await client.send(.get, "/api/generate-video/recover?conversationUUID=u-1")
            #expect(found.json["data"]?.elements.first?["runId"]?.string == charge.runID)
        }
    }

    @Test func aResetBeforeAcceptMakesNothing() async throws {
        try await withClient { client async throws in
            await #expect(throws: (any Error).self) {
                try await client.submit("[[simulate: reset-before-accept]]")
            }
            #expect(client.simulator.ledger.charges.isEmpty)
            // It is counted when it is over, which may be after we saw the connection break.
            var statuses: [Int: Int] = [:]
            let start = ContinuousClock.now
            while statuses.isEmpty, .now - start < .seconds(10) {
                try await Task.sleep(for: .milliseconds(5))
                statuses = client.simulator.requests.counts(.submit).statuses
            }
            #expect(statuses == [0: 1])
            #expect(try await client.submit("[[simulate: reset-before-accept]]").status == 202)
        }
    }

    @Test func theSameSubmissionTwiceIsChargedTwice() async throws {
        try await withClient { client async throws in
            for _ in 0..<2 {
                _ = try await client.send(
                    .post,
                    "/api/generate-video",
                    json: ["model": "hunyuan-video", "prompt": "a cat", "conversationUUID": "u"],
                    headers: ["X-Request-ID": "same"]
                )
            }
            #expect(client.simulator.ledger.charges.map(\.requestID) == ["same", "same"])
            #expect(client.simulator.ledger.repeatedPrompts == ["a cat": 2])
            #expect(client.simulator.ledger.repeatedConversations == ["u": 2])
        }
    }

    @Test func fiftyInAnyMinute() async throws {
        try await withClient { client async throws in
            for number in 0..<50 { #expect(try await client.submit("\(number)").status == 202) }
            client.advance(.seconds(59))
            let refused = try await client.submit("too many")
            #expect(refused.status == 429)
            #expect(refused.headers["retry-after"] == "1")
            client.advance(.seconds(1))
            #expect(try await client.submit("again").status == 202)
            #expect(client.simulator.requests.peakSubmitsPerMinute == 51)
        }
    }

    @Test func bodiesHaveALimit() async throws {
        try await withClient { client async throws in
            let large = try await client.send(
                .post,
                "/api/generate-video",
                bytes: Array(repeating: 32, count: 4_800_000)
            )
            #expect(large.status == 413 && large.bytes.isEmpty)
            #expect(try await client.send(.post, "/api/generate-video", bytes: Array("{".utf8)).status == 400)
            #expect(try await client.submit("[[simulate: no-such-thing]]").status == 400)
        }
    }
}
