import Testing

@testable import NanoGPTSimulator

@Suite struct StatusTests {
    @Test func goesThroughQueueAndProgress() async throws {
        try await withClient { client async throws in
            let runID = try await client.run("a cat")
            #expect(try await client.status(runID).json["data"]?["status"] == "IN_QUEUE")
            client.advance(.seconds(2))
            let running = try await client.status(runID).json
            #expect(running["requestId"]?.string == runID)
            #expect(running["data"]?["status"] == "IN_PROGRESS")
            #expect(running["data"]?["progress"] == 50)
            client.advance(.seconds(2))
            let done = try await client.status(runID).json
            #expect(done["data"]?["status"] == "COMPLETED")
            #expect(done["data"]?["cost"] == 0.4)
            #expect(
                done["data"]?["output"]?["video"]?["url"]?.string?.hasPrefix(client.simulator.mediaURL)
                    == true
            )
            #expect(try await client.status(runID).json == done)
        }
    }

    @Test func theLegacyRouteNamesTheRunOtherwise() async throws {
        try await withClient { client async throws in
            let runID = try await client.run("[[simulate: legacy-only]]")
            #expect(try await client.status(runID).status == 404)
            let path = "/api/generate-video/status?runId=\(runID)"
            for suffix in ["", "&model=hunyuan-video", "&modelSlug=hunyuan-video"] {
                let answer = try await client.send(.get, path + suffix)
                #expect(answer.json["data"]?["request_id"]?.string == runID)
            }
            client.simulator.changeSettings { $0.legacyModelRequired = true }
            #expect(try await client.send(.get, path).status == 400)
            #expect(try await client.send(.get, path + "&model=x").status == 200)
        }
    }

    @Test func questionsThatCannotBeAnswered() async throws {
        try await withClient { client async throws in
            let runID = try await client.run("a cat")
            #expect(try await client.send(.get, "/api/video/status").status == 400)
            #expect(try await client.status("vid_unknown").status == 404)
            #expect(try await client.status(runID, key: "other").status == 403)
            #expect(try await client.send(.get, "/api/video/status?runId=\(runID)").status == 200)
            #expect(try await client.send(.get, "/api/nothing").status == 404)
        }
    }

    @Test(arguments: [
        ("failed", "FAILED"), ("failed-object", "FAILED"), ("failed-silent", "FAILED"),
        ("failed-late", "FAILED"),
        ("policy-late", "FAILED"), ("canceled", "CANCELED"), ("canceled, lower-case", "cancelled"),
    ])
    func badEndsAreRefunded(behaviours: String, word: String) async throws {
        try await withClient { client async throws in
            let runID = try await client.run("[[simulate: \(behaviours)]]")
            #expect(client.simulator.balanceMicros == 99_600_000)
            client.advance(.seconds(5))
            #expect(try await client.status(runID).json["data"]?["status"]?.string == word)
            #expect(client.simulator.balanceMicros == 100_000_000)
            #expect(client.simulator.ledger.charges.map(\.isRefunded) == [true])
            #expect(client.simulator.ledger.netMicros == 0)
        }
    }

    @Test func refundsMayBeLateOrNever() async throws {
        try await withClient { client async throws in
            _ = try await client.run("[[simulate: failed, refund=10]]")
            _ = try await client.run("[[simulate: failed, refund=never]]")
            client.advance(.seconds(5))
            #expect(client.simulator.ledger.charges.map(\.isRefunded) == [false, false])
            client.advance(.seconds(10))
            #expect(client.simulator.ledger.charges.map(\.isRefunded) == [true, false])
        }
    }

    @Test func aFinalCostCorrectsTheCharge() async throws {
        try await withClient { client async throws in
            let runID = try await client.run("[[simulate: cost=2, final-cost=1.5]]")
            #expect(client.simulator.balanceMicros == 98_000_000)
            client.advance(.seconds(5))
            #expect(try await client.status(runID).json["data"]?["cost"] == 1.5)
            #expect(client.simulator.balanceMicros == 98_500_000)
        }
    }

    @Test(arguments: URLPlace.allCases)
    func theURLCanBeAnywhere(place: URLPlace) async throws {
        try await withClient { client async throws in
            let runID = try await client.run("[[simulate: url-at=\(place.rawValue)]]")
            client.advance(.seconds(5))
            #expect(try await client.status(runID).text.contains("/videos/\(runID)-0.mp4"))
        }
    }

    @Test(arguments: [
        "html-status=2", "broken-json-status=2", "status-403-first", "status-404-first", "status-429-first",
        "status-500-first", "status-502-first", "status-503-first", "no-url-first",
    ])
    func faultsPass(behaviour: String) async throws {
        try await withClient { client async throws in
            let runID = try await client.run("[[simulate: \(behaviour)]]")
            client.advance(.seconds(5))
            for _ in 0..<2 {
                #expect(try await client.status(runID).json["data"]?["output"] == nil)
            }
            #expect(try await client.status(runID).json["data"]?["output"] != nil)
        }
    }

    @Test func otherShapes() async throws {
        try await withClient { client async throws in
            let flat = try await client.run("[[simulate: flat]]")
            let many = try await client.run("[[simulate: multi]]")
            let stuck = try await client.run("[[simulate: stuck]]")
            client.advance(.seconds(500))
            #expect(try await client.status(flat).json["status"] == "completed")
            #expect(try await client.status(flat).json["videoUrl"]?.string != nil)
            #expect(try await client.status(many).json["data"]?["output"]?["videos"]?.elements.count == 4)
            #expect(try await client.status(stuck).json["data"]?["status"] == "IN_QUEUE")
            try client.simulator.finish(stuck)
            #expect(try await client.status(stuck).json["data"]?["status"] == "COMPLETED")
        }
    }
}
