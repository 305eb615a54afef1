import AsyncHTTPClient
import JobCore
import NIOCore
import NIOHTTP1
import NIOSSL
import Synchronization

/// One request and its complete answer, within a time and a size.
struct HTTPExchange: Sendable {
    /// The HTTP client to use.
    let client: HTTPClient
    /// The clock for the time limit.
    let clock: any Clock<Duration>
    /// The longest time for head and body together.
    let timeout: Duration
    /// The largest body, in bytes.
    let bodyLimit: Int

    /// Sends the request and reads the answer.
    ///
    /// - Parameter request: The request.
    /// - Returns: The answer, whatever its status.
    /// - Throws: `HTTPFailure`; `.broken` also where no connection came about, which only the caller can know.
    func answer(to request: HTTPClientRequest) async throws(HTTPFailure) -> HTTPAnswer {
        do {
            return try await withDeadline(timeout, clock: clock) {
                // The client's own deadline covers the head only; ours covers all and always comes first.
                let response = try await client.execute(request, timeout: TimeAmount(timeout) + .seconds(60))
                return HTTPAnswer(
                    status: Int(response.status.code),
                    headers: response.headers,
                    body: try await response.collectBody(upTo: bodyLimit)
                )
            }
        } catch {
            throw HTTPFailure(error, timeout: timeout, bodyLimit: bodyLimit)
        }
    }
}

extension HTTPClientResponse {
    /// The whole body.
    ///
    /// - Parameter limit: The largest body, in bytes.
    /// - Throws: `NIOTooManyBytesError` when it is larger, else what the connection says.
    func collectBody(upTo limit: Int) async throws -> [UInt8] {
        var collected = try await body.collect(upTo: limit)
        // A cancelled stream may just end; a short body must not pass for a complete one.
        if Task.isCancelled,
            headers.first(name: "content-length").flatMap(Int.init) != collected.readableBytes
        {
            throw CancellationError()
        }
        return collected.readBytes(length: collected.readableBytes) ?? []
    }
}

extension HTTPFailure {
    /// Sorts what the HTTP client threw.
    init(_ error: any Error, timeout: Duration, bodyLimit: Int) {
        switch error {
        case let failure as HTTPFailure: self = failure
        case is DeadlineExceeded: self = .timedOut(timeout)
        case is CancellationError: self = .cancelled
        case is NIOTooManyBytesError: self = .tooLarge(limit: bodyLimit)
        case let error as HTTPClientError where error == .deadlineExceeded: self = .timedOut(timeout)
        case let error as HTTPClientError where error == .cancelled: self = .cancelled
        default: self = .broken(TransportWords.describe(error))
        }
    }
}

/// Whether a connection came about, noted by the HTTP client before it hands a request to the connection.
///
/// The client's errors do not tell: a reset in the TLS handshake and a reset after a paid request look alike. With a
/// client of its own for each paid request this note does tell: without a connection not a byte has left.
final class ConnectionWitness: Sendable {
    private let state = Mutex(false)

    /// Whether a connection came about, TLS included.
    var hasConnected: Bool {
        state.withLock { $0 }
    }

    /// Makes the HTTP client note connections here.
    func watch(_ configuration: inout HTTPClient.Configuration) {
        let note: @Sendable (any Channel) -> EventLoopFuture<Void> = { [self] channel in
            state.withLock { $0 = true }
            return channel.eventLoop.makeSucceededVoidFuture()
        }
        configuration.http1_1ConnectionDebugInitializer = note
        configuration.http2ConnectionDebugInitializer = note
    }
}

/// The settings of one moment; a reload makes a new one and what is under way goes on with the old.
struct ClientSession: Sendable {
    /// Where the API is and how patient we are.
    let configuration: NanoGPTConfiguration
    /// The key.
    let key: APIKey
    /// TLS with the system's trusted CAs and ours.
    let tls: TLSConfiguration
    /// The connections that polls share.
    let pool: HTTPClient

    /// Settings for an HTTP client that uses every connection for one request.
    ///
    /// HTTP/1.1 only: the request's fate is the connection's, there is no GOAWAY or stream to reason about, and
    /// a download is not slowed down by HTTP/2's stream windows.
    func singleUseSettings() -> HTTPClient.Configuration {
        var settings = Self.settings(configuration, tls: tls)
        settings.httpVersion = .http1Only
        settings.maximumUsesPerConnection = 1
        return settings
    }

    /// Settings that every HTTP client of ours has: no redirects, no retries, no decompression.
    static func settings(
        _ configuration: NanoGPTConfiguration,
        tls: TLSConfiguration
    ) -> HTTPClient.Configuration {
        var settings = HTTPClient.Configuration(
            tlsConfiguration: tls,
            // The default follows, keeps `x-api-key` across origins and sends POSTs again on 307 and 308.
            redirectConfiguration: .disallow,
            timeout: .init(connect: TimeAmount(configuration.connectTimeout)),
            connectionPool: .init(
                idleTimeout: TimeAmount(configuration.idleConnectionTimeout),
                concurrentHTTP1ConnectionsPerHostSoftLimit: configuration.connectionsPerHost
            ),
            decompression: .disabled
        )
        // When to try again is the scheduler's decision, and "refused" should be known at once.
        settings.connectionPool.retryConnectionEstablishment = false
        return settings
    }

    /// A request to the API with the key.
    ///
    /// - Parameters:
    ///   - method: The method.
    ///   - path: The path with the query, percent-encoded.
    func request(_ method: HTTPMethod, _ path: String) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: configuration.origin + path)
        request.method = method
        request.headers.add(name: "accept", value: "application/json")
        request.headers.add(name: "user-agent", value: configuration.userAgent)
        request.headers.add(name: "x-api-key", value: key.text)
        return request
    }

    /// What is needed to read answers.
    ///
    /// - Parameter now: The wall clock.
    func context(now: Timestamp) -> AnswerContext {
        AnswerContext(origin: configuration.apiOrigin, redactor: WordsRedactor(key: key), now: now)
    }
}

extension String {
    /// The text as a value in a query: everything but RFC 3986's unreserved characters is encoded.
    var queryEncoded: String {
        let hex = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                bytes.append(byte)
            default:
                bytes += [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
