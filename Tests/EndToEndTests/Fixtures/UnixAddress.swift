import Glibc

/// Sockets with a path.
enum UnixAddress {
    /// Makes a socket with that path; its number is out of the way of the descriptors that a program is given.
    static func bound(_ path: String, _ type: __socket_type) throws -> Int32 {
        let low = socket(AF_UNIX, Int32(type.rawValue), 0)
        let descriptor = fcntl(low, F_DUPFD_CLOEXEC, 32)
        close(low)
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path.utf8) }
        let status = withUnsafeBytes(of: &name) { buffer -> Int32 in
            guard let base = buffer.baseAddress else { return -1 }
            return bind(
                descriptor,
                base.assumingMemoryBound(to: sockaddr.self),
                socklen_t(MemoryLayout<sockaddr_un>.size)
            )
        }
        guard status == 0 else {
            close(descriptor)
            throw EndToEndError("bind \(path): errno \(errno)")
        }
        return descriptor
    }
}
