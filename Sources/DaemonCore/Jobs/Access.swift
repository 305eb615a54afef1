import ControlTransport
import Glibc
import JobCore
import Synchronization

/// What a caller may see and do.
struct Access: Hashable, Sendable {
    let uid: UInt32
    let isAdmin: Bool
    /// Whether it sees the jobs of others.
    let seesAll: Bool

    func sees(_ job: Job) -> Bool {
        sees(ownerUID: job.owner.uid)
    }

    func sees(ownerUID: UInt32) -> Bool {
        seesAll || ownerUID == uid
    }

    /// To see a job is not to dispose of it: everybody may see all jobs, and still pays and cancels only their own.
    func mayChange(_ job: Job) -> Bool {
        isAdmin || job.owner.uid == uid
    }
}

/// Tells roles by uid and groups; names come from the system's user database and are remembered.
final class AccessRules: Sendable {
    private struct State {
        var adminUIDs: Set<UInt32>
        var adminGroups: Set<UInt32>
        var everybodySeesAll: Bool
        var names: [UInt32: String?] = [:]
    }

    private let state: Mutex<State>

    /// - Parameters:
    ///   - control: User names and `@group` names, and who sees what.
    ///   - ownUID: The daemon's own user.
    init(_ control: DaemonConfiguration.Control, ownUID: UInt32) {
        state = Mutex(Self.makeState(control, ownUID: ownUID))
    }

    func apply(_ control: DaemonConfiguration.Control, ownUID: UInt32) {
        let new = Self.makeState(control, ownUID: ownUID)
        state.withLock { $0 = new }
    }

    /// The names among the administrators that the system does not know; they may appear later.
    static func unknownNames(in control: DaemonConfiguration.Control) -> [String] {
        control.admins.filter { name in
            name.hasPrefix("@")
                ? getgrnam(String(name.dropFirst())) == nil : getpwnam(name) == nil && UInt32(name) == nil
        }
    }

    private static func makeState(_ control: DaemonConfiguration.Control, ownUID: UInt32) -> State {
        var uids: Set<UInt32> = [0, ownUID]
        var groups: Set<UInt32> = []
        for name in control.admins {
            if name.hasPrefix("@") {
                if let group = getgrnam(String(name.dropFirst())) {
                    groups.insert(group.pointee.gr_gid)
                }
            } else if let user = getpwnam(name) {
                uids.insert(user.pointee.pw_uid)
            } else if let uid = UInt32(name) {
                uids.insert(uid)
            }
        }
        return State(adminUIDs: uids, adminGroups: groups, everybodySeesAll: control.everybodySeesAll)
    }

    func access(of peer: ControlPeer) -> Access {
        state.withLock { state in
            let isAdmin =
                state.adminUIDs.contains(peer.uid) || state.adminGroups.contains { peer.isMember(of: $0) }
            return Access(uid: peer.uid, isAdmin: isAdmin, seesAll: isAdmin || state.everybodySeesAll)
        }
    }

    /// Whether the name of a user can be told without asking the system, which may ask the network.
    func knowsName(of uid: UInt32) -> Bool {
        state.withLock { $0.names[uid] != nil }
    }

    /// The user's name, if the system knows one.
    func name(of uid: UInt32) -> String? {
        if let known = state.withLock({ $0.names[uid] }) {
            return known
        }
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        var name: String?
        if getpwuid_r(uid, &entry, &buffer, buffer.count, &found) == 0, found != nil {
            name = String(cString: entry.pw_name)
        }
        state.withLock { $0.names[uid] = .some(name) }
        return name
    }
}
