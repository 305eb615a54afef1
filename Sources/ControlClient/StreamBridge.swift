internal import Glibc

/// Passes bytes between two descriptors and a daemon's socket until one side is over.
public enum StreamBridge {
    private static let chunkBytes = 65536

    /// Connects to a daemon, says so with an empty line, and passes everything on in both directions.
    ///
    /// - Parameters:
    ///   - path: The daemon's socket.
    ///   - input: What is read from here goes to the daemon; its end is passed on too.
    ///   - output: What the daemon says is written here.
    /// - Throws: `ControlClientError` that says why nobody answers there.
    public static func run(path: String, input: Int32, output: Int32) throws(ControlClientError) {
        let socket = try StreamSocket(connectingTo: path, interruption: nil)
        // Where nobody reads any more, writing fails instead of ending the process.
        signal(SIGPIPE, SIG_IGN)
        guard write([0x0A], to: output) else { return }
        var waiting: ArraySlice<UInt8> = []
        var inputIsOpen = true
        var outputIsOpen = true
        var isShut = false
        while true {
            // Nothing more is read while the daemon does not take what was read.
            let reads = inputIsOpen && waiting.isEmpty
            var descriptors = [
                pollfd(
                    fd: socket.descriptor,
                    events: Int16(POLLIN | (waiting.isEmpty ? 0 : POLLOUT)),
                    revents: 0
                ),
                pollfd(fd: reads ? input : -1, events: Int16(POLLIN), revents: 0),
                // Without events of its own it tells when nobody reads any more: a subscription that nobody
                // hears would keep the connection open for ever.
                pollfd(fd: outputIsOpen ? output : -1, events: 0, revents: 0),
            ]
            guard poll(&descriptors, nfds_t(descriptors.count), -1) >= 0 else {
                if errno == EINTR { continue }
                return
            }
            outputIsOpen = outputIsOpen && descriptors[2].revents == 0
            if descriptors[0].revents & Int16(POLLIN | POLLHUP | POLLERR) != 0 {
                switch read(from: socket.descriptor) {
                case .later: break
                case .over: return
                case .bytes(let bytes):
                    guard write(bytes, to: output) else { return }
                }
            }
            if !waiting.isEmpty {
                let count = waiting.withUnsafeBytes { all in
                    send(socket.descriptor, all.baseAddress, all.count, Int32(MSG_NOSIGNAL))
                }
                guard count >= 0 || errno == EAGAIN || errno == EINTR else { return }
                waiting = waiting.dropFirst(max(0, count))
            } else if descriptors[1].revents != 0 {
                switch read(from: input) {
                case .later: break
                case .bytes(let bytes): waiting = bytes
                case .over: inputIsOpen = false
                }
            }
            if !inputIsOpen, waiting.isEmpty, !isShut {
                shutdown(socket.descriptor, Int32(SHUT_WR))
                isShut = true
            }
            if isShut, !outputIsOpen {
                return
            }
        }
    }

    private enum Piece {
        case bytes(ArraySlice<UInt8>)
        case later
        case over
    }

    private static func read(from descriptor: Int32) -> Piece {
        var bytes = [UInt8](repeating: 0, count: chunkBytes)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        if count > 0 {
            return .bytes(bytes[..<count])
        }
        return count < 0 && (errno == EAGAIN || errno == EINTR) ? .later : .over
    }

    private static func write(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if count < 0, errno == EAGAIN {
                var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&ready, 1, -1)
            } else if count < 0, errno != EINTR {
                return false
            }
        }
        return true
    }
}
