import ControlProtocol
import ControlTransport
import JSON
import Synchronization

/// A service whose calls can be held back and looked at.
final class TestService: ControlService {
    struct State {
        var isHolding = true
        var waiters: [Int: CheckedContinuation<Bool, Never>] = [:]
        var lastWaiter = 0
        var performing = 0
        var finished = 0
        var canceled = 0
        var performed: [ControlMethod] = []
        var answered: [String] = []
        var subscriptions: [ControlSubscription] = []
        var closed = 0
    }

    let state = Mutex(State())

    func answer(
        _ call: ControlCall,
        from peer: ControlPeer,
        into writer: inout JSONWriter
    ) throws(RPCError) -> Bool {
        switch call.method {
        case .daemonInfo:
            try call.noParameters()
            writer.object { writer in
                writer.member("uid", peer.uid)
                writer.member("pid", peer.pid)
            }
            return true
        case .jobsGet:
            let id = try call.id()
            state.withLock { $0.answered.append(id) }
            writer.object { $0.member("id", id) }
            return true
        case .jobsList:
            // As many bytes as the limit says thousands.
            let count = try call.parameters(ListParams.self).limit * 1000
            writer.string(String(repeating: "x", count: count))
            return true
        case .jobsRemove:
            // What was written before an error must not be seen.
            writer.string("garbage")
            throw RPCError(.jobNotFound, "no")
        case .jobsCheck:
            writer.string("garbage")
            return false
        default:
            return false
        }
    }

    func perform(
        _ call: ControlCall,
        for connection: ControlConnection
    ) async throws(RPCError) -> [UInt8] {
        state.withLock { state in
            state.performing += 1
            state.performed.append(call.method)
        }
        defer { state.withLock { $0.finished += 1 } }
        switch call.method {
        case .jobsCheck:
            let params = try call.parameters(SubmitParams.self)
            let count = params.request["prompt"]?.stringValue?.utf8.count ?? 0
            return Array(#"{"bytes":\#(count)}"#.utf8)
        case .jobsExtend:
            // Decodes nothing: what is measured with long lines is the way here.
            return Array(#"{"bytes":\#(call.parameterByteCount)}"#.utf8)
        case .jobsSubmit, .jobsWait:
            guard await pass() else {
                state.withLock { $0.canceled += 1 }
                throw RPCError(.internal, "canceled")
            }
            return Array(#"{"ok":true}"#.utf8)
        case .jobsCancel:
            throw RPCError(.jobState, "it is over")
        case .eventsSubscribe:
            let subscription = try connection.openSubscription(for: call)
            state.withLock { $0.subscriptions.append(subscription) }
            connection.onClose { [self] in state.withLock { $0.closed += 1 } }
            // Comes before the reply here, and must not on the wire.
            _ = subscription.send(Self.event(0))
            return Array(#"{"subscription":\#(subscription.number)}"#.utf8)
        case .eventsUnsubscribe:
            _ = connection.closeSubscription(try call.parameters(UnsubscribeParams.self).subscription)
            return Array("{}".utf8)
        default:
            throw RPCError(.internal, "not in this test")
        }
    }

    static func event(_ seq: Int, padding: Int = 0) -> EventLine {
        EventLine(seq: seq, kind: "job.state") { writer in
            if padding > 0 {
                writer.member("padding", String(repeating: "x", count: padding))
            }
        }
    }

    /// Waits until calls are let through.
    ///
    /// - Returns: False when the call was cancelled first.
    private func pass() async -> Bool {
        let number = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Bool? = state.withLock { state in
                    if !state.isHolding { return true }
                    if Task.isCancelled { return false }
                    state.waiters[number] = continuation
                    return nil
                }
                if let answer {
                    continuation.resume(returning: answer)
                }
            }
        } onCancel: {
            let waiter = state.withLock { $0.waiters.removeValue(forKey: number) }
            waiter?.resume(returning: false)
        }
    }

    /// Lets all calls through from now on.
    func letGo() {
        let waiters = state.withLock { state in
            defer { state.waiters = [:] }
            state.isHolding = false
            return state.waiters
        }
        for waiter in waiters.values {
            waiter.resume(returning: true)
        }
    }

    var performing: Int {
        state.withLock { $0.performing }
    }

    var canceled: Int {
        state.withLock { $0.canceled }
    }
}
