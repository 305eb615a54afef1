import Testing

@testable import NanoGPTSimulator

@Suite struct RunListTests {
    private func list(_ client: SimulatorClient, _ query: String = "") async throws -> [JSONValue] {
        try await client.send(.get, "/api/generate-video/recover\(query)").json["data"]?.elements ?? []
    }

    @Test func listsNewestFirst() async throws {
        try await withClient { client async throws in
            var runs: [String] = []
            for number in 0..<12 {
                runs.append(try await client.run("\(number)", conversation: "u-\(number)"))
                client.advance(.milliseconds(10))
            }
            let found = try await list(client)
            #expect(found.compactMap { $0["runId"]?.string } == Array(runs.reversed().prefix(10)))
            #expect(found.first?["conversationUUID"] == "u-11")
            #expect(found.first?["status"] == "queued")
            #expect(found.first?["createdAt"] == "2026-01-01T00:00:00.110Z")
            #expect(try await list(client, "?limit=50").count == 12)
            #expect(try await list(client, "?conversationUUID=u-3").map { $0["runId"]?.string } == [runs[3]])
            #expect(try await list(client, "?model=sora-2").isEmpty)
            #expect(try await client.send(.get, "/api/generate-video/recover?limit=51").status == 400)
            #expect(try await client.send(.get, "/api/generate-video/recover?limit=0").status == 400)
            #expect(
                try await client.send(.get, "/api/generate-video/recover", key: "other").json["data"] == []
            )
        }
    }

    @Test func entriesMayBeLateOrPoor() async throws {
        try await withClient { client async throws in
            _ = try await client.run("[[simulate: late-recover=5]]", conversation: "late")
            _ = try await client.run("[[simulate: recover-without-uuid]]", conversation: "poor")
            _ = try await client.run("[[simulate: recover-missing]]", conversation: "never")
            #expect(try await list(client, "?conversationUUID=late").isEmpty)
            client.advance(.seconds(5))
            #expect(try await list(client, "?conversationUUID=late").count == 1)
            let poor = try await list(client, "?conversationUUID=poor")
            #expect(poor.count == 1 && poor.first?["conversationUUID"] == nil)
            #expect(try await list(client).count == 2)
        }
    }

    @Test func twentyLooksAMinute() async throws {
        try await withClient { client async throws in
            for _ in 0..<20 {
                #expect(try await client.send(.get, "/api/generate-video/recover").status == 200)
            }
            #expect(try await client.send(.get, "/api/generate-video/recover").status == 429)
            client.advance(.seconds(60))
            #expect(try await client.send(.get, "/api/generate-video/recover").status == 200)
        }
    }

    @Test func extendsMidjourneyOnly() async throws {
        try await withClient { client async throws in
            let picture: JSONValue = [
                "model": "midjourney-video", "imageDataUrl": "data:image/png;base64,AAAA",
            ]
            let first = try await client.send(.post, "/api/generate-video", json: picture)
            let runID = try #require(first.json["runId"])
            let path = "/api/generate-video/extend"
            #expect(try await client.send(.post, path, json: ["runId": runID, "index": 0]).status == 400)
            client.advance(.seconds(5))
            let answer = try await client.send(.post, path, json: ["taskId": runID, "index": 1])
            #expect(answer.status == 202)
            #expect(answer.json["message"] == "Extending video 2 by 5 seconds...")
            #expect(client.simulator.ledger.charges.count == 2)
            #expect(try await client.send(.post, path, json: ["runId": runID, "index": 4]).status == 400)
            #expect(try await client.send(.post, path, json: ["runId": runID, "video": "x"]).status == 400)
            let other = try await client.run("a cat")
            client.advance(.seconds(5))
            #expect(try await client.send(.post, path, json: ["runId": .string(other)]).status == 400)
            #expect(try await client.send(.post, path, json: ["runId": runID], key: "other").status == 403)
        }
    }
}
