import Glibc
import JSON
import ScriptedDaemon
import Testing

@testable import videogenctl

@Suite("submit", .timeLimit(.minutes(1)))
struct SubmitTests {
    private static let submitted: ScriptedAnswer = .result([
        "job": jobJSON("06a3k9v2t0c5h8d1", "queued"), "duplicate": false, "warnings": [],
    ])

    private let line = ["submit", "--model", "veo3-1-fast-video", "A storm"]

    @Test("sends the request and prints the id alone")
    func plain() throws {
        try withDaemon { _ in
            [Self.submitted]
        } _: { daemon in
            let run = try CommandRun(
                line + ["--set", "duration=5", "--label", "l", "--file-name", "{id}.mp4", "--allow-unknown"],
                on: daemon
            )
            #expect(run.status == .done)
            #expect(run.out == "06a3k9v2t0c5h8d1\n")
            #expect(run.err == "06a3k9v2t0c5h8d1 is queued for veo3-1-fast-video\n")
            var params = try #require(daemon.calls.first?.params.objectValue)
            #expect(params["client_key"]?.stringValue?.utf8.count == 32)
            params["client_key"] = nil
            #expect(
                JSONValue.object(params).text
                    == "{\"request\":{\"model\":\"veo3-1-fast-video\",\"prompt\":\"A storm\",\"duration\":5},"
                    + "\"label\":\"l\",\"file_name\":\"{id}.mp4\",\"allow_unknown\":true}"
            )
        }
    }

    @Test("shows warnings and a job that exists already, unless quiet")
    func warnings() throws {
        try withDaemon { _ in
            [
                .result([
                    "job": jobJSON("j1", "completed"), "duplicate": true,
                    "warnings": [["field": "seed", "message": "seed is ignored", "hint": "Leave it out"]],
                ])
            ]
        } _: { daemon in
            let run = try CommandRun(line + ["--key", "k1"], on: daemon)
            #expect(
                run.err == "warning: seed is ignored. Leave it out.\n"
                    + "j1 was submitted before with this key; it is completed\n"
            )
            #expect(daemon.calls.first?.params["client_key"] == "k1")
            #expect(try CommandRun(line + ["--quiet"], on: daemon).err.isEmpty)
        }
    }

    @Test("a daemon that is stopping is waited for, and its next start gets the call")
    func stopping() throws {
        try withDaemon { call in
            call.number == 1
                ? [.refusal("daemon.draining", "the daemon is stopping", code: 60), .close] : [Self.submitted]
        } _: { daemon in
            let run = try CommandRun(line, on: daemon)
            #expect(run.status == .done)
            #expect(daemon.calls.count == 2)
            #expect(Set(daemon.calls.map(\.params)).count == 1)
        }
    }

    @Test("after a cut connection the call is repeated with its key")
    func repeated() throws {
        try withDaemon { call in
            call.number < 3 ? [.close] : [Self.submitted]
        } _: { daemon in
            let run = try CommandRun(line, on: daemon)
            #expect(run.status == .done)
            #expect(daemon.calls.count == 3)
            #expect(Set(daemon.calls.map(\.params)).count == 1)
        }
    }

    @Test("a refusal is not repeated")
    func refused() throws {
        try withDaemon { _ in
            [.refusal("model.unknown", "There is no model 'veo'", code: 44, hint: "Did you mean veo2-video?")]
        } _: { daemon in
            let run = try CommandRun(line, on: daemon)
            #expect(run.status == .refused)
            #expect(run.out.isEmpty)
            #expect(run.err == "error: There is no model 'veo'. Did you mean veo2-video?\n")
            #expect(daemon.calls.count == 1)
        }
    }

    @Test(
        "what may be paid is never called refused",
        arguments: [("unknown", CommandStatus.maybePaid), ("yes", .maybePaid), ("no", .refused)]
    )
    func charged(_ charged: String, _ status: CommandStatus) throws {
        try withDaemon { _ in
            [.refusal("internal", charged: charged)]
        } _: { daemon in
            let run1 = try CommandRun(line, on: daemon)
            #expect(run1.status == status)
        }
    }

    @Test("without any answer the job may have been accepted, and the key says how to go on")
    func unanswered() throws {
        try withDaemon { _ in
            [.close]
        } _: { daemon in
            let run = try CommandRun(line + ["--key", "k1"], on: daemon)
            #expect(run.status == .maybePaid)
            #expect(run.err.contains("may have been accepted"))
            #expect(run.err.contains("--key k1"))
            #expect(daemon.calls.count == 5)
        }
    }

    @Test("an access that is denied ends with 77")
    func denied() throws {
        try withDaemon { _ in
            [.refusal("access.denied", code: 10)]
        } _: { daemon in
            let run2 = try CommandRun(["drain"], on: daemon)
            #expect(run2.status == .notPermitted)
        }
    }

    // MARK: Media

    @Test("a file goes into the field that the model names, a URL into its other one")
    func media() throws {
        try withDaemon { call in
            guard call.method == "models.get" else { return [Self.submitted] }
            return [
                .result([
                    "model": [
                        "id": "m",
                        "media": [
                            [
                                "role": "image", "kind": "image", "inline_field": "imageDataUrl",
                                "url_field": "imageUrl",
                            ],
                            [
                                "role": "audio", "kind": "audio", "inline_field": "audio",
                                "url_field": "audio",
                            ],
                        ],
                    ]
                ])
            ]
        } _: { daemon in
            try withDirectory { directory in
                try write(Array("GIF89a".utf8), to: directory + "/a.gif")
                let run = try CommandRun(
                    line + ["--image", directory + "/a.gif", "--audio", "https://example.com/a.mp3"],
                    on: daemon
                )
                #expect(run.status == .done)
            }
            let request = daemon.calls(of: "jobs.submit").first?.params["request"]
            #expect(request?["imageDataUrl"] == "data:image/gif;base64,R0lGODlh")
            #expect(request?["audio"] == "https://example.com/a.mp3")
            #expect(daemon.calls(of: "models.get").first?.params == ["id": "veo3-1-fast-video"])
        }
    }

    @Test("a daemon that knows no models gets the usual fields")
    func mediaWithoutModels() throws {
        try withDaemon { call in
            call.method == "models.get" ? [.refusal("method.unknown", code: -32601)] : [Self.submitted]
        } _: { daemon in
            _ = try CommandRun(line + ["--image", "https://example.com/a.png"], on: daemon)
            #expect(
                daemon.calls(of: "jobs.submit").first?.params["request"]?["imageUrl"]
                    == "https://example.com/a.png"
            )
        }
    }

    // MARK: Waiting

    private func waiting(
        _ end: JSONValue,
        more: [String] = []
    ) throws -> CommandRun {
        var result: CommandRun?
        try withDaemon { call in
            switch call.method {
            case "jobs.submit": [Self.submitted]
            case "events.subscribe":
                [
                    subscribed([jobJSON("06a3k9v2t0c5h8d1", "queued")]),
                    event(11, "job.state", jobJSON("other", "failed")),
                    event(
                        12,
                        "job.state",
                        jobJSON("06a3k9v2t0c5h8d1", "in_progress", JSONObject(["progress": 5]))
                    ),
                    event(13, "job.state", end),
                ]
            default: [.refusal("job.not_found")]
            }
        } _: { daemon in
            result = try CommandRun(line + ["--wait"] + more, on: daemon)
            #expect(
                daemon.calls(of: "events.subscribe").first?.params["filter"] == ["id": "06a3k9v2t0c5h8d1"]
            )
        }
        return try #require(result)
    }

    @Test("prints the path of the video alone, one line per change beside it")
    func completed() throws {
        let run = try waiting(jobJSON("06a3k9v2t0c5h8d1", "completed"))
        #expect(run.status == .done)
        #expect(run.out == "/videos/06a3k9v2t0c5h8d1.mp4\n")
        let lines = run.err.split(separator: "\n")
        #expect(lines.count == 4)
        #expect(lines[1].hasSuffix("06a3k9v2t0c5h8d1 queued"))
        #expect(lines[2].hasSuffix("06a3k9v2t0c5h8d1 in_progress 5%"))
        #expect(lines[3] == "[1:23] 06a3k9v2t0c5h8d1 completed $0.35 /videos/06a3k9v2t0c5h8d1.mp4")
    }

    @Test("quiet shows the path only")
    func quiet() throws {
        let run = try waiting(jobJSON("06a3k9v2t0c5h8d1", "completed"), more: ["-q"])
        #expect(run.out == "/videos/06a3k9v2t0c5h8d1.mp4\n")
        #expect(run.err.isEmpty)
    }

    @Test("as JSON it prints one object, the result with the job as it ended")
    func json() throws {
        let run = try waiting(jobJSON("06a3k9v2t0c5h8d1", "completed"), more: ["--json"])
        #expect(run.outLines.count == 1)
        let object = try JSONParser.parse(run.out)
        #expect(object["job"]?["state"] == "completed")
        #expect(object["done"] == true)
        #expect(object["duplicate"] == false)
    }

    @Test("a job that failed ends with 1 and its reason")
    func failed() throws {
        let error: JSONValue = [
            "code": 35, "message": "The prompt is too long", "data": ["hint": "Shorten it"],
        ]
        let run = try waiting(
            jobJSON("06a3k9v2t0c5h8d1", "failed", JSONObject(["error": error])),
            more: ["-q"]
        )
        #expect(run.status == .failed)
        #expect(run.out.isEmpty)
        #expect(run.err.contains("The prompt is too long. Shorten it"))
        #expect(run.err.contains("videogenctl retry 06a3k9v2t0c5h8d1"))
    }

    @Test("a held job ends with 3 and what to do")
    func held() throws {
        let run = try waiting(
            jobJSON("06a3k9v2t0c5h8d1", "held", JSONObject(["reason": "No answer was found"]))
        )
        #expect(run.status == .maybePaid)
        #expect(run.err.contains("held: No answer was found"))
        #expect(run.err.contains("videogenctl retry --accept-charge 06a3k9v2t0c5h8d1"))
    }

    @Test(
        "when the time runs out it says how to come back",
        arguments: [("in_progress", CommandStatus.stillRunning), ("unconfirmed", .maybePaid)]
    )
    func timeout(_ state: String, _ status: CommandStatus) throws {
        let run = try waiting(jobJSON("06a3k9v2t0c5h8d1", state), more: ["--timeout", "50ms"])
        #expect(run.status == status)
        #expect(run.out.isEmpty)
        #expect(run.err.hasSuffix("The job goes on. Come back with: videogenctl wait 06a3k9v2t0c5h8d1\n"))
    }

    @Test("a job that was over before the subscription is found too")
    func overBefore() throws {
        try withDaemon { call in
            switch call.method {
            case "jobs.submit": [Self.submitted]
            case "events.subscribe": [subscribed([])]
            default: [.result(["job": jobJSON("06a3k9v2t0c5h8d1", "completed")])]
            }
        } _: { daemon in
            let run3 = try CommandRun(line + ["--wait"], on: daemon)
            #expect(run3.out == "/videos/06a3k9v2t0c5h8d1.mp4\n")
        }
    }

    @Test("Ctrl-C detaches and never cancels")
    func interrupted() throws {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        defer { ends.forEach { close($0) } }
        let writer = ends[1]
        try withDaemon { call in
            guard call.method == "events.subscribe" else { return [Self.submitted] }
            return [
                subscribed([jobJSON("06a3k9v2t0c5h8d1", "in_progress")]),
                .perform {
                    var byte: UInt8 = 3
                    _ = Glibc.write(writer, &byte, 1)
                },
            ]
        } _: { daemon in
            let run = try CommandRun(line + ["--wait"], on: daemon, interruption: ends[0])
            #expect(run.status == .interrupted)
            #expect(run.err.hasSuffix("The job goes on. Come back with: videogenctl wait 06a3k9v2t0c5h8d1\n"))
            #expect(daemon.calls.map(\.method) == ["jobs.submit", "events.subscribe"])
        }
    }

    // MARK: Checking

    @Test("--dry-run asks and pays nothing", arguments: [["check"], ["submit", "--dry-run"]])
    func check(_ command: [String]) throws {
        try withDaemon { _ in
            [
                .result([
                    "ok": false, "warnings": [],
                    "errors": [
                        [
                            "kind": "params.invalid", "field": "duration", "message": "7 is not allowed",
                            "hint": "5 or 10",
                        ]
                    ],
                    "price": ["micros": 350_000, "currency": "USD"], "file_name": "a.mp4",
                ])
            ]
        } _: { daemon in
            let run = try CommandRun(command + ["--model", "m", "--set", "duration=7", "x"], on: daemon)
            #expect(run.status == .refused)
            #expect(daemon.calls.map(\.method) == ["jobs.check"])
            #expect(
                run.outLines == [
                    "error: duration: 7 is not allowed. 5 or 10.", "  Price  $0.35", "  File   a.mp4",
                ]
            )
        }
    }
}
