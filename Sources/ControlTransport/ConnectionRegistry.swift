internal import ControlProtocol
internal import Synchronization

/// Who is connected.
final class ConnectionRegistry: Sendable {
    private struct State {
        /// How many there may be, and how many of one user.
        var limits: (all: Int, perUID: Int)
        var connections: [UInt64: ControlConnection] = [:]
        var perUID: [UInt32: Int] = [:]
        var lastID: UInt64 = 0
        var farewells = 0
        var isClosed = false
        var onEmpty: (@Sendable () -> Void)?
    }

    private let state: Mutex<State>

    init(configuration: ControlServerConfiguration) {
        state = Mutex(State(limits: (configuration.connections, configuration.connectionsPerUID)))
    }

    /// Takes other limits for those who come from now on.
    func apply(connections: Int, perUID: Int) {
        state.withLock { $0.limits = (connections, perUID) }
    }

    /// Names a new connection.
    func makeID() -> UInt64 {
        state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
    }

    /// Lets a connection in.
    ///
    /// - Parameter connection: The connection.
    /// - Throws: `RPCError`, what to tell it instead.
    func admit(_ connection: ControlConnection) throws(RPCError) {
        let peer = connection.peer
        guard peer.uid != ControlPeer.overflowUID else {
            throw RPCError(
                .accessDenied,
                "uid \(peer.uid) stands for users that are not known here",
                hint: "connect from a process in the daemon's user namespace"
            )
        }
        let refusal: RPCError? = state.withLock { state in
            guard !state.isClosed else {
                return RPCError(.daemonDraining, "the daemon is stopping", retryable: true)
            }
            guard state.connections.count < state.limits.all else {
                return RPCError(
                    .limitsExceeded,
                    "there are \(state.limits.all) connections already",
                    retryable: true,
                    hint: "keep one connection open instead of many"
                )
            }
            guard state.perUID[peer.uid, default: 0] < state.limits.perUID else {
                return RPCError(
                    .limitsExceeded,
                    "uid \(peer.uid) has \(state.limits.perUID) connections already",
                    retryable: true,
                    hint: "keep one connection open instead of many"
                )
            }
            state.connections[connection.id] = connection
            state.perUID[peer.uid, default: 0] += 1
            return nil
        }
        if let refusal {
            throw refusal
        }
    }

    func remove(_ connection: ControlConnection) {
        let onEmpty: (@Sendable () -> Void)? = state.withLock { state in
            guard state.connections.removeValue(forKey: connection.id) != nil else { return nil }
            let left = state.perUID[connection.peer.uid, default: 0] - 1
            state.perUID[connection.peer.uid] = left > 0 ? left : nil
            return state.connections.isEmpty ? state.onEmpty : nil
        }
        onEmpty?()
    }

    /// Whether one more refused connection may be kept until its peer has seen why.
    func beginFarewell() -> Bool {
        state.withLock { state in
            guard state.farewells < 64 else { return false }
            state.farewells += 1
            return true
        }
    }

    func endFarewell() {
        state.withLock { $0.farewells -= 1 }
    }

    var count: Int {
        state.withLock { $0.connections.count }
    }

    var all: [ControlConnection] {
        state.withLock { Array($0.connections.values) }
    }

    /// Lets nobody in any more.
    ///
    /// - Parameter onEmpty: Runs when the last connection is gone, at once if there is none.
    func close(onEmpty: @escaping @Sendable () -> Void) {
        let isEmpty = state.withLock { state in
            state.isClosed = true
            state.onEmpty = onEmpty
            return state.connections.isEmpty
        }
        if isEmpty {
            onEmpty()
        }
    }
}
