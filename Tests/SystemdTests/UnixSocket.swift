import Glibc
import Testing

/// A Unix socket with an address of its own; it and its file go when the closure is over.
struct UnixSocket {
    let fileDescriptor: Int32
    let address: String

    /// Makes and binds a socket for the time of a closure.
    ///
    /// - Parameters:
    ///   - type: `SOCK_DGRAM` or `SOCK_STREAM`.
    ///   - abstract: Whether the address is an abstract one.
    ///   - body: What to do with it.
    /// - Throws: What the closure throws, or a failed requirement.
    static func with(
        _ type: __socket_type,
        abstract: Bool = false,
        _ body: (UnixSocket) throws -> Void
    ) throws {
        try withTemporaryDirectory { directory in
            let address = abstract ? "@\(directory)/socket" : "\(directory)/socket"
            let socket = socket(AF_UNIX, Int32(type.rawValue), 0)
            try #require(socket >= 0)
            defer { close(socket) }
            try #require(bind(socket, to: address) == 0)
            try body(UnixSocket(fileDescriptor: socket, address: address))
        }
    }

    /// Reads one datagram.
    ///
    /// - Returns: Its text, nil when none is waiting.
    func datagram() -> String? {
        var buffer = [UInt8](repeating: 0, count: 8192)
        let count = recv(fileDescriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
    }

    private static func bind(_ socket: Int32, to address: String) -> Int32 {
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(address.utf8)
        if bytes.first == UInt8(ascii: "@") {
            bytes[0] = 0
        }
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: bytes) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
        return withUnsafeBytes(of: &name) { buffer in
            guard let base = buffer.baseAddress else {
                return -1
            }
            return Glibc.bind(socket, base.assumingMemoryBound(to: sockaddr.self), length)
        }
    }
}

/// Makes a directory for the time of a closure; files directly in it are removed with it.
///
/// - Parameter body: What to do in it.
/// - Throws: What the closure throws, or a failed requirement.
func withTemporaryDirectory(_ body: (String) throws -> Void) throws {
    var template = Array("/tmp/videogend-XXXXXX".utf8CString)
    let directory = String(cString: try #require(mkdtemp(&template)))
    defer {
        if let stream = opendir(directory) {
            while let entry = readdir(stream) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                    pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if name != ".", name != ".." {
                    remove("\(directory)/\(name)")
                }
            }
            closedir(stream)
        }
        rmdir(directory)
    }
    try body(directory)
}
