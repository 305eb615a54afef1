import ArgumentParser
import ControlClient
import Glibc
import JSON
import ScriptedDaemon
import Testing

@testable import videogenctl

/// One command, run inside the test against a scripted daemon.
struct CommandRun {
    let status: CommandStatus
    let out: String
    let err: String

    var outLines: [String] {
        out.split(separator: "\n").map(String.init)
    }

    /// The lines of standard output as JSON.
    func outJSON() throws -> [JSONValue] {
        try outLines.map { line in try JSONParser.parse(line) }
    }

    /// Runs a command line.
    ///
    /// - Parameters:
    ///   - arguments: The command line without the program's name.
    ///   - daemon: Answers it.
    ///   - terminalColumns: The width of both streams' terminal; `nil` when they are files.
    ///   - interruption: Readable after Ctrl-C.
    /// - Throws: What the parser says of the command line.
    init(
        _ arguments: [String],
        on daemon: ScriptedDaemon,
        terminalColumns: Int? = nil,
        interruption: Int32? = nil
    ) throws {
        let parsed = try Program.parseAsRoot(CommonOptionsPlacement.moved(arguments))
        let command = try #require(parsed as? any ClientCommand)
        func stream() -> TextStream {
            TextStream(capturingWithColumns: terminalColumns, isTerminal: terminalColumns != nil)
        }
        let console = Console(
            out: stream(),
            err: stream(),
            json: command.common.json,
            program: command.common.program
        )
        // Nobody writes to it: nobody presses Ctrl-C.
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        defer { ends.forEach { close($0) } }
        let session = Session(
            console: console,
            address: .socket(daemon.path),
            interruption: interruption ?? ends[0]
        )
        status = try session.run { try command.execute(in: session) }
        out = console.out.captured
        err = console.err.captured
    }
}

/// Runs a test against a daemon that answers as it says.
func withDaemon(
    _ script: @escaping @Sendable (ScriptedCall) -> [ScriptedAnswer],
    _ body: (ScriptedDaemon) throws -> Void
) throws {
    let daemon = try ScriptedDaemon(script)
    defer { daemon.stop() }
    try body(daemon)
}

/// Runs a test with a directory of its own.
func withDirectory(_ body: (String) throws -> Void) throws {
    var template = Array("/tmp/videogenctl-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer {
        if let directory = opendir(path) {
            while let entry = readdir(directory) {
                let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                }
                unlink(path + "/" + name)
            }
            closedir(directory)
        }
        rmdir(path)
    }
    try body(path)
}

/// Writes a file.
func write(_ bytes: [UInt8], to path: String) throws {
    let file = try #require(fopen(path, "w"))
    defer { fclose(file) }
    try #require(fwrite(bytes, 1, bytes.count, file) == bytes.count)
}

/// Reads a file.
func contents(of path: String) throws -> String {
    try FileReader.text(path, limit: 1 << 20)
}

/// A job object as the daemon sends it.
func jobJSON(_ id: String, _ state: String, _ more: JSONObject = JSONObject()) -> JSONValue {
    var job = JSONObject([
        "id": .string(id), "state": .string(state), "model": "veo3-1-fast-video",
        "owner": ["uid": 1000, "user": "ada"],
        "request": ["model": "veo3-1-fast-video", "prompt": "A storm"],
        "created_at": "2026-07-01T08:00:00.000Z", "attempts": 1, "attempts_log": [],
        "origin": "https://nano-gpt.com", "outputs": [],
    ])
    if state == "completed" {
        job["completed_at"] = "2026-07-01T08:01:23.000Z"
        job["outputs"] = [
            [
                "file": .string("/videos/\(id).mp4"), "bytes": 2048, "sha256": "ab",
                "receipt": "/videos/r.json",
            ]
        ]
        job["output"] = job["outputs"]?.arrayValue?.first
        job["cost"] = ["charged": ["micros": 350_000, "currency": "USD"], "final": true]
    }
    for member in more.members {
        job[member.name] = member.value
    }
    return .object(job)
}

/// An event of the subscription 1.
func event(_ seq: Int, _ kind: String, _ job: JSONValue) -> ScriptedAnswer {
    .notify(
        "events.event",
        ["subscription": 1, "seq": .integer(seq), "kind": .string(kind), "job": job]
    )
}

/// The answer to `events.subscribe`.
func subscribed(_ snapshot: [JSONValue], seq: Int = 10, subscription: Int = 1) -> ScriptedAnswer {
    .result([
        "subscription": .integer(subscription), "epoch": "e1", "seq": .integer(seq),
        "snapshot": .array(snapshot), "resumed": false,
    ])
}
