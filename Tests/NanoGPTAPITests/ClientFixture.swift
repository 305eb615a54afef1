import FoundationEssentials
import JobCore
import JobEngine
import NIOCore
import NIOHTTP1
import NIOSSL
import Synchronization
import Testing

@testable import NanoGPTAPI

let testKeyText = "sk-nano-0f8fad5b-d9cb-469f-a165-70867728950e"
let testNow = Timestamp(milliseconds: 1_800_000_000_000)

/// Runs a client for the time of `body` and shuts it down.
func withClient<Value: Sendable>(
    _ baseURL: String,
    requestTimeout: Duration = .seconds(60),
    connectTimeout: Duration = .seconds(60),
    stallTimeout: Duration = .seconds(60),
    caFile: String? = nil,
    resolver: any HostResolver = SystemHostResolver(),
    _ body: (NanoGPTClient) async throws -> Value
) async throws -> Value {
    let configuration = try NanoGPTConfiguration(
        baseURL: baseURL,
        userAgent: "videogend/test",
        requestTimeout: requestTimeout,
        connectTimeout: connectTimeout,
        stallTimeout: stallTimeout,
        caFile: caFile
    )
    let client = try NanoGPTClient(
        configuration: configuration,
        key: try APIKey(testKeyText),
        eventLoopGroup: nil,
        now: { testNow },
        resolver: resolver
    )
    let result: Result<Value, any Error>
    do {
        result = .success(try await body(client))
    } catch {
        result = .failure(error)
    }
    try await client.shutdown()
    return try result.get()
}

func makeContext() throws -> AnswerContext {
    let address = try #require(WebAddress("https://nano-gpt.com"))
    return AnswerContext(
        origin: address.origin,
        redactor: WordsRedactor(key: try APIKey(testKeyText)),
        now: testNow
    )
}

func makeAnswer(_ status: Int, _ body: String, headers: [(String, String)] = []) -> HTTPAnswer {
    HTTPAnswer(status: status, headers: .init(headers), body: Array(body.utf8))
}

let submission = SubmissionRequest(
    uuid: AttemptUUID("b7c75a5e-0000-4000-8000-000000000001"),
    body: Array(#"{"model":"veo2-video","prompt":"eagle"}"#.utf8)
)

/// Keeps what a download writes.
final class CollectingSink: DownloadSink {
    struct State {
        var heads: [DownloadHead] = []
        var bytes: [UInt8] = []
    }

    let resumePoint: DownloadResumePoint?
    private let state = Mutex(State())
    private let failure: DownloadSinkError?

    init(resumePoint: DownloadResumePoint? = nil, failure: DownloadSinkError? = nil) {
        self.resumePoint = resumePoint
        self.failure = failure
    }

    func begin(_ head: DownloadHead) throws(DownloadSinkError) {
        state.withLock { $0.heads.append(head) }
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(DownloadSinkError) {
        if let failure {
            throw failure
        }
        state.withLock { $0.bytes += bytes }
    }

    var heads: [DownloadHead] {
        state.withLock { $0.heads }
    }

    var text: String {
        state.withLock { String(decoding: $0.bytes, as: UTF8.self) }
    }
}

/// Knows the addresses that the test gives it.
struct ScriptedResolver: HostResolver {
    let table: [String: [String]]

    func addresses(
        of host: String,
        timeout: Duration,
        on eventLoop: any EventLoop
    ) async throws -> [IPAddress] {
        guard let found = table[host] else { throw HostResolverError.notFound }
        return found.compactMap { IPAddress($0) }
    }
}

/// A CA made for these tests and nothing else, and a server certificate for `localhost`, good until 2120.
enum TestCertificates {
    static let authority = """
        -----BEGIN CERTIFICATE-----
        MIIBazCCARGgAwIBAgIBATAKBggqhkjOPQQDAjAcMRowGAYDVQQDDBF2aWRlb2dl
        bmQgdGVzdCBDQTAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowHDEa
        MBgGA1UEAwwRdmlkZW9nZW5kIHRlc3QgQ0EwWTATBgcqhkjOPQIBBggqhkjOPQMB
        BwNCAASL4IoX1mNDqG6wSHmbZUGK1WLcjGdtNPjvM1EEFrzhJTciw06eJaG/y1Wg
        pPVjj/rQ0fgNPO3I4aupgBazFMizo0IwQDAPBgNVHRMBAf8EBTADAQH/MA4GA1Ud
        DwEB/wQEAwICBDAdBgNVHQ4EFgQUsrLMdT9u4uoMUT4GHOYxhIDxuAQwCgYIKoZI
        zj0EAwIDSAAwRQIgQtJzfgbZerjcXO8t4juZt+6iUal51plsM5TC2saWBT4CIQC5
        ji/oaUpf9tnR8ifaGNeo0NchsV33BR6mAMGo/odkjg==
        -----END CERTIFICATE-----
        """
    static let server = """
        -----BEGIN CERTIFICATE-----
        MIIBnjCCAUWgAwIBAgIBAjAKBggqhkjOPQQDAjAcMRowGAYDVQQDDBF2aWRlb2dl
        bmQgdGVzdCBDQTAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowFDES
        MBAGA1UEAwwJbG9jYWxob3N0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE/phO
        iKrDd8mxxN7BuXhMdeI99po+u1ZyYv/J6cd6D0/r1mSfiCx4uG6CIgKbbFwSKNfM
        u0825jR+l0Ikc7o17qN+MHwwGgYDVR0RBBMwEYIJbG9jYWxob3N0hwR/AAABMBMG
        A1UdJQQMMAoGCCsGAQUFBwMBMAkGA1UdEwQCMAAwHQYDVR0OBBYEFDQdL2sSHZCJ
        7PjnIDnZ3TDntDHQMB8GA1UdIwQYMBaAFLKyzHU/buLqDFE+BhzmMYSA8bgEMAoG
        CCqGSM49BAMCA0cAMEQCIE2jhzkEcNFn194c7PGg/ekTS8xYg4h+U8h1m7zrJxUg
        AiAoRt+zQzaofI7LM6HJSEbvuLhAq+FWtUjOaXIdxoNLIw==
        -----END CERTIFICATE-----
        """
    static let serverKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg4UlNQMS5Sho1tUe0
        Eh6l78Ro5RKRIQiVRHejJnxD55ihRANCAAT+mE6IqsN3ybHE3sG5eEx14j32mj67
        VnJi/8npx3oPT+vWZJ+ILHi4boIiAptsXBIo18y7TzbmNH6XQiRzujXu
        -----END PRIVATE KEY-----
        """

    static func serverContext() throws -> NIOSSLContext {
        let chain = try NIOSSLCertificate.fromPEMBytes(Array(server.utf8))
        let key = try NIOSSLPrivateKey(bytes: Array(serverKey.utf8), format: .pem)
        return try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) },
                privateKey: .privateKey(key)
            )
        )
    }

    /// Runs `body` with a file that holds the CA.
    static func withAuthorityFile<Value>(_ body: (String) async throws -> Value) async throws -> Value {
        let url = FileManager.default.temporaryDirectory.appending(
            path: "videogend-ca-\(UUID().uuidString).pem"
        )
        try Data(authority.utf8).write(to: url)
        let result: Result<Value, any Error>
        do {
            result = .success(try await body(url.path()))
        } catch {
            result = .failure(error)
        }
        try FileManager.default.removeItem(at: url)
        return try result.get()
    }
}
