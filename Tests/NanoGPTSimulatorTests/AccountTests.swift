import Testing

@testable import NanoGPTSimulator

@Suite struct AccountTests {
    @Test func showsTheBalance() async throws {
        try await withClient { client async throws in
            _ = try await client.run("a cat")
            let answer = try await client.send(.post, "/api/check-balance")
            #expect(answer.json["usd_balance"] == "99.60000000")
            #expect(answer.json["nano_balance"] == "10.00000000")
            #expect(try await client.send(.get, "/api/check-balance").status == 405)
        }
    }

    @Test func paysInNano() async throws {
        try await withClient { client async throws in
            let answer = try await client.submit("[[simulate: xno, cost=1.25]]")
            #expect(answer.json["paymentSource"] == "XNO")
            #expect(answer.json["remainingBalance"] == 8.75)
            #expect(client.simulator.balanceMicros == 100_000_000)
            #expect(client.simulator.ledger.netMicros == 0)
        }
    }

    @Test func showsWhatARequestCost() async throws {
        try await withClient { client async throws in
            _ = try await client.send(
                .post,
                "/api/generate-video",
                json: ["model": "hunyuan-video", "prompt": "a cat"],
                headers: ["X-Request-ID": "mine"]
            )
            let answer = try await client.send(.get, "/api/v1/usage/requests/mine")
            #expect(answer.json["cost"] == "0.40000000")
            #expect(try await client.send(.get, "/api/v1/usage/requests/other").status == 404)
            #expect(try await client.send(.get, "/api/v1/usage").json["totals"]?["netCostUsd"] == 0.4)
            #expect(try await client.send(.get, "/api/subscription/v1/usage").json["active"] == false)
        }
    }

    @Test(arguments: [
        (Int64(129_469_561), "129.46956100"), (5, "0.00000500"), (-1_500_000, "-1.50000000"),
    ])
    func writesEightDecimals(micros: Int64, text: String) {
        #expect(Account(micros: [.usd: micros]).text(.usd) == text)
    }
}
