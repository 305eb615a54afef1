import Glibc
import JSON
import ScriptedDaemon
import Testing

@testable import videogenctl

@Suite("Commands about jobs", .timeLimit(.minutes(1)))
struct JobCommandTests {
    private static let ids = ["06a3k9v2t0c5h8d1", "06a3k9v2t0c5h8d2", "06a3kabcd0000000"]

    /// A daemon with three jobs in pages of two.
    @Sendable private static func threeJobs(_ call: ScriptedCall) -> [ScriptedAnswer] {
        let id = call.params["id"]?.stringValue ?? ""
        switch call.method {
        case "jobs.list":
            return call.params["cursor"] == nil
                ? [.result(["jobs": .array(ids[..<2].map { jobJSON($0, "completed") }), "next_cursor": "c"])]
                : [.result(["jobs": [jobJSON(ids[2], "queued")]])]
        case "jobs.remove" where ids.contains(id): return [.result([:])]
        case _ where ids.contains(id): return [.result(["job": jobJSON(id, "completed")])]
        default: return [.refusal("job.not_found", "There is no job \(id)")]
        }
    }

    // MARK: Shortened ids

    @Test(
        "a start or an end is enough while it is unique",
        arguments: [("06a3kabc", 2), ("8d2", 1), ("06a3k9v2t0c5h8d1", 0), ("8D1", 0)]
    )
    func shortened(_ text: String, _ index: Int) throws {
        try withDaemon(Self.threeJobs) { daemon in
            let run = try CommandRun(["show", text, "--json"], on: daemon)
            #expect(run.status == .done)
            #expect(try JSONParser.parse(run.out)["job"]?["id"]?.stringValue == Self.ids[index])
        }
    }

