import JobCore
import JobEngine
import Testing

@testable import NanoGPTAPI

extension DownloadOutcome {
    var word: String {
        switch self {
        case .finished: "finished"
        case .interrupted: "interrupted"
        case .expired: "expired"
        case .refused: "refused"
        case .sink: "sink"
        case .stopped: "stopped"
        }
    }

    var fault: JobFault? {
        switch self {
        case .interrupted(let fault), .expired(let fault), .refused(let fault): fault
        case .finished, .sink, .stopped: nil
        }
    }
}

@Suite struct DownloadTests {
    static let video = "\u{0}\u{0}\u{0}\u{18}ftypisom0123456789"
    static let mp4 = "content-type: video/mp4; codecs=x"

    // MARK: The plain way

    @Test(arguments: ["/v.mp4", "v.mp4", "ABSOLUTE/v.mp4"])
    func `a video at the API's origin`(url: String) async throws {
        try await ScriptedServer.with(script: { _ in
            [.answer(200, Self.video, headers: [Self.mp4, #"ETag: "abc""#, "last-modified: then"])]
        }) { server in
            let sink = CollectingSink()
            let outcome = try await withClient(server.origin) {
                await $0.download(url.replacing("ABSOLUTE", with: server.origin), into: sink)
            }
            #expect(outcome == .finished)
            #expect(sink.text == Self.video)
            #expect(
                sink.heads == [
                    DownloadHead(
                        offset: 0,
                        totalBytes: Int64(Self.video.utf8.count),
                        contentType: "video/mp4",
                        validator: #""abc""#
                    )
                ]
            )
            #expect(server.requests.map(\.target) == ["/v.mp4"])
            #expect(server.requests.first?.header("x-api-key") == testKeyText)
            #expect(server.requests.first?.header("range") == nil)
            #expect(server.requests.first?.header("accept-encoding") == nil)
        }
    }

    @Test(
        arguments: [
            (["etag: W/\"weak\""], nil),
            (["etag: W/\"weak\"", "last-modified: Sun, 06 Nov 1994"], "Sun, 06 Nov 1994"),
            (["etag: \"\""], nil), (["etag: \"x\""], "\"x\""), ([], nil),
        ] as [([String], String?)]
    )
    func `only strong validators count`(headers: [String], expected: String?) async throws {
        try await ScriptedServer.with(script: { _ in [.answer(200, Self.video, headers: headers + [Self.mp4])]
        }) {
            server in
            let sink = CollectingSink()
            _ = try await withClient(server.origin) { await $0.download("/v", into: sink) }
            #expect(sink.heads.first?.validator == expected)
        }
    }

    @Test func `a body without a length ends with the connection`() async throws {
        try await ScriptedServer.with(script: { _ in
            [.send("HTTP/1.1 200 X\r\nconnection: close\r\n\r\n" + Self.video), .close]
        }) { server in
            let sink = CollectingSink()
            let outcome = try await withClient(server.origin) { await $0.download("/v", into: sink) }
            #expect(outcome == .finished)
            #expect(sink.text == Self.video)
            #expect(sink.heads.first?.totalBytes == nil)
        }
    }

    // MARK: Ends

    @Test(arguments: [
        (401, "expired"), (403, "expired"), (404, "expired"), (410, "expired"), (400, "expired"),
        (408, "interrupted"), (429, "interrupted"), (500, "interrupted"), (502, "interrupted"),
        (503, "interrupted"), (202, "interrupted"), (302, "interrupted"), (304, "interrupted"),
        (416, "expired"),
    ])
    func `what a status means`(status: Int, expected: String) async throws {
        try await ScriptedServer.with(script: { _ in
            [.answer(status, "<Error>", headers: ["x-request-id: r7"])]
        }) {
            server in
            let sink = CollectingSink()
            let outcome = try await withClient(server.origin) {
                await $0.download("/v?X-Amz-Signature=secret", into: sink)
            }
            #expect(outcome.word == expected)
            #expect(outcome.fault?.charged == .yes)
            #expect(outcome.fault?.message.contains("secret") == false)
            #expect(sink.heads.isEmpty)
        }
    }

    static let breaks: [(String, [ServerStep])] = [
        ("short", [.send("HTTP/1.1 200 X\r\ncontent-length: 99\r\n\r\nftyp"), .close]),
        ("reset", [.send("HTTP/1.1 200 X\r\ncontent-length: 99\r\n\r\nftyp"), .reset]),
        ("chunks", [.send("HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n4\r\nftyp\r\n"), .close]),
        ("stalled", [.send("HTTP/1.1 200 X\r\ncontent-length: 99\r\n\r\nftyp")]),
        ("no head", [.close]), ("silence", [.hold]), ("garbage", [.send("nope\r\n\r\n"), .close]),
    ]

    @Test(arguments: breaks)
    func `what breaks off or stalls is interrupted`(name: String, steps: [ServerStep]) async throws {
        try await ScriptedServer.with(script: { _ in steps }) { server in
            let sink = CollectingSink()
            let outcome = try await withClient(server.origin, stallTimeout: .seconds(2)) {
                await $0.download("/v", into: sink)
            }
            #expect(outcome.word == "interrupted", "\(name): \(outcome)")
            #expect(server.requests.count == 1)
            if name == "stalled" {
                #expect(outcome.fault?.message.contains("nothing came") == true)
                #expect(sink.text == "ftyp")
            }
        }
    }

    /// RFC 9112, 6.3: without a length and without chunks only the end of the connection tells the body's.
    @Test(
        arguments: [
            ("HTTP/1.1 200 X\r\n\r\nftyp", true), ("HTTP/1.0 200 X\r\n\r\nftyp", true),
            ("HTTP/1.1 200 X\r\ncontent-length: 4\r\n\r\nftyp", false),
            ("HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n4\r\nftyp\r\n0\r\n\r\n", false),
        ]
    )
    func `the sink learns whether anything tells the video's end`(
        answer: String,
        endIsUncertain: Bool
    ) async throws {
        try await ScriptedServer.with(script: { _ in [.send(answer), .close] }) { server in
            let sink = CollectingSink()
            let outcome = try await withClient(server.origin) { await $0.download("/v", into: sink) }
            #expect(outcome.word == "finished")
            #expect(sink.text == "ftyp")
            #expect(sink.heads.map(\.endIsUncertain) == [endIsUncertain])
        }
    }

    @Test func `nobody listens`() async throws {
        let origin = try await ScriptedServer.with(script: { _ in [] }) { $0.origin }
        let outcome = try await withClient(origin) { await $0.download("/v", into: CollectingSink()) }
        #expect(outcome.word == "interrupted")
        #expect(outcome.fault?.message.contains("connection refused") == true)
    }

    @Test func `the sink's refusal is passed on`() async throws {
        let refusal = DownloadSinkError.rejected(JobFault(.outputRejected, "too large"))
        try await ScriptedServer.with(script: { _ in [.answer(200, Self.video, headers: [Self.mp4])] }) {
            server in
            let sink = CollectingSink(failure: refusal)
            let outcome = try await withClient(server.origin) { await $0.download("/v", into: sink) }
            #expect(outcome == .sink(refusal))
        }
    }

    @Test func `cancelled: stopped, and at once`() async throws {
        try await ScriptedServer.with(script: { _ in
            [.send("HTTP/1.1 200 X\r\ncontent-length: 99\r\n\r\nftyp")]
        }) {
            server in
            try await withClient(server.origin) { client in
                let outcome = await withTaskGroup(of: DownloadOutcome?.self) { group in
                    group.addTask { await client.download("/v", into: CollectingSink()) }
                    group.addTask {
                        await server.firstRequest()
                        return nil
                    }
                    _ = await group.next()
                    group.cancelAll()
                    return await group.next() ?? nil
                }
                #expect(outcome == .stopped)
            }
        }
    }

    // MARK: Resume

    private static func partial(_ range: String, _ body: String) -> ServerStep {
        .answer(206, body, headers: [mp4, "content-range: \(range)", #"etag: "abc""#])
    }

    @Test func `goes on where it stopped`() async throws {
        try await ScriptedServer.with(script: { _ in [Self.partial("bytes 4-9/10", "456789")] }) { server in
            let sink = CollectingSink(resumePoint: DownloadResumePoint(offset: 4, validator: #""abc""#))
            let outcome = try await withClient(server.origin) { await $0.download("/v", into: sink) }
            #expect(outcome == .finished)
            #expect(server.requests.first?.header("range") == "bytes=4-")
            #expect(server.requests.first?.header("if-range") == #""abc""#)
            #expect(
                sink.heads == [
                    DownloadHead(offset: 4, totalBytes: 10, contentType: "video/mp4", validator: #""abc""#)
                ]
            )
            #expect(sink.text == "456789")
        }
    }

    @Test func `a part of a file of unknown length does not tell the end`() async throws {
        try await ScriptedServer.with(script: { _ in [Self.partial("bytes 4-9/*", "456789")] }) { server in
            let sink = CollectingSink(resumePoint: DownloadResumePoint(offset: 4, validator: #""abc""#))
            let outcome = try await withClient(server.origin) { await $0.download("/v", into: sink) }
            #expect(outcome == .finished)
            #expect(sink.heads.map(\.endIsUncertain) == [true])
        }
    }

    @Test func `a whole answer to a range starts anew`() async throws {
        try await ScriptedServer.with(script: { _ in [.answer(200, "0123456789", headers: [Self.mp4])] }) {
            server in
            let sink = CollectingSink(resumePoint: DownloadResumePoint(offset: 4, validator: #""abc""#))
            let outcome = try await withClient(server.origin) { await $0.download("/v", into: sink) }
            #expect(outcome == .finished)
            #expect(sink.heads.map(\.offset) == [0])
            #expect(sink.text == "0123456789")
        }
    }

    static let wrongParts: [ServerStep] = [
        partial("bytes 0-9/10", "0123456789"), partial("bytes 5-9/10", "56789"),
        partial("bytes 4-9", "456789"),
        partial("items 4-9/10", "456789"), partial("bytes 9-4/10", "456789"),
        partial("bytes 4-9/5", "456789"),
        .answer(206, "456789", headers: [mp4]), .answer(416, "", headers: ["content-range: bytes */3"]),
        .answer(206, "x", headers: ["content-type: multipart/byteranges; boundary=b"]),
    ]

    @Test(arguments: wrongParts.indices)
    func `a part that was not asked for starts anew`(index: Int) async throws {
        try await ScriptedServer.with(script: { request in
            request.header("range") == nil
                ? [.answer(200, "0123456789", headers: [Self.mp4])] : [Self.wrongParts[index]]
        }) { server in
            let sink = CollectingSink(resumePoint: DownloadResumePoint(offset: 4, validator: "then"))
            let outcome = try await withClient(server.origin) { await $0.download("/v", into: sink) }
            #expect(outcome == .finished)
            #expect(server.requests.count == 2)
            #expect(server.requests.last?.header("if-range") == nil)
            #expect(sink.heads.map(\.offset) == [0])
            #expect(sink.text == "0123456789")
        }
    }

    @Test func `a server that always sends parts does not turn us in circles`() async throws {
        try await ScriptedServer.with(script: { _ in [Self.partial("bytes 2-9/10", "23456789")] }) { server in
            let sink = CollectingSink(resumePoint: DownloadResumePoint(offset: 4, validator: "then"))
            let outcome = try await withClient(server.origin) { await $0.download("/v", into: sink) }
            #expect(outcome.word == "interrupted")
            #expect(server.requests.count == 2)
        }
    }

    @Test func `a part that ends before the file is interrupted`() async throws {
        try await ScriptedServer.with(script: { _ in [Self.partial("bytes 4-6/10", "456")] }) { server in
            let sink = CollectingSink(resumePoint: DownloadResumePoint(offset: 4, validator: "then"))
            let outcome = try await withClient(server.origin) { await $0.download("/v", into: sink) }
            #expect(outcome.word == "interrupted")
            #expect(sink.text == "456")
        }
    }
}
