import Glibc

/// Plain HTTP to this machine over a bare socket.
enum LoopbackHTTP {
    /// Sends a request and reads until the server closes the connection.
    static func exchange(_ port: UInt16, _ request: String) throws -> String {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let status = withUnsafeBytes(of: &address) { buffer -> Int32 in
            guard let base = buffer.baseAddress else { return -1 }
            return connect(
                descriptor,
                base.assumingMemoryBound(to: sockaddr.self),
                socklen_t(MemoryLayout<sockaddr_in>.size)
            )
        }
        guard status == 0 else { throw EndToEndError("connect to port \(port): errno \(errno)") }
        var rest = Array(request.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw EndToEndError("send to port \(port): errno \(errno)") }
            rest = rest.dropFirst(count)
        }
        let deadline = Deadline(after: .seconds(10))
        var answer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            guard deadline.firstReadable(of: [descriptor]) != nil else {
                throw EndToEndError("port \(port) does not end its answer")
            }
            let count = recv(descriptor, &chunk, chunk.count, 0)
            guard count > 0 else { return String(decoding: answer, as: UTF8.self) }
            answer += chunk[..<count]
        }
    }
}
