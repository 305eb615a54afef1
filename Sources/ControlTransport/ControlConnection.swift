public import ControlProtocol
internal import JSON
internal import NIOCore
internal import Synchronization

/// One connection, for what runs outside of its event loop.
public final class ControlConnection: Sendable {
    /// What became of a notification.
    public enum SendOutcome: Hashable, Sendable {
        /// It waits for its turn or is on its way.
        case accepted
        /// The reader is too slow: it was dropped, and nothing after it may be sent on that stream.
        case full
        /// The connection, or the stream, is closed.
        case closed
    }

    /// One line in two pieces, the second of which many connections share.
    private struct Line {
        var head: [UInt8] = []
        let tail: [UInt8]
        /// Whether it takes up room: a replayed event is kept by its sender anyway.
        var isCounted = true

        var count: Int {
            head.count + tail.count
        }

        var countedLines: Int {
            isCounted ? 1 : 0
        }

        var countedBytes: Int {
            isCounted ? count : 0
        }
    }

    /// A stream of notifications as the connection keeps it.
    private struct Stream {
        /// The call whose reply has to be written first.
        var opener: UInt64?
        /// What waits for that.
        var held: [Line] = []
        /// Whether the last of what waits ends the stream.
        var isLost = false
        let head: [UInt8]
    }

    private struct State {
        var isClosed = false
        var streams: [Int: Stream] = [:]
        var lastNumber = 0
        /// What waits for the event loop.
        var outbox: [Line] = []
        /// Lines and bytes that wait for the event loop or for the reply that opens their stream.
        var lines = 0
        var bytes = 0
        var isFlushScheduled = false
        var handler: NIOLoopBound<ControlConnectionHandler>?
        var onClose: [@Sendable () -> Void] = []

        mutating func append(_ line: Line) {
            outbox.append(line)
            lines += line.countedLines
            bytes += line.countedBytes
        }

        mutating func hold(_ line: Line, for number: Int) {
            streams[number]?.held.append(line)
            lines += line.countedLines
            bytes += line.countedBytes
        }

        mutating func drop(_ held: some Sequence<Line>) {
            lines -= held.reduce(0) { $0 + $1.countedLines }
            bytes -= held.reduce(0) { $0 + $1.countedBytes }
        }
    }

    /// Names the connection as long as the daemon runs.
    public let id: UInt64
    /// Who is at the other end.
    public let peer: ControlPeer
    let eventLoop: any EventLoop
    private let configuration: ControlServerConfiguration
    private let state = Mutex(State())

    init(
        id: UInt64,
        peer: ControlPeer,
        eventLoop: any EventLoop,
        configuration: ControlServerConfiguration,
        handler: NIOLoopBound<ControlConnectionHandler>
    ) {
        self.id = id
        self.peer = peer
        self.eventLoop = eventLoop
        self.configuration = configuration
        state.withLock { $0.handler = handler }
    }

    /// Calls a closure when the connection is closed, at once if it is.
    ///
    /// - Parameter body: Runs on the event loop, or here if the connection is closed.
    public func onClose(_ body: @escaping @Sendable () -> Void) {
        let isClosed = state.withLock { state in
            if !state.isClosed {
                state.onClose.append(body)
            }
            return state.isClosed
        }
        if isClosed {
            body()
        }
    }

    /// Queues a line that belongs to no subscription.
    ///
    /// - Parameter line: One line with its line feed.
    /// - Returns: What became of it.
    public func send(_ line: [UInt8]) -> SendOutcome {
        schedule { state in
            let line = Line(tail: line)
            guard hasRoom(for: line, in: state) else { return .full }
            state.append(line)
            return .accepted
        }
    }

    private func hasRoom(for line: Line, in state: State) -> Bool {
        state.lines < configuration.outboundLines
            && state.bytes + line.count <= configuration.outboundBytes
    }

    // MARK: Streams

    /// Opens a stream of events; nothing of it is written before the reply to the call that opened it.
    ///
    /// - Parameter call: The call that opens it.
    /// - Returns: The stream.
    /// - Throws: `RPCError` `limits.exceeded` when the connection has enough of them.
    public func openSubscription(for call: ControlCall) throws(RPCError) -> ControlSubscription {
        let number: Int? = state.withLock { state in
            guard state.streams.count < configuration.limits.subscriptions else { return nil }
            state.lastNumber += 1
            let name = WireWords.eventNotification
            let head =
                #"{"jsonrpc":"2.0","method":"\#(name)","params":{"subscription":\#(state.lastNumber),"#
            state.streams[state.lastNumber] = Stream(
                opener: call.serial == 0 ? nil : call.serial,
                head: Array(head.utf8)
            )
            return state.lastNumber
        }
        guard let number else {
            throw RPCError(
                .limitsExceeded,
                "a connection may have \(configuration.limits.subscriptions) subscriptions",
                hint: "end one with events.unsubscribe"
            )
        }
        return ControlSubscription(number: number, connection: self)
    }