    @Test("what fits several names them")
    func ambiguous() throws {
        try withDaemon(Self.threeJobs) { daemon in
            let run = try CommandRun(["remove", "06a3k9"], on: daemon)
            #expect(run.status == .usage)
            #expect(
                run.err
                    == "error: '06a3k9' could be 06a3k9v2t0c5h8d1, 06a3k9v2t0c5h8d2. Give more of the id.\n"
            )
            #expect(daemon.calls(of: "jobs.remove").isEmpty)
        }
    }

    @Test("what goes wrong with one job does not keep it from the others")
    func several() throws {
        try withDaemon(Self.threeJobs) { daemon in
            let run = try CommandRun(["remove", "8d1", "zzz", "8d2"], on: daemon)
            #expect(run.status == .refused)
            #expect(run.err.contains("error: zzz: There is no job 'zzz'"))
            #expect(
                daemon.calls(of: "jobs.remove").map { $0.params["id"]?.stringValue } == Array(Self.ids[..<2])
            )
        }
    }

    // MARK: list

    @Test("list asks for what was asked for")
    func listFilters() throws {
        try withDaemon(Self.threeJobs) { daemon in
            let run = try CommandRun(
                [
                    "list", "--state", "live,held", "--state", "failed", "--label", "l", "--owner", "1000",
                    "--limit", "2",
                ],
                on: daemon
            )
            #expect(run.status == .done)
            let params = try #require(daemon.calls.first?.params)
            #expect(
                params.text
                    == "{\"label\":\"l\",\"owner\":1000,\"states\":[\"queued\",\"submitting\",\"unconfirmed\","
                    + "\"in_queue\",\"in_progress\",\"downloading\",\"held\",\"failed\"],\"limit\":2}"
            )
            #expect(run.outLines.count == 3)
            #expect(run.err == "These are the newest 2; --limit or --all shows more.\n")
        }
    }

    @Test("list --all reads every page, --json prints one job per line")
    func listAll() throws {
        try withDaemon(Self.threeJobs) { daemon in
            let run = try CommandRun(["ls", "--all", "--json"], on: daemon)
            #expect(try run.outJSON().map { $0["id"]?.stringValue } == Self.ids)
            #expect(run.err.isEmpty)
        }
    }

    @Test("list --since stops at the first job that is older")
    func listSince() throws {
        try withDaemon(Self.threeJobs) { daemon in
            let run1 = try CommandRun(["list", "--since", "2026-07-02"], on: daemon)
            #expect(run1.err == "No jobs.\n")
            #expect(daemon.calls.count == 1)
            let run2 = try CommandRun(["list", "--since", "2026-06-30"], on: daemon)
            #expect(run2.outLines.count == 4)
        }
    }

    // MARK: show

    @Test("show tells the whole story")
    func story() throws {
        let more = JSONObject([
            "label": "storms", "client_key": "k", "run_id": "r1", "submitted_at": "2026-07-01T08:00:02.000Z",
            "request": [
                "model": "m", "prompt": "Two\nlines", "duration": 5,
                "imageDataUrl": ["media_type": "image/png", "bytes": 2048, "sha256": "ab"],
            ],
        ])
        try withDaemon { _ in
            [.result(["job": jobJSON("j1", "completed", more)])]
        } _: { daemon in
            let lines = try CommandRun(["show", "j1"], on: daemon).outLines
            #expect(lines[0] == "j1  completed")
            #expect(lines.contains("  Prompt     Two"))
            #expect(lines.contains("             lines"))
            #expect(lines.contains("  Settings   duration=5, imageDataUrl=[image/png, 2.0 KiB]"))
            #expect(lines.contains { $0.hasPrefix("  Submitted  2026-07-01") && $0.hasSuffix("(+0:02)") })
            #expect(lines.contains("  Cost       $0.35"))
            #expect(lines.contains("  File       /videos/j1.mp4"))
        }
    }

    @Test("show says what to do next with a held job")
    func heldStory() throws {
        let held = jobJSON("j1", "held", JSONObject(["reason": "The file is no video", "run_id": "r1"]))
        try withDaemon { _ in
            [.result(["job": held])]
        } _: { daemon in
            let run = try CommandRun(["show", "j1"], on: daemon)
            #expect(run.status == .done)
            #expect(run.out.contains("  Why        The file is no video"))
            #expect(run.out.contains("  Next       videogenctl retry j1"))
        }
    }

    @Test(
        "show says of a job that was given up what a retry costs",
        arguments: [
            ("discarded", "r1", "retry j1 (collects what is paid; buys nothing)"),
            (
                "discarded", nil,
                "retry --accept-charge j1 (submits it again; if the first try was paid, it costs twice)"
            ),
            (
                "unconfirmed", nil,
                "retry --accept-charge j1 (submits it again; if the first try was paid, it costs twice)"
            ),
            ("failed", "r1", "retry j1 (submits it anew)"), ("refused", nil, "retry j1 (submits it anew)"),
        ] as [(String, String?, String)]
    )
    func givenUpStory(_ outcome: String, _ run: String?, _ step: String) throws {
        // The last attempt decides, whatever became of those before it.
        let attempts: JSONValue = [
            ["uuid": "u1", "outcome": "failed", "run_id": "r0"],
            .object(JSONObject(["uuid": "u2", "run_id": .optional(run), "outcome": .string(outcome)])),
        ]
        let job = jobJSON("j1", "canceled", JSONObject(["attempts": 2, "attempts_log": attempts]))
        try withDaemon { _ in
            [.result(["job": job])]
        } _: { daemon in
            let shown = try CommandRun(["show", "j1"], on: daemon)
            #expect(shown.outLines.contains("  Next       videogenctl \(step)"), "\(shown.out)")
        }
    }

    // MARK: wait

    @Test("wait prints the paths and ends with the worst state")
    func wait() throws {
        let states = ["a": "completed", "b": "failed", "c": "held", "d": "canceled"]
        try withDaemon { call in
            let id = call.params["id"]?.stringValue ?? ""
            guard let state = states[id] else { return [.refusal("job.not_found")] }
            return [.result(["job": jobJSON(id, state), "done": true])]
        } _: { daemon in
            let one = try CommandRun(["wait", "a"], on: daemon)
            #expect(one.status == .done)
            #expect(one.out == "/videos/a.mp4\n")
            let run3 = try CommandRun(["wait", "a", "b"], on: daemon)
            #expect(run3.status == .failed)
            let run4 = try CommandRun(["wait", "d"], on: daemon)
            #expect(run4.status == .failed)
            let run5 = try CommandRun(["wait", "a", "b", "c"], on: daemon)
            #expect(run5.status == .maybePaid)
            let json = try CommandRun(["wait", "--json", "a", "b", "a"], on: daemon)
            #expect(json.outLines.count == 2)
            #expect(try JSONParser.parse(json.outLines[0])["done"] == true)
        }
    }

    @Test(
        "wait ends with 2 when the time runs out, and with 3 while nobody knows",
        arguments: [("in_queue", CommandStatus.stillRunning), ("unconfirmed", .maybePaid)]
    )
    func waitTimeout(_ state: String, _ status: CommandStatus) throws {
        try withDaemon { _ in
            [.result(["job": jobJSON("a", state), "done": false])]
        } _: { daemon in
            let run = try CommandRun(["wait", "a", "--timeout", "2m"], on: daemon)
            #expect(run.status == status)
            #expect(run.err == "The job goes on. Come back with: videogenctl wait a\n")
            let timeout = try #require(daemon.calls(of: "jobs.wait").first?.params["timeout_ms"]?.intValue)
            #expect((110_000...120_000).contains(timeout))
        }
    }

    @Test("wait goes on when the daemon's own time runs out or the connection is cut")
    func waitGoesOn() throws {
        try withDaemon { call in
            guard call.method == "jobs.wait" else { return [.result(["job": jobJSON("a", "queued")])] }
            return switch call.number {
            case 1: [.result(["job": jobJSON("a", "queued"), "done": false])]
            case 2: [.close]
            default: [.result(["job": jobJSON("a", "completed"), "done": true])]
            }
        } _: { daemon in
            let run = try CommandRun(["wait", "a"], on: daemon)
            #expect(run.status == .done)
            #expect(daemon.calls(of: "jobs.wait").count == 3)
        }
    }

    @Test("Ctrl-C leaves a wait with 130")
    func waitInterrupted() throws {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        defer { ends.forEach { close($0) } }
        let writer = ends[1]
        try withDaemon { call in
            guard call.method == "jobs.wait" else { return [.result(["job": jobJSON("a", "queued")])] }
            return [
                .perform {
                    var byte: UInt8 = 3
                    _ = Glibc.write(writer, &byte, 1)
                }
            ]
        } _: { daemon in
            let run = try CommandRun(["wait", "a"], on: daemon, interruption: ends[0])
            #expect(run.status == .interrupted)
            #expect(run.err == "The job goes on. Come back with: videogenctl wait a\n")
        }
    }

    // MARK: cancel, retry, extend

    @Test("cancel says beforehand whether it saves money")
    func cancel() throws {
        try withDaemon { call in
            call.method == "jobs.get"
                ? [.result(["job": jobJSON("a", "in_progress")])]
                : [.result(["job": jobJSON("a", "in_progress"), "saves_money": "no"])]
        } _: { daemon in
            let run = try CommandRun(["cancel", "a"], on: daemon)
            #expect(run.status == .done)
            #expect(run.err == "a: it is paid; canceling saves nothing, and the run goes on.\n")
            #expect(run.out == "a in_progress: it is paid and goes on; --discard gives its video up.\n")
            #expect(daemon.calls.last?.params == ["id": "a"])
            _ = try CommandRun(["cancel", "--discard", "a"], on: daemon)
            #expect(daemon.calls.last?.params == ["id": "a", "discard": true])
        }
    }

    @Test("cancel of a job whose fate is unknown ends with 3")
    func cancelUnknown() throws {
        try withDaemon { call in
            call.method == "jobs.get"
                ? [.result(["job": jobJSON("a", "submitting")])]
                : [.result(["job": jobJSON("a", "canceled"), "saves_money": "unknown"])]
        } _: { daemon in
            let run6 = try CommandRun(["cancel", "a"], on: daemon)
            #expect(run6.status == .maybePaid)
        }
    }

    @Test(
        "a call that the job's state does not allow ends with 4, and with 3 only while nobody knows what it cost",
        arguments: [("yes", CommandStatus.refused), ("no", .refused), ("unknown", .maybePaid)]
    )
    func wrongState(_ charged: String, _ status: CommandStatus) throws {
        try withDaemon { call in
            call.method == "jobs.get"
                ? [.result(["job": jobJSON("a", "completed")])]
                : [.refusal("job.state", "job a is completed", code: 41, charged: charged)]
        } _: { daemon in
            for command in ["cancel", "retry", "remove"] {
                let run = try CommandRun([command, "a"], on: daemon)
                #expect(run.status == status, "\(command): \(run)")
                #expect(run.err.contains("error: job a is completed."), "\(command): \(run)")
            }
        }
    }

    @Test("retry passes on the consent and can wait")
    func retry() throws {
        try withDaemon { call in
            call.method == "events.subscribe"
                ? [subscribed([jobJSON("a", "completed")])] : [.result(["job": jobJSON("a", "queued")])]
        } _: { daemon in
            let run = try CommandRun(["retry", "--accept-charge", "--wait", "a"], on: daemon)
            #expect(run.out == "/videos/a.mp4\n")
            #expect(daemon.calls(of: "jobs.retry").first?.params == ["id": "a", "accept_charge": true])
        }
    }

    @Test(
        "a paying call that got no answer is not called unreachable",
        arguments: [["retry", "a"], ["extend", "a", "--index", "1"]]
    )
    func payingCall(_ command: [String]) throws {
        try withDaemon { call in
            call.method == "jobs.get" ? [.result(["job": jobJSON("a", "failed")])] : [.close]
        } _: { daemon in
            let run = try CommandRun(command, on: daemon)
            #expect(run.status == .maybePaid)
            #expect(run.err.contains("may have been carried out"))
            #expect(daemon.calls.count == 2)
        }
    }

    @Test("extend prints the new job")
    func extend() throws {
        try withDaemon { call in
            [.result(["job": jobJSON(call.method == "jobs.get" ? "a" : "b", "queued")])]
        } _: { daemon in
            let run7 = try CommandRun(["extend", "a", "--index", "1"], on: daemon)
            #expect(run7.out == "b\n")
            #expect(daemon.calls.last?.params == ["id": "a", "index": 1])
        }
    }
}
