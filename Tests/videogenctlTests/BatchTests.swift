import Glibc
import JSON
import ScriptedDaemon
import Testing

@testable import videogenctl

@Suite("submit --batch", .timeLimit(.minutes(1)))
struct BatchTests {
    /// Accepts every line but those whose prompt is "bad"; the id is the prompt.
    @Sendable private static func script(_ call: ScriptedCall) -> [ScriptedAnswer] {
        let prompt = call.params["request"]?["prompt"]?.stringValue ?? ""
        return prompt == "bad"
            ? [.refusal("params.invalid", "It is bad", code: -32602)]
            : [.result(["job": jobJSON(prompt, "queued"), "duplicate": false, "warnings": []])]
    }

    private func withBatch(_ lines: [String], _ body: (String) throws -> Void) throws {
        try withDirectory { directory in
            let path = directory + "/batch.jsonl"
            try write(Array(lines.joined(separator: "\n").utf8), to: path)
            try body(path)
        }
    }

    @Test("submits every line, with the options where a line says nothing")
    func lines() throws {
        let lines = [
            "{\"model\":\"m1\",\"prompt\":\"p1\"}", "",
            "{\"request\":{\"prompt\":\"p2\"},\"label\":\"own\",\"client_key\":\"mine\"}", "not json", "[1]",
            "{\"prompt\":\"bad\"}",
        ]
        try withDaemon(Self.script) { daemon in
            try withBatch(lines) { path in
                let run = try CommandRun(
                    [
                        "submit", "--batch", path, "--model", "m0", "--label", "l", "--key", "k", "--set",
                        "seed=1",
                    ],
                    on: daemon
                )
                #expect(run.status == .refused)
                #expect(run.outLines.sorted() == ["p1", "p2"])
                #expect(run.err.contains("error: line 6: It is bad."))
                #expect(run.err.contains("error: Line 4 is not JSON"))
                #expect(run.err.contains("5 lines: 2 accepted, 3 refused"))
                #expect(run.err.contains("--key k: no line is submitted twice"))
                let notes = try contents(of: path + ".results.jsonl").split(separator: "\n").map {
                    try JSONParser.parse(String($0))
                }
                #expect(Set(notes.compactMap { $0["line"]?.intValue }) == [1, 3, 4, 5, 6])
                let first = try #require(notes.first { $0["line"] == 1 })
                #expect(first == ["line": 1, "client_key": "k-1", "job_id": "p1"])
                #expect(notes.first { $0["line"] == 6 }?["error"]?["data"]?["kind"] == "params.invalid")
            }
            let params = daemon.calls.map(\.params)
            let first = try #require(params.first { $0["request"]?["prompt"] == "p1" })
            #expect(first["client_key"] == "k-1")
            #expect(first["label"] == "l")
            #expect(first["request"] == ["model": "m1", "prompt": "p1", "seed": 1])
            let second = try #require(params.first { $0["request"]?["prompt"] == "p2" })
            #expect(second["client_key"] == "mine")
            #expect(second["label"] == "own")
            #expect(second["request"]?["model"] == "m0")
        }
    }

    @Test("a thousand lines over a connection that is cut again and again")
    func cuts() throws {
        let lines = (1...1000).map { "{\"model\":\"m\",\"prompt\":\"p\($0)\"}" }
        try withDaemon { call in
            call.number % 150 == 0 ? [.close] : Self.script(call)
        } _: { daemon in
            try withBatch(lines) { path in
                let run = try CommandRun(["submit", "--batch", path], on: daemon)
                #expect(run.status == .done)
                #expect(Set(run.outLines).count == 1000)
                #expect(run.outLines.count == 1000)
                #expect(run.err == "1000 lines: 1000 accepted\n")
            }
            // Whatever was sent twice had the same key.
            let keys = Dictionary(grouping: daemon.calls, by: { $0.params["request"]?["prompt"] })
            #expect(keys.count == 1000)
            #expect(keys.values.allSatisfy { Set($0.map { $0.params["client_key"] }).count == 1 })
        }
    }

    @Test("a file is not submitted for the second time by accident")
    func twice() throws {
        try withDaemon(Self.script) { daemon in
            try withBatch(["{\"model\":\"m\",\"prompt\":\"p1\"}"]) { path in
                let run1 = try CommandRun(["submit", "--batch", path], on: daemon)
                #expect(run1.status == .done)
                let again = try CommandRun(["submit", "--batch", path], on: daemon)
                #expect(again.status == .usage)
                #expect(again.err.contains("says that this file was submitted before"))
                #expect(daemon.calls.count == 1)
                let shown = try CommandRun(["submit", "--batch", path, "--key", "k"], on: daemon)
                #expect(
                    shown.status == .done
                )
            }
        }
    }

    @Test("with --wait the paths are printed as the videos are published")
    func waiting() throws {
        try withDaemon { call in
            guard call.method == "events.subscribe" else { return Self.script(call) }
            return [
                subscribed([jobJSON("p1", "queued"), jobJSON("p2", "queued")]),
                event(11, "job.state", jobJSON("p2", "completed")),
                event(12, "job.state", jobJSON("p1", "failed")),
            ]
        } _: { daemon in
            try withBatch(["{\"model\":\"m\",\"prompt\":\"p1\"}", "{\"model\":\"m\",\"prompt\":\"p2\"}"]) {
                path in
                let run = try CommandRun(["submit", "--wait", "--batch", path], on: daemon)
                #expect(run.status == .failed)
                #expect(run.out == "/videos/p2.mp4\n")
            }
        }
    }
}
