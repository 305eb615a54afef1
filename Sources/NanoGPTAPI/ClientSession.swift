import AsyncHTTPClient
import JobCore
import NIOCore
import NIOHTTP1
import NIOSSL

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
            timeout: .init(
                connect: TimeAmount(configuration.connectTimeout),
                read: TimeAmount(configuration.requestTimeout)
            ),
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
    /// - Returns: The request without a body.
    func request(_ method: HTTPMethod, _ path: String) -> APIRequest {
        var request = APIRequest(method: method, url: configuration.origin + path)
        request.headers.add(name: "accept", value: "application/json")
        request.headers.add(name: "user-agent", value: configuration.userAgent)
        request.headers.add(name: "x-api-key", value: key.text)
        return request
    }

    /// What is needed to read answers.
    ///
    /// - Parameter now: The wall clock.
    /// - Returns: The context.
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
