import JSON
import ScriptedDaemon
import Testing

@testable import videogenctl

@Suite("Commands about the service", .timeLimit(.minutes(1)))
struct ServiceCommandTests {
    @Test("status shows what a person has to know")
    func status() throws {
        try withDaemon { _ in
            [
                .result([
                    "state": "draining", "jobs": ["queued": 2, "in_progress": 0, "held": 1],
                    "api": [
                        "base_url": "https://nano-gpt.com", "reachable": false, "last_error": "no route",
                    ],
                    "balance": ["balances": [["micros": 12_500_000, "currency": "USD"]], "as_of": "x"],
                    "output": ["directory": "/videos", "free_bytes": 2_147_483_648, "writable": true],
                    "journal": ["enabled": false],
                    "paid_unpublished": ["count": 1, "money": [["micros": 350_000, "currency": "USD"]]],
                    "submissions": "paused",
                ])
            ]
        } _: { daemon in
            let shown = try CommandRun(["status"], on: daemon)
            #expect(
                shown.outLines == [
                    "videogend is draining; `videogenctl resume` lets it submit again",
                    "  Jobs     2 queued, 1 held",
                    "  Money    1 job is paid and not published yet: $0.35", "  Balance  $12.50",
                    "  API      https://nano-gpt.com is not reachable: no route",
                    "  Output   /videos, 2.0 GiB free",
                    "  Journal  off: a restart forgets all jobs", "  submissions paused",
                ]
            )
        }
    }

    @Test(
        "every command prints the result as it is with --json",
        arguments: [
            (["status"], "daemon.status"), (["balance"], "account.balance"), (["drain"], "daemon.drain"),
            (["resume"], "daemon.resume"), (["reload"], "daemon.reload"), (["backup"], "state.backup"),
            (["discover"], "rpc.discover"), (["call", "daemon.info"], "daemon.info"),
            (["models", "m"], "models.get"), (["recover", "--adopt", "r"], "runs.adopt"),
            (["check", "-m", "m", "x"], "jobs.check"), (["submit", "-m", "m", "x"], "jobs.submit"),
            (["--json", "extend", "a", "--index", "0"], "jobs.extend"), (["retry", "a"], "jobs.retry"),
            (["cancel", "a"], "jobs.cancel"), (["remove", "a"], "jobs.remove"), (["show", "a"], "jobs.get"),
        ] as [([String], String)]
    )
    func json(_ command: [String], _ method: String) throws {
        let result: JSONValue = [
            "ok": true, "job": jobJSON("a", "queued"), "saves_money": "yes", "number": 0.10, "path": "/p",
        ]
        try withDaemon { _ in
            [.result(result)]
        } _: { daemon in
            let run = try CommandRun(command + ["--json"], on: daemon)
            #expect(run.status == .done)
            #expect(run.out == result.text + "\n")
            #expect(daemon.calls.last?.method == method)
        }
    }

    @Test("lists print one object per line", arguments: [("models", "models"), ("recover", "runs")])
    func lists(_ command: String, _ member: String) throws {
        try withDaemon { _ in
            [
                .result(
                    .object(JSONObject([member: [["id": "a", "run_id": "a"], ["id": "b", "run_id": "b"]]]))
                )
            ]
        } _: { daemon in
            let run = try CommandRun([command, "--json"], on: daemon)
            #expect(run.outLines == ["{\"id\":\"a\",\"run_id\":\"a\"}", "{\"id\":\"b\",\"run_id\":\"b\"}"])
            let run1 = try CommandRun([command], on: daemon)
            #expect(run1.outLines.count == 3)
        }
    }

    @Test("a model is shown with what it takes")
    func model() throws {
        try withDaemon { _ in
            [
                .result([
                    "model": [
                        "id": "m", "inputs": "image-to-video", "source": "built_in",
                        "prompt": ["required": "no", "fields": ["prompt"]],
                        "media": [
                            [
                                "role": "image", "kind": "image", "required": true,
                                "inline_field": "imageDataUrl", "url_field": "imageUrl",
                            ],
                            [
                                "role": "target_video", "kind": "video", "note": "up to 4 min",
                                "inline_field": "target", "url_field": "target",
                            ],
                            [
                                "role": "last_image", "kind": "image", "inline_field": "end",
                                "url_field": "end",
                            ],
                        ],
                        "fields": [
                            [
                                "name": "duration", "type": "string", "required": false,
                                "allowed": ["5", "10"], "default": "5",
                            ],
                            ["name": "seed", "type": "number", "required": true, "minimum": 0, "maximum": 9],
                        ],
                        "notes": ["Slow at night."], "price": ["known": false],
                    ]
                ])
            ]
        } _: { daemon in
            let shown = try CommandRun(["models", "m"], on: daemon)
            #expect(
                shown.outLines == [
                    "m", "  Inputs   image-to-video", "  Prompt   required: no",
                    "  Media    image, required: --image FILE|URL (imageDataUrl for a file, imageUrl for a URL)",
                    "  Media    target_video, optional, up to 4 min: --video FILE|URL (target)",
                    "  Media    last_image, optional: --set end=@FILE", "  Price    unknown",
                    "  FIELD            TYPE    VALUES  DEFAULT  NOTE",
                    "  duration         string  5 10    5",
                    "  seed (required)  number  0..9",
                    "  Notes    Slow at night.",
                ]
            )
        }
    }

    @Test("call passes on parameters and prints an error object as it came")
    func call() throws {
        try withDaemon { call in
            call.method == "x" ? [.refusal("method.unknown", code: -32601)] : [.result(call.params)]
        } _: { daemon in
            let run2 = try CommandRun(["call", "y", "{\"a\": 0.10}"], on: daemon)
            #expect(run2.out == "{\"a\":0.10}\n")
            let refused = try CommandRun(["call", "x"], on: daemon)
            #expect(refused.status == .refused)
            #expect(try JSONParser.parse(refused.err)["code"] == -32601)
            for bad in ["[1]", "{", "5"] {
                let run3 = try CommandRun(["call", "y", bad], on: daemon)
                #expect(run3.status == .usage)
            }
        }
    }

    @Test("on a terminal results of call are indented")
    func pretty() throws {
        try withDaemon { _ in
            [.result(["a": [1, "\u{9B}x"], "b": [:], "c": []])]
        } _: { daemon in
            let shown = try CommandRun(["call", "y"], on: daemon, terminalColumns: 80)
            #expect(
                shown.out
                    == "{\n  \"a\": [\n    1,\n    \"x\"\n  ],\n  \"b\": {},\n  \"c\": []\n}\n"
            )
        }
    }

    @Test("reload names what a restart is needed for")
    func reload() throws {
        try withDaemon { _ in
            [.result(["changed": ["log.level"], "needs_restart": ["control.socket"]])]
        } _: { daemon in
            let shown = try CommandRun(["reload"], on: daemon)
            #expect(
                shown.outLines == [
                    "Changed: log.level", "After a restart: control.socket",
                ]
            )
        }
    }
}
