internal import ControlProtocol
internal import NIOCore
internal import Synchronization

/// Shares the memory for long lines out over all connections, so that some line can always be finished.
///
/// Lines up to `shortLine` are always read on. A longer one is read on only if afterwards the line that is
/// furthest could still grow to its full length: then that one finishes, gives its memory back, and the next
/// one can. Without that rule twenty lines of 6 MiB could each get half of theirs and wait for ever. A line
/// that keeps others waiting for longer than the patience allows is given up. The parameters of calls that
/// are being carried out count too, since they are in memory.
final class LineBudget: Sendable {
    private struct Holder {
        var bytes: Int
        var since: NIODeadline
        var isWaiting = false
        let connection: ControlConnection
    }

    private struct State {
        /// Unfinished lines of every length.
        var unfinished = 0
        /// Parameters of calls that are being carried out.
        var performing = 0
        var holders: [UInt64: Holder] = [:]
    }

    private let state = Mutex(State())
    private let limits: ProtocolLimits
    /// What may be read before the next look.
    private let step = 64 << 10

    init(limits: ProtocolLimits) {
        self.limits = limits
    }

    /// Notes that a connection's unfinished line has a new length.
    ///
    /// - Parameters:
    ///   - connection: The connection.
    ///   - old: The length noted before.
    ///   - new: The length now.
    /// - Returns: Whether it may be read on; if not, the connection is told when it may.
    func update(_ connection: ControlConnection, from old: Int, to new: Int) -> Bool {
        let (mayGoOn, woken) = state.withLock { state in
            state.unfinished += new - old
            if new > limits.shortLine {
                let since = state.holders[connection.id]?.since ?? .now()
                var holder = Holder(bytes: new, since: since, connection: connection)
                state.holders[connection.id] = holder
                holder.isWaiting = !isAllowed(holder, in: state)
                state.holders[connection.id] = holder
            } else {
                state.holders[connection.id] = nil
            }
            let woken = new < old ? wake(&state) : []
            return (state.holders[connection.id]?.isWaiting != true, woken)
        }
        for connection in woken {
            connection.withHandler { $0.lineMayGoOn() }
        }
        return mayGoOn
    }

    /// Notes that the parameters of a call are kept, or, with a negative number, are not any more.
    ///
    /// - Parameter bytes: How many.
    func addPerforming(_ bytes: Int) {
        let woken = state.withLock { state in
            state.performing += bytes
            return bytes < 0 ? wake(&state) : []
        }
        for connection in woken {
            connection.withHandler { $0.lineMayGoOn() }
        }
    }

    /// Gives up lines that have kept others waiting for too long.
    ///
    /// - Parameter patience: How long they may.
    func giveUpStalled(patience: TimeAmount) {
        let now = NIODeadline.now()
        let stalled: [ControlConnection] = state.withLock { state in
            guard state.holders.values.contains(where: \.isWaiting) else { return [] }
            return state.holders.values.filter { !$0.isWaiting && $0.since + patience <= now }
                .map(\.connection)
        }
        for connection in stalled {
            connection.withHandler { $0.giveUpLine() }
        }
    }

    /// How many bytes are noted.
    var total: Int {
        state.withLock { $0.unfinished + $0.performing }
    }

    /// Of lines that are equally far the oldest connection's comes first: who is furthest has to be one and the
    /// same to all that ask, or nobody is woken.
    private static func isFurther(_ left: Holder, _ right: Holder) -> Bool {
        (left.bytes, right.connection.id) > (right.bytes, left.connection.id)
    }

    private func isAllowed(_ holder: Holder, in state: State, ahead: Int = 0) -> Bool {
        let furthest = state.holders.values.min(by: Self.isFurther)
        let total = state.unfinished + state.performing + step + ahead
        if furthest?.connection.id == holder.connection.id {
            // What is being carried out ends by itself; if nothing is, waiting would be for ever.
            return total <= limits.unfinishedLines || state.performing == 0
        }
        let reserve = limits.lineIn - (furthest?.bytes ?? 0)
        return total + max(0, reserve) <= limits.unfinishedLines
    }

    /// Lets those go on that may now, the furthest first.
    private func wake(_ state: inout State) -> [ControlConnection] {
        let waiting = state.holders.values.filter(\.isWaiting).sorted(by: Self.isFurther)
        var woken: [ControlConnection] = []
        for var holder in waiting {
            guard isAllowed(holder, in: state, ahead: woken.count * step) else { break }
            holder.isWaiting = false
            holder.since = .now()
            state.holders[holder.connection.id] = holder
            woken.append(holder.connection)
        }
        return woken
    }
}
