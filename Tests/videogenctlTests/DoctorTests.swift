import ArgumentParser
import Glibc
import JSON
import ScriptedDaemon
import Testing

@testable import videogenctl

@Suite("doctor", .timeLimit(.minutes(1)))
struct DoctorTests {
    private let info: JSONValue = [
        "name": "videogend", "version": .string(Program.configuration.version), "pid": 1,
        "started_at": "2026-07-01T08:00:00.000Z", "you": ["uid": 1000, "user": "ada", "role": "user"],
    ]
    private let status: JSONValue = [
        "state": "running", "jobs": ["held": 0], "api": ["base_url": "http://a", "reachable": true],
        "output": ["directory": "/tmp", "free_bytes": 50_000_000_000, "writable": true],
        "journal": ["enabled": true, "writable": true], "paid_unpublished": ["count": 0, "money": []],
    ]
    private let balance: JSONValue = ["balances": [["micros": 12_500_000, "currency": "USD"]]]

    /// The status with some members changed.
    private func status(_ name: String, _ value: JSONValue) -> JSONValue {
        var changed = status.objectValue ?? JSONObject()
        changed[name] = value
        return .object(changed)
    }

    /// Runs the command against a daemon in some condition.
    private func run(
        info: JSONValue? = nil,
        status: JSONValue? = nil,
        balance: ScriptedAnswer? = nil
    ) throws -> (status: CommandStatus, found: [String: JSONValue]) {
        let (info, status) = (info ?? self.info, status ?? self.status)
        let balance = balance ?? .result(self.balance)
        var result: (CommandStatus, [String: JSONValue]) = (.done, [:])
        try withDaemon { call in
            switch call.method {
            case "daemon.info": [.result(info)]
            case "daemon.status": [.result(status)]
            default: [balance]
            }
        } _: { daemon in
            let run = try CommandRun(["doctor", "--json"], on: daemon)
            var found: [String: JSONValue] = [:]
            for line in try run.outJSON() {
                found[line["check"]?.stringValue ?? ""] = line
            }
            result = (run.status, found)
        }
        return result
    }

