import AsyncHTTPClient
import NIOCore
import Synchronization

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
