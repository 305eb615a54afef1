import AsyncHTTPClient
import JobCore
import JobEngine
import NIOCore
import NIOHTTP1
import Synchronization
import Testing

@testable import NanoGPTAPI

@Suite struct DownloadRedirectTests {
    static let video = DownloadTests.video
    static let mp4 = DownloadTests.mp4

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

    /// The content endpoint's answer has "any properties" (E6): what is there for the video's URL, LINK, and beside it.
    static let contents = [
        #"{"data":"LINK"}"#, #"{"contentUrl":"LINK"}"#, #"{"download_url":" LINK "}"#,
        #"{"type":"video/mp4","id":"a/b","links":{"self":["LINK"]},"size":5,"error":null}"#,
        #"{"contentUrl":"LINK","download_url":"LINK"}"#,
        // A known place wins over what is beside it.
        #"{"url":"LINK","docs":"https://nano-gpt.com/docs"}"#,
    ]

    @Test(arguments: contents)
    func `the only URL in JSON from the API is followed`(content: String) async throws {
        try await ScriptedServer.with(script: { _ in [.answer(200, Self.video, headers: [Self.mp4])] }) {
            cdn in
            try await ScriptedServer.with(script: { request in
                request.target == "/c"
                    ? [.answer(200, content.replacing("LINK", with: "\(cdn.origin)/v"))]
                    : request.target == "/relative"
                        ? [.answer(200, content.replacing("LINK", with: "/v"))]
                        : [.answer(200, Self.video, headers: [Self.mp4])]
            }) { api in
                for link in ["/c", "/relative"] {
                    let sink = CollectingSink()
                    let outcome = try await withClient(api.origin) { await $0.download(link, into: sink) }
                    #expect(outcome == .finished)
                    #expect(sink.text == Self.video, "\(link)")
                }
                #expect(cdn.requests.map { $0.header("x-api-key") } == [nil])
            }
        }
    }

    @Test(arguments: [
        #"{"contentUrl":"ORIGIN/a","thumbnail":"ORIGIN/b"}"#, #"{"data":"//cdn.example/v"}"#,
        #"{"data":"video/mp4"}"#, #"{"data":"see ORIGIN/a"}"#, #"{"ORIGIN/a":"x"}"#, #"{"data":"ftp://a/v"}"#,
        "{}",
    ])
    func `JSON without a URL, or with several, is for the sink to refuse`(content: String) async throws {
        let origin = Holder()
        try await ScriptedServer.with(script: { _ in
            [.answer(200, content.replacing("ORIGIN", with: origin.value))]
        }) { api in
            origin.value = api.origin
            let sink = CollectingSink()
            let outcome = try await withClient(api.origin) { await $0.download("/c", into: sink) }
            #expect(outcome == .finished)
            #expect(sink.heads.first?.contentType == "application/json")
            #expect(api.accepted == 1)
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
                    // Any failure shows as a missing status.
                    try? await http.execute(HTTPClientRequest(url: hop.text), timeout: .seconds(5)).status
                        .code
                }
                #expect(status == .some(200))
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
