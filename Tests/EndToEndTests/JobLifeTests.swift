import ControlClient
import JSON
import Testing

extension EndToEnd {
    @Suite("Cancel, retry, remove, client keys")
    struct JobLifeTests {
        @Test("canceled before it is sent: no charge; retried: one", .timeLimit(.minutes(1)))
        func queued() throws {
            try DaemonFixture.with { fixture in
                try fixture.call("daemon.drain")
                let id = try fixture.submit("x")
                #expect(try fixture.job(id)["state"] == "queued")
                let result = try fixture.call("jobs.cancel", ["id": .string(id)])
                #expect(result["saves_money"] == "yes")
                #expect(result["job"]?["state"] == "canceled")
                try fixture.call("daemon.resume")
                #expect(try fixture.run("y")["state"] == "completed")
                #expect(try fixture.simulator.ledger().count("x") == 0)
                try fixture.call("jobs.retry", ["id": .string(id)])
                #expect(try fixture.finished(id)["state"] == "completed")
                #expect(try fixture.simulator.ledger().count("x") == 1)
            }
        }

        @Test("canceled when it is paid", .timeLimit(.minutes(1)))
        func paid() throws {
            try DaemonFixture.with { fixture in
                let kept = try fixture.submit("kept [[simulate: processing=1]]")
                let discarded = try fixture.submit("discarded [[simulate: processing=1]]")
                for id in [kept, discarded] {
                    try fixture.follow(id, until: "paid") { $0["run_id"]?.stringValue != nil }
                }
                #expect(try fixture.refusal("jobs.remove", ["id": .string(kept)]).kind == "job.state")
                let cancel = try fixture.call("jobs.cancel", ["id": .string(kept)])
                #expect(cancel["saves_money"] == "no")
                let discard = try fixture.call("jobs.cancel", ["id": .string(discarded), "discard": true])
                #expect(discard["saves_money"] == "no")
                #expect(try fixture.finished(kept)["state"] == "completed")
                #expect(try fixture.finished(discarded)["state"] == "canceled")
                #expect(TestFolder.names(in: fixture.output).count == 2)
                // A discarded run is collected, not bought again.
                try fixture.call("jobs.retry", ["id": .string(discarded)])
                #expect(try fixture.finished(discarded)["state"] == "completed")
                #expect(TestFolder.names(in: fixture.output).count == 4)
                #expect(try fixture.simulator.ledger().charges.count == 2)
                try fixture.call("jobs.remove", ["id": .string(kept)])
                #expect(try fixture.refusal("jobs.get", ["id": .string(kept)]).kind == "job.not_found")
                #expect(TestFolder.names(in: fixture.output).count == 4)
            }
        }

        @Test("a repeated call needs no room for a second body", .timeLimit(.minutes(1)))
        func repeatedWithoutRoom() throws {
            try DaemonFixture.with(environment: ["VIDEOGEND_STATE_MEDIA_BYTES": "64KiB"]) { fixture in
                try fixture.call("daemon.drain")
                func params(_ key: String) -> JSONValue {
                    let prompt = String(repeating: "waves ", count: 7000)
                    return [
                        "request": ["model": "kling-video", "prompt": .string(prompt)],
                        "client_key": .string(key),
                    ]
                }
                let first = try fixture.call("jobs.submit", params("K"))
                #expect(try fixture.refusal("jobs.submit", params("L")).kind == "limits.exceeded")
                let again = try fixture.call("jobs.submit", params("K"))
                #expect(again["duplicate"] == true)
                #expect(again["job"]?["id"] == first["job"]?["id"])
            }
        }

        @Test("the same client key is the same job, over a restart, too", .timeLimit(.minutes(1)))
        func clientKey() throws {
            try DaemonFixture.with { fixture in
                func submit(_ prompt: String) throws -> JSONValue {
                    try fixture.call(
                        "jobs.submit",
                        ["request": ["model": "kling-video", "prompt": .string(prompt)], "client_key": "K"]
                    )
                }
                let first = try submit("x")
                #expect(first["duplicate"] == false)
                let id = try #require(first["job"]?["id"]?.stringValue)
                #expect(try submit("x")["duplicate"] == true)
                try fixture.kill()
                try fixture.start()
                let again = try submit("x")
                #expect(again["duplicate"] == true)
                #expect(again["job"]?["id"]?.stringValue == id)
                let conflict = try fixture.refusal(
                    "jobs.submit",
                    ["request": ["model": "kling-video", "prompt": "y"], "client_key": "K"]
                )
                #expect(conflict.kind == "job.key_conflict")
                var job = try fixture.finished(id)
                if job["state"] == "held" {
                    // Killed before its request was sent.
                    try fixture.call("jobs.retry", ["id": .string(id), "accept_charge": true])
                    job = try fixture.finished(id)
                }
                #expect(job["state"] == "completed")
                #expect(try fixture.simulator.ledger().charges.count == 1)
            }
        }
    }
}
