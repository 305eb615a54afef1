import CSystemd
import Glibc

/// A listening socket that the service manager made and handed over (`sd_listen_fds(3)`).
public struct ListenSocket: Hashable, Sendable {
    /// The descriptor, with close-on-exec set; whoever takes the socket closes it.
    public let fileDescriptor: Int32
    /// `FileDescriptorName=` of the socket unit, else the unit's own name; `unknown` outside of systemd.
    public let name: String
    /// The path that the socket is bound to, `@…` for an abstract one, nil for none.
    public let path: String?

    /// Takes the sockets that were handed to this process, once: the variables that announce them are removed.
    ///
    /// Call it before other threads run, since it changes the environment.
    ///
    /// - Returns: The sockets in the order of the unit, none when the process was started otherwise.
    /// - Throws: ``SystemdError`` naming the first one that is not a listening Unix stream socket.
    public static func passed() throws(SystemdError) -> [ListenSocket] {
        var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
        let count = sd_listen_fds_with_names(1, &names)
        defer {
            if let names {
                for index in 0..<max(0, Int(count)) {
                    free(names[index])
                }
                free(names)
            }
        }
        guard count >= 0 else {
            throw SystemdError(
                .listenUnavailable,
                "cannot take the sockets that the service manager passed: \(errnoText(-count))"
            )
        }
        var sockets: [ListenSocket] = []
        for index in 0..<Int(count) {
            let name = names?[index].map { String(cString: $0) } ?? "unknown"
            // SD_LISTEN_FDS_START is 3.
            sockets.append(try ListenSocket(checking: 3 + Int32(index), name: name))
        }
        return sockets
    }

    /// Picks the socket to serve.
    ///
    /// - Parameters:
    ///   - sockets: What ``passed()`` returned.
    ///   - name: The wanted `FileDescriptorName=`.
    /// - Returns: The one of that name, else the only one, else nil when there is none at all.
    /// - Throws: ``SystemdError`` naming the candidates when that does not decide it.
    public static func chosen(
        from sockets: [ListenSocket],
        name: String = "control"
    ) throws(SystemdError) -> ListenSocket? {
        let named = sockets.filter { $0.name == name }
        let candidates = named.isEmpty ? sockets : named
        guard candidates.count <= 1 else {
            let list = candidates.map { "\($0.name) (\($0.path ?? "no path"))" }.joined(separator: ", ")
            throw SystemdError(
                .ambiguousSocket,
                "the service manager passed \(candidates.count) sockets: \(list); exactly one may be "
                    + "served, named by FileDescriptorName=\(name)"
            )
        }
        return candidates.first
    }
}

extension ListenSocket {
    /// Checks one descriptor.
    ///
    /// - Parameters:
    ///   - fileDescriptor: The descriptor.
    ///   - name: Its name.
    /// - Throws: ``SystemdError`` saying what the descriptor is instead.
    init(checking fileDescriptor: Int32, name: String) throws(SystemdError) {
        // No path is given: the socket unit decides it.
        guard sd_is_socket_unix(fileDescriptor, streamType, 1, nil, 0) > 0 else {
            throw SystemdError(
                .wrongSocket,
                "descriptor \(fileDescriptor) (\(name)) from the service manager is "
                    + "\(Self.kind(of: fileDescriptor)), not a listening Unix stream socket; "
                    + "the socket unit needs ListenStream= with a path and no Accept=yes"
            )
        }
        self.fileDescriptor = fileDescriptor
        self.name = name
        path = Self.boundPath(of: fileDescriptor)
    }

    private static func kind(of fileDescriptor: Int32) -> String {
        guard fcntl(fileDescriptor, F_GETFD) >= 0 else {
            return "closed"
        }
        guard let family = option(SO_DOMAIN, of: fileDescriptor) else {
            return "no socket"
        }
        let type = option(SO_TYPE, of: fileDescriptor)
        guard family == AF_UNIX else {
            return "a socket of address family \(family)"
        }
        guard type == streamType else {
            return "a Unix socket of type \(type ?? -1)"
        }
        return "a Unix stream socket that does not listen"
    }

    private static func option(_ name: Int32, of fileDescriptor: Int32) -> Int32? {
        var value: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(fileDescriptor, SOL_SOCKET, name, &value, &length) == 0 ? value : nil
    }

    private static func boundPath(of fileDescriptor: Int32) -> String? {
        var address = sockaddr_un()
        var length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let bytes = withUnsafeMutableBytes(of: &address) { buffer -> [UInt8]? in
            guard
                let base = buffer.baseAddress,
                getsockname(fileDescriptor, base.assumingMemoryBound(to: sockaddr.self), &length) == 0
            else {
                return nil
            }
            return Array(buffer.prefix(Int(length)).dropFirst(MemoryLayout<sa_family_t>.size))
        }
        guard let bytes, let first = bytes.first else {
            return nil
        }
        if first == 0 {
            return "@" + String(decoding: bytes.dropFirst(), as: UTF8.self)
        }
        return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
}

/// `SOCK_STREAM` as the number that libsystemd takes; Glibc imports it as an enumeration.
private let streamType = Int32(SOCK_STREAM.rawValue)
