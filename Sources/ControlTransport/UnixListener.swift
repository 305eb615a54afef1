import Glibc

/// A bound Unix stream socket and, if it is ours, its file.
struct UnixListener: Sendable {
    /// The socket.
    let descriptor: Int32
    private let file: File?

    /// The file of a socket that we made.
    private struct File: Sendable {
        let path: String
        let device: dev_t
        let inode: ino_t
    }

    /// Takes a socket that somebody passed.
    init(passed descriptor: Int32) {
        self.descriptor = descriptor
        file = nil
    }

    /// Makes a socket; one that a dead daemon left is replaced, a living daemon's is not.
    ///
    /// - Parameters:
    ///   - path: Where.
    ///   - mode: Its permission bits.
    /// - Throws: `ControlTransportError` naming the path.
    init(path: String, mode: UInt32) throws(ControlTransportError) {
        let address = try SocketAddressBytes(path: path)
        let directory =
            path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        try Self.makeDirectory(directory, mode: mode)
        // Two daemons that start at once must not both find the other's socket stale.
        let lock = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard lock >= 0 else { throw Self.error("cannot open the directory of control socket", path) }
        defer { close(lock) }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            throw ControlTransportError(
                .occupied,
                "another daemon is starting on control socket \(path)"
            )
        }
        try Self.removeStale(path, address)
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC | O_NONBLOCK, 0)
        guard descriptor >= 0 else { throw Self.error("cannot make control socket", path) }
        do throws(ControlTransportError) {
            // Nobody can connect before the mode is right: the file is born private and does not listen yet.
            // On Linux it gets the socket's own mode; umask would change that of every other thread's files.
            guard fchmod(descriptor, 0o600) == 0 else {
                throw Self.error("cannot set the mode of control socket", path)
            }
            guard address.withPointer({ bind(descriptor, $0, $1) }) == 0 else {
                throw Self.error("cannot bind control socket", path)
            }
            guard chmod(path, mode) == 0 else {
                throw Self.error("cannot set the mode of control socket", path)
            }
            var status = stat()
            guard lstat(path, &status) == 0 else { throw Self.error("cannot find control socket", path) }
            guard listen(descriptor, 1024) == 0 else {
                throw Self.error("cannot listen on control socket", path)
            }
            self.descriptor = descriptor
            file = File(path: path, device: status.st_dev, inode: status.st_ino)
        } catch {
            close(descriptor)
            throw error
        }
    }

    /// Removes the socket's file, if it is still the one that we made.
    func removeFile() {
        guard let file else { return }
        var status = stat()
        guard lstat(file.path, &status) == 0, status.st_dev == file.device, status.st_ino == file.inode else {
            return
        }
        unlink(file.path)
    }

    // MARK: Steps

    private static func error(_ what: String, _ path: String) -> ControlTransportError {
        ControlTransportError(.unusable, "\(what) \(path): \(errnoText(errno))")
    }

    private static func makeDirectory(_ path: String, mode: UInt32) throws(ControlTransportError) {
        // Whoever may use the socket has to get through its directory.
        let group: UInt32 = mode & 0o070 == 0 ? 0 : 0o050
        let others: UInt32 = mode & 0o007 == 0 ? 0 : 0o005
        guard mkdir(path, 0o700 | group | others) == 0 || errno == EEXIST else {
            throw error("cannot make the directory", path)
        }
    }

    private static func removeStale(
        _ path: String,
        _ address: SocketAddressBytes
    ) throws(ControlTransportError) {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            guard errno == ENOENT else { throw error("cannot look at control socket", path) }
            return
        }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw ControlTransportError(
                .notASocket,
                "\(path) is not a socket; move it away or set control.socket"
            )
        }
        let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC | O_NONBLOCK, 0)
        guard probe >= 0 else { throw error("cannot probe control socket", path) }
        defer { close(probe) }
        let connected = address.withPointer { connect(probe, $0, $1) }
        // A full backlog answers EAGAIN: somebody listens.
        guard connected != 0, errno != EAGAIN else {
            throw ControlTransportError(
                .occupied,
                "another daemon answers on control socket \(path); stop it or set control.socket"
            )
        }
        guard errno == ECONNREFUSED || errno == ENOENT else {
            throw error("cannot probe control socket", path)
        }
        guard unlink(path) == 0 || errno == ENOENT else {
            throw error("cannot remove the stale control socket", path)
        }
    }
}

/// A Unix socket's address.
struct SocketAddressBytes {
    private var address = sockaddr_un()

    /// Takes a path.
    ///
    /// - Throws: `ControlTransportError` when it does not fit.
    init(path: String) throws(ControlTransportError) {
        let bytes = Array(path.utf8)
        let room = MemoryLayout.size(ofValue: address.sun_path) - 1
        guard !bytes.isEmpty, bytes.count <= room, !bytes.contains(0) else {
            throw ControlTransportError(
                .pathTooLong,
                "control socket \(path) has \(bytes.count) bytes; a socket's path has 1 to \(room)"
            )
        }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    }

    func withPointer(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
