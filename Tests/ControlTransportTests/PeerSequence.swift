import ControlTransport
import Synchronization

/// Peers that come one after the other.
final class PeerSequence: Sendable {
    private let uids: Mutex<[UInt32]>

    init(uids: [UInt32]) {
        self.uids = Mutex(uids)
    }

    func next() -> ControlPeer {
        let uid = uids.withLock { $0.isEmpty ? 0 : $0.removeFirst() }
        return ControlPeer(uid: uid, gid: uid, pid: 1, groups: [])
    }
}