    /// Ends a stream of events.
    ///
    /// - Parameter number: The stream's number.
    /// - Returns: Whether there was one.
    public func closeSubscription(_ number: Int) -> Bool {
        let existed = state.withLock { state in
            guard let stream = state.streams.removeValue(forKey: number) else { return false }
            state.drop(stream.held)
            return true
        }
        if existed {
            // A connection that is half closed may have waited for just this.
            withHandler { $0.streamsChanged() }
        }
        return existed
    }

    func isClosed(_ number: Int) -> Bool {
        state.withLock { $0.streams[number].map(\.isLost) ?? true }
    }

    var hasSubscriptions: Bool {
        state.withLock { !$0.streams.isEmpty }
    }

    /// Whether notifications wait for the event loop.
    var hasWaitingLines: Bool {
        state.withLock { !$0.outbox.isEmpty }
    }

    func send(_ event: EventLine, on number: Int) -> SendOutcome {
        schedule { state in
            guard let stream = state.streams[number], !stream.isLost else { return .closed }
            let line = Line(head: stream.head, tail: event.tail)
            guard hasRoom(for: line, in: state) else { return .full }
            if stream.opener == nil {
                state.append(line)
            } else {
                state.hold(line, for: number)
            }
            return .accepted
        }
    }

    func replay(_ events: [EventLine], on number: Int) -> SendOutcome {
        schedule { state in
            guard let stream = state.streams[number], !stream.isLost else { return .closed }
            for event in events {
                let line = Line(head: stream.head, tail: event.tail, isCounted: false)
                if stream.opener == nil {
                    state.append(line)
                } else {
                    state.hold(line, for: number)
                }
            }
            return .accepted
        }
    }

    /// Ends a stream with one last line, which always finds room: there are few streams.
    func lose(_ number: Int, reason: String, resume: (inout JSONWriter) -> Void) {
        let line = RPCReply.notification(WireWords.lostNotification) { writer in
            writer.object { writer in
                writer.member("subscription", number)
                writer.member("reason", reason)
                writer.name("resume")
                resume(&writer)
            }
        }
        _ = schedule { state in
            guard let stream = state.streams[number], !stream.isLost else { return .closed }
            if stream.opener == nil {
                state.streams[number] = nil
                state.append(Line(tail: line))
            } else {
                state.streams[number]?.isLost = true
                state.hold(Line(tail: line), for: number)
            }
            return .accepted
        }
    }

    /// The reply to a call is written: what its stream held back may follow.
    func release(openedBy serial: UInt64, succeeded: Bool) {
        _ = schedule { state in
            guard let (number, stream) = state.streams.first(where: { $0.value.opener == serial }) else {
                return .closed
            }
            if succeeded {
                state.outbox.append(contentsOf: stream.held)
                state.streams[number]?.opener = nil
                state.streams[number]?.held = []
            } else {
                state.drop(stream.held)
            }
            if stream.isLost || !succeeded {
                // Over, or the client never learned its number.
                state.streams[number] = nil
            }
            return .accepted
        }
    }

    // MARK: Event loop

    /// Changes the outbox and sees to it that the event loop empties it.
    private func schedule(_ body: (inout State) -> SendOutcome) -> SendOutcome {
        let (outcome, handler) = state.withLock { state in
            guard !state.isClosed else {
                return (SendOutcome.closed, NIOLoopBound<ControlConnectionHandler>?.none)
            }
            let outcome = body(&state)
            guard outcome == .accepted, !state.isFlushScheduled, !state.outbox.isEmpty else {
                return (outcome, nil)
            }
            state.isFlushScheduled = true
            return (outcome, state.handler)
        }
        if let handler {
            eventLoop.execute { handler.value.writeOutbox() }
        }
        return outcome
    }

    /// Moves waiting lines into a buffer, at most about that many bytes.
    ///
    /// - Parameters:
    ///   - buffer: Takes the lines.
    ///   - maximum: Where to stop.
    /// - Returns: Whether lines are left.
    func drainOutbox(into buffer: inout ByteBuffer, upTo maximum: Int) -> Bool {
        state.withLock { state in
            var taken = 0
            var bytes = 0
            while taken < state.outbox.count, bytes < maximum {
                let line = state.outbox[taken]
                buffer.writeBytes(line.head)
                buffer.writeBytes(line.tail)
                bytes += line.count
                taken += 1
            }
            state.drop(state.outbox[..<taken])
            if taken == state.outbox.count {
                state.outbox.removeAll(keepingCapacity: state.outbox.capacity <= 64)
            } else {
                state.outbox.removeFirst(taken)
            }
            state.isFlushScheduled = !state.outbox.isEmpty
            return state.isFlushScheduled
        }
    }

    /// Runs a closure with the handler on the event loop, unless the connection is closed.
    func withHandler(_ body: @escaping @Sendable (ControlConnectionHandler) -> Void) {
        guard let handler = state.withLock({ $0.handler }) else { return }
        eventLoop.execute { body(handler.value) }
    }

    func markClosed() {
        let hooks = state.withLock { state in
            let hooks = state.onClose
            state = State()
            state.isClosed = true
            return hooks
        }
        for hook in hooks {
            hook()
        }
    }
}
