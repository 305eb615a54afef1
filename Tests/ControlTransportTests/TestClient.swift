import Glibc
import NIOPosix

/// A blocking client on a real Unix socket; used on a thread of its own, never on Swift's.
final class TestClient {
    struct Failure: Error {
        let what: String
        let number: Int32
    }

    let socket: Int32
    private var buffer: [UInt8] = []

    init(_ path: String) throws {
        socket = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else { throw Failure(what: "connect", number: errno) }
        // A test that waits for what never comes shall fail, not hang.
        var limit = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit {
        close(socket)
    }

    func send(_ text: String) throws {
        try send(Array(text.utf8))
    }

    func send(_ bytes: some Collection<UInt8>) throws {
        let bytes = Array(bytes)
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(
                    socket,
                    $0.baseAddress?.advanced(by: sent),
                    $0.count - sent,
                    Int32(MSG_NOSIGNAL)
                )
            }
            guard count > 0 else { throw Failure(what: "send", number: errno) }
            sent += count
        }
    }

    func halfClose() {
        shutdown(socket, Int32(SHUT_WR))
    }

    /// Reads once.
    ///
    /// - Returns: Whether anything came; false at the end.
    private func fill(_ flags: Int32 = 0) throws -> Bool {
        var chunk = [UInt8](repeating: 0, count: 256 << 10)
        let count = recv(socket, &chunk, chunk.count, flags)
        guard count >= 0 else { throw Failure(what: "recv", number: errno) }
        buffer += chunk[..<count]
        return count > 0
    }

    /// Reads one line; nil at the end.
    func line() throws -> String? {
        var from = 0
        while true {
            if let end = buffer[from...].firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: buffer[..<end], as: UTF8.self)
                buffer.removeFirst(end + 1)
                return line
            }
            from = buffer.count
            guard try fill() else { return nil }
        }
    }

    /// Sends a line and reads one.
    func ask(_ text: String) throws -> String? {
        try send(text + "\n")
        return try line()
    }

    /// Everything until the end.
    func rest() throws -> String {
        while try fill() {}
        defer { buffer = [] }
        return String(decoding: buffer, as: UTF8.self)
    }

    /// Whether something can be read right now.
    func hasAnswer() throws -> Bool {
        if buffer.contains(UInt8(ascii: "\n")) { return true }
        do {
            return try fill(Int32(MSG_DONTWAIT))
        } catch let failure as Failure where failure.number == EAGAIN {
            return false
        }
    }
}

/// Threads for blocking clients: those of Swift have to stay free for the server.
let clientThreads: NIOThreadPool = {
    let pool = NIOThreadPool(numberOfThreads: 128)
    pool.start()
    return pool
}()

/// Runs a blocking closure on a thread of its own.
func onThread<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
    try await clientThreads.runIfActive(body)
}

/// Looks at something until it is so, without a sleep; gives up after a minute.
func until(_ condition: () throws -> Bool) rethrows -> Bool {
    var start = timespec()
    clock_gettime(CLOCK_MONOTONIC, &start)
    while try !condition() {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        if now.tv_sec - start.tv_sec > 60 { return false }
        // Gives the core away for a moment: there are more tests than cores.
        poll(nil, 0, 1)
    }
    return true
}
