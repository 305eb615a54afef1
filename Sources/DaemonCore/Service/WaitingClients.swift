import ControlProtocol
import Glibc
import JSON
import Systemd

/// Clients that wait at the socket which the service manager handed over.
///
/// When the daemon ends at its start with a fault that another start does not mend, they are told so. Otherwise
/// they would wait for ever, and the service manager would start the daemon for them again and again.
enum WaitingClients {
    /// Answers everybody who waits with one error and closes the connection.
    ///
    /// - Parameter message: What is wrong.
    static func refuse(because message: String) {
        let line = refusal(message)
        // What is wrong with the socket itself is not what this start has failed of.
        guard let sockets = try? ListenSocket.passed() else { return }
        for socket in sockets {
            let descriptor = socket.fileDescriptor
            // The service manager's own descriptor shares this flag and listens with it already.
            _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
            while true {
                let client = accept(descriptor, nil, nil)
                guard client >= 0 else { break }
                // A line this short fits into the buffer of a new connection.
                _ = send(client, line, line.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
                close(client)
            }
        }
    }

    private static func refusal(_ message: String) -> [UInt8] {
        var writer = JSONWriter(capacity: 512)
        writer.object { writer in
            writer.member("jsonrpc", "2.0")
            writer.name("id")
            writer.null()
            writer.name("error")
            RPCError(
                .configInvalid,
                "the daemon does not start: \(message)",
                hint: "mend the configuration, then start videogend.service; see journalctl -u videogend"
            )
            .write(to: &writer)
        }
        return writer.bytes + [0x0A]
    }
}