    @Test("where all is well it says so for each thing")
    func healthy() throws {
        let (status, found) = try run()
        #expect(status == .done)
        #expect(
            Set(found.keys) == [
                "unit", "socket", "clock", "permission", "version", "api", "key", "output", "disk", "journal",
                "jobs",
            ]
        )
        for name in ["socket", "permission", "version", "api", "key", "output", "disk", "journal", "jobs"] {
            #expect(found[name]?["result"] == "ok", "\(name)")
        }
        #expect(found["key"]?["message"] == "accepted; the balance is $12.50")
    }

    @Test("what is wrong is a problem with a way to mend it, and the end is 1")
    func problems() throws {
        let key = ScriptedAnswer.refusal("provider.unauthorized", "The key is refused")
        let away = ScriptedAnswer.refusal("provider.unreachable", "No answer")
        let cases: [(String, JSONValue?, ScriptedAnswer?)] = [
            ("key", nil, key), ("api", nil, away),
            (
                "output", status("output", ["directory": "/v", "writable": false, "reason": "it is full"]),
                nil
            ),
            ("journal", status("journal", ["enabled": true, "writable": false, "reason": "no space"]), nil),
            ("jobs", status("reason", "the balance is used up"), nil),
        ]
        for (name, status, balance) in cases {
            let (end, found) = try run(status: status, balance: balance)
            #expect(end == .failed, "\(name)")
            #expect(found[name]?["result"] == "problem", "\(name)")
            #expect(found.values.count { $0["result"] == "problem" } == 1, "\(name)")
            #expect(name == "jobs" || found[name]?["hint"] != nil, "\(name)")
        }
    }

    @Test("what only deserves attention is a warning, and the end is 0")
    func warnings() throws {
        let cases: [(String, JSONValue)] = [
            ("jobs", status("state", "draining")), ("jobs", status("jobs", ["held": 2])),
            ("journal", status("journal", ["enabled": false])),
            ("disk", status("output", ["directory": "/tmp", "free_bytes": 1000, "writable": true])),
        ]
        for (name, status) in cases {
            let (end, found) = try run(status: status)
            #expect(end == .done, "\(name)")
            #expect(found[name]?["result"] == "warning", "\(name): \(found)")
        }
        var newer = info.objectValue ?? JSONObject()
        newer["version"] = "9.0.0"
        #expect(try run(info: .object(newer)).found["version"]?["result"] == "warning")
        #expect(try run(balance: .result(["balances": []])).found["key"]?["result"] == "warning")
        var future = info.objectValue ?? JSONObject()
        future["started_at"] = "2999-01-01T00:00:00.000Z"
        #expect(try run(info: .object(future)).found["clock"]?["result"] == "problem")
    }

    @Test("without a daemon it ends with 69 and still looks at what it can")
    func unreachable() throws {
        let run = try ProgramRun(["doctor", "--socket", "/tmp/no-such.sock"])
        #expect(run.status == 69)
        #expect(run.out.contains("✗ socket"))
        #expect(run.out.contains("There is no socket /tmp/no-such.sock."))
        #expect(run.out.contains(" clock "))
        #expect(run.err.isEmpty)
    }

    @Test("a socket that keeps somebody out names its group", .enabled(if: geteuid() == 0))
    func notPermitted() throws {
        try withDaemon { _ in
            [.result([:])]
        } _: { daemon in
            try #require(chmod(daemon.path, 0o660) == 0)
            let directory = String(daemon.path.dropLast("/control.sock".count))
            try #require(chmod(directory, 0o755) == 0)
            let program = try ProgramRun.program
            let run = try ProgramRun(
                program: "/usr/bin/setpriv",
                [
                    "--reuid=12345", "--regid=12345", "--clear-groups", program, "--socket", daemon.path,
                    "doctor",
                ]
            )
            #expect(run.status == 77, "\(run)")
            #expect(run.out.contains("\(daemon.path) belongs to the group root; an administrator adds you"))
            #expect(run.out.contains("usermod -aG root 12345"))
        }
    }

    // MARK: The unit

    @Test(
        "the unit's properties are put into words",
        arguments: [
            ("LoadState=not-found", nil, Diagnosis.Level.problem, "there is no videogend.service"),
            ("LoadState=not-found", 5, .ok, "the daemon was started by hand; there is no videogend.service"),
            (
                "LoadState=loaded\nActiveState=active\nUnitFileState=enabled\nMainPID=5", 5, .ok,
                "videogend.service is active and starts with the machine"
            ),
            (
                "LoadState=loaded\nActiveState=active\nUnitFileState=disabled\nMainPID=5", 5, .ok,
                "videogend.service is active; videogend.socket starts it when it is needed"
            ),
            (
                "LoadState=loaded\nActiveState=active\nMainPID=5", 6, .ok,
                "the daemon that answers is not the one of videogend.service"
            ),
            (
                "LoadState=loaded\nActiveState=failed\nResult=exit-code", nil, .problem,
                "videogend.service failed (exit-code)"
            ),
            ("LoadState=loaded\nActiveState=inactive", nil, .problem, "videogend.service is inactive"),
            (
                "LoadState=loaded\nActiveState=inactive", 5, .ok,
                "the daemon was started by hand; videogend.service is inactive"
            ),
        ] as [(String, Int?, Diagnosis.Level, String)]
    )
    func unit(_ text: String, _ pid: Int?, _ level: Diagnosis.Level, _ message: String) {
        let found = ServiceUnit.diagnosis(
            properties: ServiceUnit.properties(text),
            command: "systemctl",
            daemonPID: pid
        )
        #expect(found.level == level)
        #expect(found.message == message)
        #expect((found.hint != nil) == (level == .problem))
    }
}
