import AsyncHTTPClient
import JobCore
import JobEngine
import NIOCore
import NIOHTTP1
import Synchronization
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
            let outcome = try await withClient(server.origin, stallTimeout: .milliseconds(300)) {
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

    // MARK: Redirects and the key

    @Test(arguments: [301, 302, 303, 307, 308])
    func `the key stays at the API's origin`(status: Int) async throws {
        try await ScriptedServer.with(script: { _ in [.answer(200, Self.video, headers: [Self.mp4])] }) {
            cdn in
            let link = cdn.origin + "/signed?s=1"
            try await ScriptedServer.with(script: { request in
                [.answer(status, "", headers: ["location: \(request.target == "/content" ? "/same" : link)"])]
            }) { api in
                let sink = CollectingSink()
                let outcome = try await withClient(api.origin) { await $0.download("/content", into: sink) }
                #expect(outcome == .finished)
                #expect(sink.text == Self.video)
                #expect(api.requests.map { $0.header("x-api-key") } == [testKeyText, testKeyText])
                #expect(cdn.requests.map { $0.header("x-api-key") } == [nil])
                #expect(cdn.requests.map(\.target) == ["/signed?s=1"])
            }
        }
    }

    @Test func `away and back: no key on the API's own origin any more`() async throws {
        let away = Holder()
        try await ScriptedServer.with(script: { request in
            request.target == "/start"
                ? [.answer(302, "", headers: ["location: \(away.value)"])]
                : [.answer(200, Self.video, headers: [Self.mp4])]
        }) { api in
            try await ScriptedServer.with(script: { _ in
                [.answer(302, "", headers: ["location: \(api.origin)/back"])]
            }) { cdn in
                away.value = cdn.origin + "/x"
                let outcome = try await withClient(api.origin) {
                    await $0.download("/start", into: CollectingSink())
                }
                #expect(outcome == .finished)
                #expect(api.requests.map { $0.header("x-api-key") } == [testKeyText, nil])
                #expect(cdn.requests.map { $0.header("x-api-key") } == [nil])
            }
        }
    }

    @Test func `a link that starts elsewhere carries no key`() async throws {
        try await ScriptedServer.with(script: { _ in [.answer(200, Self.video, headers: [Self.mp4])] }) {
            cdn in
            try await ScriptedServer.with(script: { _ in [] }) { api in
                _ = try await withClient(api.origin) {
                    await $0.download(cdn.origin + "/v", into: CollectingSink())
                }
                // The same host under another name is another origin.
                _ = try await withClient(api.origin) {
                    await $0.download("http://localhost:\(cdn.port)/v", into: CollectingSink())
                }
                #expect(cdn.requests.map { $0.header("x-api-key") } == [nil, nil])
                #expect(api.accepted == 0)
            }
        }
    }

    @Test func `circles and long ways end`() async throws {
        try await ScriptedServer.with(script: { request in
            if request.target == "/loop" {
                return [.answer(302, "", headers: ["location: /loop2"])]
            }
            if request.target == "/loop2" {
                return [.answer(302, "", headers: ["location: /loop"])]
            }
            guard let number = Int(request.target.dropFirst(2)), number > 0 else {
                return [.answer(200, Self.video, headers: [Self.mp4])]
            }
            return [.answer(302, "", headers: ["location: /n\(number - 1)"])]
        }) { server in
            try await withClient(server.origin) { client in
                #expect(await client.download("/loop", into: CollectingSink()).word == "refused")
                #expect(server.requests.count == 2)
                #expect(await client.download("/n5", into: CollectingSink()) == .finished)
                #expect(await client.download("/n6", into: CollectingSink()).word == "refused")
            }
            #expect(server.requests.count == 2 + 6 + 6)
        }
    }

    @Test(arguments: ["file:///etc/passwd", "ftp://a/b", "http+unix://x/y", "http://user@127.0.0.1/x"])
    func `a redirect to something else than http is refused`(location: String) async throws {
        try await ScriptedServer.with(script: { _ in [.answer(302, "", headers: ["location: \(location)"])] })
        {
            server in
            let outcome = try await withClient(server.origin) {
                await $0.download("/v", into: CollectingSink())
            }
            #expect(outcome.word == "refused")
        }
    }

    // MARK: JSON from the content endpoint

    @Test func `JSON with a URL from the API is followed`() async throws {
        try await ScriptedServer.with(script: { _ in [.answer(200, Self.video, headers: [Self.mp4])] }) {
            cdn in
            try await ScriptedServer.with(script: { _ in [.answer(200, #"{"url":"\#(cdn.origin)/v"}"#)] }) {
                api in
                let sink = CollectingSink()
                let outcome = try await withClient(api.origin) { await $0.download("/c", into: sink) }
                #expect(outcome == .finished)
                #expect(sink.text == Self.video)
                #expect(cdn.requests.map { $0.header("x-api-key") } == [nil])
            }
        }
    }

    @Test func `other JSON is for the sink to refuse`() async throws {
        try await ScriptedServer.with(script: { _ in [.answer(200, #"{"error":"x"}"#)] }) { cdn in
            let sink = CollectingSink()
            let outcome = try await withClient(cdn.origin) { await $0.download("/c", into: sink) }
            #expect(outcome == .finished)
            #expect(sink.heads.first?.contentType == "application/json")
            #expect(sink.text == #"{"error":"x"}"#)
            // From another origin even JSON with a URL is not followed.
            try await ScriptedServer.with(script: { _ in [] }) { api in
                let other = CollectingSink()
                _ = try await withClient(api.origin) { await $0.download(cdn.origin + "/c", into: other) }
                #expect(other.heads.first?.contentType == "application/json")
                #expect(api.accepted == 0)
            }
        }
    }

    // MARK: Public addresses only

    static let resolver = ScriptedResolver(table: [
        "private.example": ["10.0.0.5"], "mixed.example": ["93.184.216.34", "192.168.1.1"],
        "metadata.example": ["169.254.169.254"], "mapped.example": ["::ffff:127.0.0.1"],
        "api.example": ["10.1.1.1"],
        "empty.example": [],
    ])

    @Test(arguments: [
        "https://127.0.0.1/v", "https://[::1]/v", "https://10.0.0.1/v", "https://169.254.169.254/latest",
        "https://[::ffff:10.0.0.1]/v", "https://[fd00::1]/v", "https://100.64.0.1/v", "https://224.0.0.1/v",
        "https://private.example/v", "https://mixed.example/v", "https://metadata.example/v",
        "https://mapped.example/v", "http://93.184.216.34/v", "http://public.example/v", "/api/content?x=1",
        "//private.example/v", "ftp://a/v", "https://user@a/v",
    ])
    func `forbidden addresses are refused before a connection`(url: String) async throws {
        let outcome = try await withClient("https://api.example", resolver: Self.resolver) {
            await $0.download(url, into: CollectingSink())
        }
        #expect(outcome.word == "refused", "\(outcome)")
    }

    @Test(arguments: ["https://empty.example/v", "https://unknown.example/v"])
    func `a name without an address is a matter of the moment`(url: String) async throws {
        let outcome = try await withClient("https://api.example", resolver: Self.resolver) {
            await $0.download(url, into: CollectingSink())
        }
        #expect(outcome.word == "interrupted")
    }

    @Test(arguments: ["localhost", "LOCALHOST"])
    func `names like loopback resolve to what they are`(host: String) async throws {
        // The system's resolver, a real look-up of a name that needs no network.
        let outcome = try await withClient("https://api.example") {
            await $0.download("https://\(host)/v", into: CollectingSink())
        }
        #expect(outcome.word == "refused")
    }

    @Test(arguments: ["Pinned.Example.test", "pinned.example.test"])
    func `the connection goes to the address that was checked, under the host's own name`(
        host: String
    ) async throws {
        try await ScriptedServer.with(script: { _ in [.answer(200, Self.video)] }) { server in
            try await withClient(server.origin) { client in
                let hop = try #require(WebAddress("http://\(host):\(server.port)/v"))
                let address = try #require(IPAddress("127.0.0.1"))
                let settings = DownloadTrip.settings(client.session, for: hop, at: address)
                let status = await client.withSingleUseClient(settings) { http in
                    try? await http.execute(HTTPClientRequest(url: hop.text), timeout: .seconds(5)).status
                        .code
                }
                #expect(status == 200)
                #expect(server.requests.first?.header("host") == "\(host):\(server.port)")
            }
        }
    }
}

/// A value that is known only after the closure that reads it was made.
private final class Holder: Sendable {
    private let storage = Mutex("")

    var value: String {
        get { storage.withLock { $0 } }
        set { storage.withLock { $0 = newValue } }
    }
}
