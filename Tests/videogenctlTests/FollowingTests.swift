import ControlClient
import Glibc
import JSON
import ScriptedDaemon
import Testing

@testable import videogenctl

@Suite("Following jobs", .timeLimit(.minutes(1)))
struct FollowingTests {
    @Test("a lost subscription is resumed where the daemon says")
    func lost() throws {
        try withDaemon { call in
            guard call.method == "events.subscribe" else { return [.result(["job": jobJSON("a", "queued")])] }
            return call.number == 1
                ? [
                    subscribed([jobJSON("a", "queued")]),
                    .notify(
                        "events.lost",
                        ["subscription": 1, "reason": "too slow", "resume": ["epoch": "e1", "seq": 99]]
                    ),
                ]
                : [
                    subscribed([jobJSON("a", "in_progress")], seq: 99, subscription: 2),
                    .notify(
                        "events.event",
                        [
                            "subscription": 2, "seq": 100, "kind": "job.state",
                            "job": jobJSON("a", "completed"),
                        ]
                    ),
                ]
        } _: { daemon in
            let run = try CommandRun(["watch", "a"], on: daemon)
            #expect(run.status == .done)
            let second = try #require(daemon.calls(of: "events.subscribe").last)
            #expect(second.params["since"] == ["epoch": "e1", "seq": 99])
            #expect(
                run.outLines.map { $0.split(separator: " ")[2] } == ["queued", "in_progress", "completed"]
            )
        }
    }

    @Test("a restart of the daemon is survived, from the last event that was seen")
    func restart() throws {
        try withDaemon { call in
            guard call.method == "events.subscribe" else { return [.result(["job": jobJSON("a", "queued")])] }
            return call.number == 1
                ? [
                    subscribed([jobJSON("a", "queued")]), event(17, "job.state", jobJSON("a", "in_queue")),
                    .close,
                ]
                : [subscribed([]), event(18, "job.removed", jobJSON("a", "completed"))]
        } _: { daemon in
            let run = try CommandRun(["watch", "a"], on: daemon)
            let second = try #require(daemon.calls(of: "events.subscribe").last)
            #expect(second.params["since"] == ["epoch": "e1", "seq": 17])
            #expect(run.out.contains("the connection was cut; trying again\nthe connection is back\n"))
            #expect(run.out.hasSuffix("a is forgotten by the daemon\n"))
        }
    }

    @Test("several jobs are followed with one subscription")
    func several() throws {
        try withDaemon { call in
            switch call.method {
            case "events.subscribe":
                [
                    subscribed([jobJSON("a", "queued"), jobJSON("x", "queued")]),
                    event(11, "job.state", jobJSON("x", "held")),
                    event(12, "job.state", jobJSON("a", "completed")),
                ]
            case "jobs.get" where call.params["id"] == "b": [.result(["job": jobJSON("b", "canceled")])]
            default: [.result(["job": jobJSON("a", "queued")])]
            }
        } _: { daemon in
            let run = try CommandRun(["watch", "a", "b"], on: daemon)
            #expect(run.status == .failed)
            #expect(!run.out.contains("x "))
            #expect(daemon.calls(of: "events.subscribe").map(\.params) == [[:]])
        }
    }

    @Test("watch --json prints a job per change")
    func json() throws {
        try withDaemon { call in
            call.method == "jobs.get"
                ? [.result(["job": jobJSON("a", "queued")])]
                : [subscribed([jobJSON("a", "queued")]), event(11, "job.state", jobJSON("a", "completed"))]
        } _: { daemon in
            let run = try CommandRun(["watch", "--json", "a"], on: daemon)
            #expect(try run.outJSON().map { $0["state"] } == ["queued", "completed"])
        }
    }

    @Test("watch without ids follows everything until Ctrl-C")
    func everything() throws {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        defer { ends.forEach { close($0) } }
        let writer = ends[1]
        try withDaemon { _ in
            [
                subscribed([jobJSON("a", "queued")]), event(11, "job.created", jobJSON("b", "queued")),
                .perform {
                    var byte: UInt8 = 3
                    _ = Glibc.write(writer, &byte, 1)
                },
            ]
        } _: { daemon in
            let run = try CommandRun(["watch"], on: daemon, interruption: ends[0])
            #expect(run.status == .interrupted)
            #expect(daemon.calls.map(\.params) == [["finished_s": 300]])
        }
    }

    @Test("events prints what comes, and subscribes again after a loss")
    func events() throws {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        defer { ends.forEach { close($0) } }
        let writer = ends[1]
        try withDaemon { call in
            call.number == 1
                ? [
                    subscribed([]), event(11, "daemon.state", .null),
                    .notify(
                        "events.lost",
                        ["subscription": 1, "reason": "slow", "resume": ["epoch": "e1", "seq": 11]]
                    ),
                ]
                : [
                    .perform {
                        var byte: UInt8 = 3
                        _ = Glibc.write(writer, &byte, 1)
                    }
                ]
        } _: { daemon in
            let run = try CommandRun(
                ["events", "--label", "l", "--since", "e0:5"],
                on: daemon,
                interruption: ends[0]
            )
            #expect(run.status == .interrupted)
            #expect(run.outLines.count == 3)
            #expect(
                daemon.calls.map(\.params) == [
                    ["filter": ["label": "l"], "since": ["epoch": "e0", "seq": 5]],
                    ["filter": ["label": "l"], "since": ["epoch": "e1", "seq": 11]],
                ]
            )
        }
    }

    // MARK: The live panel

    private func panel(columns: Int, summary: Bool = false, rows: Int = 24) -> (LivePanel, TextStream) {
        let stream = TextStream(capturingWithColumns: columns, rows: rows, isTerminal: true)
        return (LivePanel(stream: stream, glyphs: .unicode, showsSummary: summary), stream)
    }

    private let now: Int64 = 1_782_892_883_000

    private func job(_ id: String, _ state: String, _ more: JSONObject = JSONObject()) throws -> JobChange {
        .job(try #require(Job(jobJSON(id, state, more))))
    }

    @Test("draws over its own lines and leaves the last state")
    func panelFrames() throws {
        var (panel, stream) = panel(columns: 80)
        panel.apply(try job("a", "queued", JSONObject(["reason": "2 before it"])), now: now)
        panel.draw(now: now)
        #expect(Screen(stream.captured, columns: 80).lines == ["· a queued         1:23  2 before it"])
        panel.apply(try job("a", "in_progress", JSONObject(["progress": 62, "label": "storms"])), now: now)
        panel.draw(now: now)
        #expect(
            Screen(stream.captured, columns: 80).lines == ["⠹ a in_progress    1:23 ██████░░░░  62%  storms"]
        )
        panel.apply(try job("a", "completed"), now: now)
        panel.finish(now: now)
        #expect(
            Screen(stream.captured, columns: 80).lines == ["✓ a completed      1:23  $0.35  /videos/a.mp4"]
        )
    }

    @Test("never fills a line of a narrow terminal", arguments: [10, 20, 40, 79])
    func panelNarrow(_ columns: Int) throws {
        var (panel, stream) = panel(columns: columns)
        let reason = String(repeating: "日本語 ", count: 30)
        panel.apply(try job("06a3k9v2t0c5h8d1", "queued", JSONObject(["reason": .string(reason)])), now: now)
        for _ in 0..<3 {
            panel.draw(now: now)
        }
        let lines = Screen(stream.captured, columns: columns).lines
        #expect(lines.count == 1)
        #expect(lines.allSatisfy { TextWidth.columns(of: $0) < columns })
    }

    @Test("places in the queue are asked for while somebody looks, at most once in two seconds")
    func places() throws {
        try withDaemon { call in
            let place = JSONValue.number(JSONNumber(10 - call.number))
            return call.method == "events.subscribe"
                ? [subscribed([jobJSON("a", "queued", JSONObject(["queue_position": 10]))])]
                : [.result(["job": jobJSON("a", "queued", JSONObject(["queue_position": place]))])]
        } _: { daemon in
            let session = Session(
                console: Console(out: TextStream(), err: TextStream()),
                address: .socket(daemon.path)
            )
            let live = JobFollower(session: session, scope: .jobs(["a"]), isLive: true)
            var seen: [Int?] = []
            let end = SystemTime.monotonic + .milliseconds(4500)
            while SystemTime.monotonic < end {
                for change in try live.next(timeout: .milliseconds(100)) {
                    guard case .job(let job) = change else { continue }
                    seen.append(job.queuePosition)
                }
            }
            #expect(seen == [10, 9, 8])
            let calls = daemon.calls.count
            let quiet = JobFollower(session: session, scope: .jobs(["a"]), isLive: false)
            _ = try quiet.next(timeout: .milliseconds(100))
            _ = try quiet.next(timeout: .milliseconds(2500))
            #expect(daemon.calls.count == calls + 1)
        }
    }

    @Test("the panel of all jobs shows what goes on first, then what waits in its order, then what is over")
    func panelOrder() throws {
        var (panel, stream) = panel(columns: 80, summary: true)
        let reason = "the balance is used up"
        for (id, state) in [
            ("j1", "queued"), ("j2", "completed"), ("j3", "held"), ("j4", "queued"), ("j5", "in_progress"),
            ("j6", "failed"),
        ] {
            panel.apply(try job(id, state, JSONObject(["reason": .string(reason), "label": "b"])), now: now)
        }
        panel.apply(.status(["reason": .string(reason), "paid_unpublished": ["count": 0]]), now: now)
        panel.draw(now: now)
        let lines = Screen(stream.captured, columns: 80).lines
        #expect(lines[1] == reason)
        #expect(
            lines.dropFirst(2).map { $0.split(separator: " ")[1] } == ["j5", "j3", "j1", "j4", "j6", "j2"]
        )
        // It is said once.
        #expect(lines.count { $0.contains(reason) } == 1)
    }

    @Test("more jobs than lines are counted; the summary counts states")
    func panelOverflow() throws {
        var (panel, stream) = panel(columns: 80, summary: true, rows: 8)
        for number in 10..<30 {
            panel.apply(try job("j\(number)", number < 12 ? "completed" : "queued"), now: now)
        }
        panel.draw(now: now)
        panel.draw(now: now)
        let lines = Screen(stream.captured, columns: 80).lines
        #expect(lines.count == 6)
        #expect(lines.first == "2 completed, 18 queued")
        #expect(lines[1].hasPrefix("· j12 queued"))
        #expect(lines.last == "… and 16 more")
        for number in 10..<30 {
            panel.apply(.gone("j\(number)"), now: now)
        }
        panel.draw(now: now)
        #expect(Screen(stream.captured, columns: 80).lines == ["No jobs at work. Ctrl-C leaves."])
    }

    @Test("on a terminal submit --wait draws on standard error and prints the path on standard output")
    func panelCommand() throws {
        try withDaemon { call in
            call.method == "jobs.submit"
                ? [.result(["job": jobJSON("a", "queued"), "duplicate": false, "warnings": []])]
                : [subscribed([jobJSON("a", "queued")]), event(11, "job.state", jobJSON("a", "completed"))]
        } _: { daemon in
            let run = try CommandRun(["submit", "-m", "m", "--wait", "x"], on: daemon, terminalColumns: 60)
            #expect(run.out == "/videos/a.mp4\n")
            #expect(
                Screen(run.err, columns: 60).lines == [
                    "a is queued for veo3-1-fast-video", "✓ a completed      1:23  $0.35  /videos/a.mp4",
                ]
            )
        }
    }
}
