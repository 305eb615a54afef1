import AsyncHTTPClient
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Words for what the HTTP client throws; never a description that could quote a header.
enum TransportWords {
    /// A part of a sentence for people.
    static func describe(_ error: any Error) -> String {
        switch error {
        case let error as HTTPClientError: client(error)
        case let error as NIOConnectionError: connection(error)
        case let error as IOError: system(error)
        case let error as ChannelError: channel(error)
        case is HTTPParserError: "the answer is not valid HTTP"
        case let error as NIOSSLError: "TLS: \(error)"
        case let error as NIOSSLExtraError: "TLS: \(error.description)"
        case let error as BoringSSLError: "TLS: \(error)"
        case is SocketAddressError: "the host name cannot be resolved"
        default: "\(type(of: error))"
        }
    }

    private static func client(_ error: HTTPClientError) -> String {
        switch error {
        case .connectTimeout, .getConnectionFromPoolTimeout: "the connection could not be made in time"
        case .tlsHandshakeTimeout: "the TLS handshake took too long"
        case .remoteConnectionClosed: "the connection was closed before the answer was complete"
        case .readTimeout: "nothing came any more"
        case .alreadyShutdown: "the daemon is stopping"
        default: error.shortDescription.lowercased()
        }
    }

    private static func connection(_ error: NIOConnectionError) -> String {
        if let failure = error.connectionErrors.first {
            return describe(failure.error)
        }
        return "the host name \(error.host) cannot be resolved"
    }

    private static func system(_ error: IOError) -> String {
        switch error.errnoCode {
        case ECONNREFUSED: "connection refused"
        case ECONNRESET, EPIPE: "the connection was reset"
        case ETIMEDOUT: "the connection timed out"
        case ENETUNREACH, EHOSTUNREACH: "the host is unreachable"
        default: "system error \(error.errnoCode)"
        }
    }

    private static func channel(_ error: ChannelError) -> String {
        switch error {
        case .connectTimeout: "the connection could not be made in time"
        case .ioOnClosedChannel, .alreadyClosed, .eof, .inputClosed, .outputClosed:
            "the connection was closed"
        default: "the connection failed"
        }
    }
}
