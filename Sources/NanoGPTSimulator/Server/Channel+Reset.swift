import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

extension Channel {
    /// The channel of the socket: this one, or the parent of an HTTP/2 stream.
    var connection: any Channel {
        self is any SocketOptionProvider ? self : parent ?? self
    }

    /// Closes the connection at once, with a TCP reset.
    func reset() async {
        let connection = connection
        do {
            if let socket = connection as? any SocketOptionProvider {
                try await socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
            }
            try await connection.close().get()
        } catch {
            // The client was faster: the connection is gone, which is all that is wanted.
        }
    }
}
