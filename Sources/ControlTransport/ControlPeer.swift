internal import CLinux
import Glibc

/// Who is at the other end of a connection, as the kernel noted it at connect.
public struct ControlPeer: Hashable, Sendable {
    /// The user.
    public var uid: UInt32
    /// The primary group.
    public var gid: UInt32
    /// The process; 0 when it is not visible from here.
    public var pid: Int32
    /// The supplementary groups.
    public var groups: [UInt32]

    /// Describes a peer.
    ///
    /// - Parameters:
    ///   - uid: The user.
    ///   - gid: The primary group.
    ///   - pid: The process.
    ///   - groups: The supplementary groups.
    public init(uid: UInt32, gid: UInt32, pid: Int32, groups: [UInt32]) {
        self.uid = uid
        self.gid = gid
        self.pid = pid
        self.groups = groups
    }

    /// The user that stands for "nobody of this namespace": it can be anybody, so it is nobody.
    static let overflowUID: UInt32 = 65534

    /// Whether the user or one of its groups is in a group.
    ///
    /// - Parameter group: The group.
    /// - Returns: Whether it is a member.
    public func isMember(of group: UInt32) -> Bool {
        gid == group || groups.contains(group)
    }

    /// Asks the kernel who connected a socket.
    ///
    /// - Parameter socket: A connected Unix socket.
    /// - Returns: The peer.
    /// - Throws: `ControlTransportError` when the kernel does not tell.
    public static func of(_ socket: Int32) throws(ControlTransportError) -> ControlPeer {
        var credentials = clinux_peer_credentials()
        guard clinux_peer_credentials(socket, &credentials) == 0 else {
            throw ControlTransportError(
                .unknownPeer,
                "the kernel does not tell who connected: \(errnoText(errno))"
            )
        }
        var groups = [gid_t](repeating: 0, count: 32)
        while true {
            var count = groups.count
            if clinux_peer_groups(socket, &groups, &count) == 0 {
                groups.removeLast(groups.count - count)
                break
            }
            // A membership that is left out could only take rights away; still, a refusal is plainer.
            guard errno == ERANGE, count > groups.count else {
                throw ControlTransportError(
                    .unknownPeer,
                    "the kernel does not tell the groups of the peer: \(errnoText(errno))"
                )
            }
            groups = [gid_t](repeating: 0, count: count)
        }
        return ControlPeer(
            uid: credentials.uid,
            gid: credentials.gid,
            pid: credentials.pid,
            groups: groups
        )
    }
}

/// What the system calls an error number.
///
/// - Parameter number: The number.
/// - Returns: Its words.
func errnoText(_ number: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 128)
    guard strerror_r(number, &buffer, buffer.count) == 0 else { return "error \(number)" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
