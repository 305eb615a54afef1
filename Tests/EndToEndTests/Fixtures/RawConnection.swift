import Glibc
import JSON

/// A connection to the control socket that says exactly what it is told to, byte by byte.
final class RawConnection {
    let descriptor: Int32
    private var buffer: [UInt8] = []
    private var taken = 0

    init(_ path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path.utf8) }
        let status = withUnsafePointer(to: name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard status == 0 else {
            let number = errno
            close(descriptor)
            throw EndToEndError("connect \(path): errno \(number)")
        }
    }

    deinit {
        close(descriptor)
    }

    /// Sends everything, waiting as long as the daemon does not read.
    func send(_ text: String) throws {
        try send(Array(text.utf8))
    }

    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw EndToEndError("send: errno \(errno)") }
            sent += count
        }
    }

    /// Sends what the daemon takes right now.
    ///
    /// - Returns: How many bytes it took.
    func sendAtOnce(_ bytes: ArraySlice<UInt8>) -> Int {
        max(
            0,
            bytes.withUnsafeBytes {
                Glibc.send(
                    descriptor,
                    $0.baseAddress,
                    $0.count,
                    Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
                )
            }
        )
    }

    /// Says that nothing more will come.
    func halfClose() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// The next line; nil at the end.
    func line(within timeout: Duration = .seconds(30)) throws -> String? {
        let deadline = Deadline(after: timeout)
        var searched = taken
        while true {
            if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                defer {
                    taken = end + 1
                    if taken > 1 << 20 {
                        buffer.removeFirst(taken)
                        taken = 0
                    }
                }
                return String(decoding: buffer[taken..<end], as: UTF8.self)
            }
            searched = buffer.count
            guard deadline.firstReadable(of: [descriptor]) != nil else {
                throw EndToEndError("no line within \(timeout)")
            }
            guard try fill() else { return nil }
        }
    }

    /// The next line's value.
    func value(within timeout: Duration = .seconds(30)) throws -> JSONValue {
        guard let line = try line(within: timeout) else { throw EndToEndError("the daemon closed") }
        return try JSONParser.parse(line)
    }

    /// Sends a line and takes the next one.
    func ask(_ line: String, within timeout: Duration = .seconds(30)) throws -> JSONValue {
        try send(line + "\n")
        do {
            return try value(within: timeout)
        } catch {
            throw EndToEndError("\(line.prefix(300)): \(error)")
        }
    }

    /// Whether a line comes within a time.
    func hasLine(within timeout: Duration) throws -> Bool {
        if buffer[taken...].contains(UInt8(ascii: "\n")) { return true }
        let deadline = Deadline(after: timeout)
        while deadline.firstReadable(of: [descriptor]) != nil, try fill() {
            if buffer[taken...].contains(UInt8(ascii: "\n")) { return true }
        }
        return false
    }

    /// Everything until the end.
    func rest(within timeout: Duration = .seconds(30)) throws -> String {
        let deadline = Deadline(after: timeout)
        while true {
            guard deadline.firstReadable(of: [descriptor]) != nil else {
                throw EndToEndError("no end within \(timeout)")
            }
            guard try fill() else { break }
        }
        defer { taken = buffer.count }
        return String(decoding: buffer[taken...], as: UTF8.self)
    }

    private func fill() throws -> Bool {
        var chunk = [UInt8](repeating: 0, count: 256 << 10)
        let count = recv(descriptor, &chunk, chunk.count, 0)
        // A daemon that closes with unread input resets the connection: for a reader that is the end.
        guard count >= 0 || errno == ECONNRESET else { throw EndToEndError("recv: errno \(errno)") }
        buffer += chunk[..<max(0, count)]
        return count > 0
    }
}

/// A request line without its end.
func requestLine(_ method: String, id: Int? = 1, _ params: String = "{}") -> String {
    let id = id.map { #","id":\#($0)"# } ?? ""
    return #"{"jsonrpc":"2.0"\#(id),"method":"\#(method)","params":\#(params)}"#
}
