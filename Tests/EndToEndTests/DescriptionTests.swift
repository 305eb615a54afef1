import ControlClient
import Glibc
import JSON
import SchemaCheck
import Testing

extension EndToEnd {
    /// `rpc.discover`: the schemas against what the daemon really answers.
    @Suite("Self-description")
    struct DescriptionTests {
        @Test("every result and event is as described", .timeLimit(.minutes(2)))
        func results() throws {
            try DaemonFixture.with { fixture in
                let document = try fixture.call("rpc.discover")
                let schemas = SchemaCheck(document)
                var checked: Set<String> = ["rpc.discover"]
                @discardableResult
                func call(_ method: String, _ params: JSONValue = [:]) throws -> JSONValue {
                    #expect(schemas.findings(inParams: params, of: method) == [])
                    let result = try fixture.call(method, params)
                    #expect(
                        schemas.findings(inResult: result, of: method) == [],
                        "\(result.text.prefix(2000))"
                    )
                    checked.insert(method)
                    return result
                }
                func submission(_ prompt: String) -> JSONValue {
                    [
                        "request": ["model": "kling-video", "prompt": .string(prompt)], "label": "l",
                        "client_key": .string("key of \(prompt)"),
                    ]
                }
                func submit(_ prompt: String) throws -> JSONValue {
                    let job = try call("jobs.submit", submission(prompt))["job"]
                    return ["id": job?["id"] ?? .null]
                }
                func end(_ id: JSONValue) throws -> JSONValue {
                    let result = try call("jobs.wait", ["id": id["id"] ?? .null, "timeout_ms": 30_000])
                    #expect(result["done"] == true)
                    return result["job"] ?? .null
                }

                try call("daemon.info")
                try call("daemon.status")
                try call("models.list")
                try call("models.list", ["modality": "image"])
                try call("models.get", ["id": "kling-video"])
                try call("account.balance")
                try call("jobs.check", submission("a cat"))
                let wrong = try call("jobs.check", ["request": ["model": "kling-vdeo", "prompt": "x"]])
                #expect(wrong["ok"] == false && wrong["errors"]?.arrayValue?.isEmpty == false)
                let watcher = try fixture.connect()
                let stream = try watcher.call("events.subscribe", timeout: .seconds(20))
                #expect(schemas.findings(inResult: stream, of: "events.subscribe") == [])

                let good = try submit("a cat")
                #expect(try end(good)["state"] == "completed")
                let failed = try submit("a dog [[simulate: failed]]")
                #expect(try end(failed)["state"] == "failed")
                let refused = try submit("a pig [[simulate: policy]]")
                let policy = try end(refused)
                #expect(policy["error"]?["kind"] == "provider.content_policy", "\(policy.text)")
                try call("jobs.get", good)
                try call("jobs.get", failed)
                try call("daemon.status")
                try call(
                    "jobs.list",
                    [
                        "states": ["completed", "failed"], "label": "l",
                        "owner": .number(JSONNumber(getuid())),
                    ]
                )
                try call("jobs.retry", failed)
                _ = try end(failed)
                try call("jobs.remove", refused)
                let runs = try call("runs.list", ["limit": 10])
                #expect(runs["runs"]?.arrayValue?.isEmpty == false)
                try call("state.backup")
                try call("daemon.reload")
                try call("daemon.drain")
                let waiting = try submit("a cow")
                let waits = try call("jobs.get", waiting)["job"]
                #expect(waits?["reason"]?.stringValue?.isEmpty == false)
                try call("daemon.status")
                try call("jobs.cancel", waiting)
                try call("daemon.resume")
                let subscribed = try call(
                    "events.subscribe",
                    ["filter": ["label": "l", "states": ["completed"]], "finished_s": 60]
                )
                #expect(subscribed["snapshot"]?.arrayValue?.count == 1)
                try call("events.unsubscribe", ["subscription": subscribed["subscription"] ?? .null])

                var kinds: Set<String> = []
                while !kinds.isSuperset(of: ["job.created", "job.state", "job.removed", "daemon.state"]),
                    let event = try watcher.nextNotification(timeout: .seconds(20))
                {
                    #expect(event.method == "events.event")
                    #expect(schemas.findings(in: event.params, as: "Event") == [])
                    kinds.insert(event.params["kind"]?.stringValue ?? "")
                }
                #expect(kinds.isSuperset(of: ["job.created", "job.state", "job.removed", "daemon.state"]))

                // What costs a foreign run or a Midjourney one is tried elsewhere; the rest is all here.
                let all = (document["methods"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
                #expect(Set(all).subtracting(checked) == ["jobs.extend", "runs.adopt"])
                #expect(try fixture.call("daemon.info")["methods"]?.arrayValue == all.map { .string($0) })
            }
        }
    }
}
