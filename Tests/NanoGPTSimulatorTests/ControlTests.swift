import Testing

@testable import NanoGPTSimulator

@Suite struct ControlTests {
    @Test func rulesChooseBehaviours() async throws {
        try await withClient { client async throws in
            let rules: JSONValue = [
                ["prompt": "dog", "times": 1, "behaviours": ["policy"]],
                ["every": 3, "behaviours": "invalid"],
            ]
            #expect(try await client.send(.post, "/__simulator/rules", json: rules).status == 200)
            #expect(try await client.submit("a dog").status == 400)
            #expect(try await client.submit("a dog").status == 202)
            #expect(try await client.submit("a cat").status == 400)
            let shown = try await client.send(.get, "/__simulator/rules").json["rules"]?.elements ?? []
            #expect(shown.map { $0["used"] } == [1, 1])
            #expect(try await client.send(.delete, "/__simulator/rules").json["rules"] == [])
            #expect(
                try await client.send(.post, "/__simulator/rules", json: ["behaviours": "no"]).status == 400
            )
        }
    }

    @Test func showsWhatHappened() async throws {
        try await withClient { client async throws in
            let runID = try await client.run("a cat", conversation: "u")
            let ledger = try await client.send(.get, "/__simulator/ledger", key: nil).json
            #expect(ledger["charges"]?.elements.first?["run_id"]?.string == runID)
            #expect(ledger["net_micros"] == 400_000)
            let jobs = try await client.send(.get, "/__simulator/jobs").json["jobs"]?.elements
            #expect(jobs?.first?["state"] == "queued")
            let requests = try await client.send(.get, "/__simulator/requests").json
            #expect(requests["routes"]?["submit"]?["statuses"]?["202"] == 1)
            #expect(requests["media_requests_with_key"] == 0)
        }
    }

    @Test func outagesComeAndGo() async throws {
        try await withClient { client async throws in
            let body: JSONValue = ["mode": "503", "seconds": 10, "routes": ["balance"]]
            #expect(try await client.send(.post, "/__simulator/outage", json: body).status == 200)
            #expect(try await client.send(.post, "/api/check-balance").status == 503)
            #expect(try await client.submit("a cat").status == 202)
            client.advance(.seconds(10))
            #expect(try await client.send(.post, "/api/check-balance").status == 200)
            client.simulator.begin(Outage(.reset))
            await #expect(throws: (any Error).self) { try await client.submit("a cat") }
            client.simulator.endOutages()
            #expect(try await client.submit("a cat").status == 202)
            #expect(try await client.send(.post, "/__simulator/outage", json: ["mode": "200"]).status == 400)
        }
    }

    @Test func settingsAndKeysChange() async throws {
        try await withClient({ $0.apiKeys = ["key"] }) { client async throws in
            let runID = try await client.run("a cat")
            let body: JSONValue = ["api_key": "new", "submit_per_minute": 1]
            let answer = try await client.send(.post, "/__simulator/settings", json: body)
            #expect(answer.json["submit_per_minute"] == 1)
            #expect(try await client.status(runID).status == 401)
            #expect(try await client.status(runID, key: "new").status == 200)
            #expect(try await client.submit("a cat", key: "new").status == 429)
            #expect(try await client.send(.post, "/__simulator/settings", json: ["no": 1]).status == 400)
        }
    }

    @Test func resetForgets() async throws {
        try await withClient { client async throws in
            _ = try await client.run("a cat")
            _ = try await client.send(.post, "/__simulator/balance", json: ["usd": 3])
            #expect(client.simulator.balanceMicros == 3_000_000)
            _ = try await client.send(.post, "/__simulator/reset")
            #expect(client.simulator.ledger.charges.isEmpty && client.simulator.jobs.isEmpty)
            #expect(client.simulator.balanceMicros == 100_000_000)
        }
    }

    @Test func scriptsCarryRulesAndSettings() throws {
        let script = try SimulatorScript(
            parsing: """
                settings: {processing_seconds: 2, strict_media: true}
                rules:
                  - {prompt: "cat", behaviours: [slow=20, truncated]}
                  - {model: veo2-video, every: 10, behaviours: failed}
                """
        )
        var configuration = SimulatorConfiguration()
        try configuration.add(script)
        #expect(configuration.rules.map(\.behaviours.text) == ["slow=20, truncated", "failed"])
        #expect(configuration.settings.processingSeconds == 2 && configuration.settings.strictMedia)
        let json = try SimulatorScript(parsing: #"[{"ordinal": 3, "behaviours": "failed"}]"#)
        #expect(json.rules.map(\.ordinal) == [3])
        for text in [
            "rules: [{behaviours: x}]", "setings: {}", "settings: {nope: 1}", "text", "a: [", "[{}]",
        ] {
            #expect(throws: SimulatorError.self) { try SimulatorScript(parsing: text) }
        }
    }

    @Test func configurationsThatCannotBeUsed() {
        var remote = SimulatorConfiguration()
        remote.host = "0.0.0.0"
        #expect(throws: SimulatorError.self) { try SimulatorServer(configuration: remote) }
        var half = SimulatorConfiguration()
        half.tlsKeyFile = "key.pem"
        #expect(throws: SimulatorError.self) { try SimulatorServer(configuration: half) }
    }

    @Test func aTakenPortIsAnError() async throws {
        try await withClient { client async throws in
            let port = try #require(client.simulator.baseURL.split(separator: ":").last.flatMap { Int($0) })
            var configuration = SimulatorConfiguration()
            configuration.port = port
            await #expect(throws: (any Error).self) { try await withSimulator(configuration) { _ in } }
        }
    }
}
