internal import ControlProtocol
internal import JSON
internal import Logging
internal import NIOCore

/// One connection on its event loop: frames lines, answers calls, keeps the limits.
///
/// Everything that can be answered from memory is answered right here, in one turn per burst of input, with
/// one write at its end. Other calls become work for the server's task group and come back to `finish`.
final class ControlConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// How the connection stands.
    enum Phase {
        /// Before the peer is known.
        case new
        /// Lines are read and answered.
        case open
        /// No further line is worked off; the connection closes when what is in flight is answered.
        case closing
        /// An error was the last word; input is read and thrown away for a little while.
        case farewell
        case closed
    }

    /// A call that is being carried out.
    struct Pending {
        /// The id's JSON text; nil for a notification.
        let id: ByteBuffer?
        let batch: BatchReply?
        let isWait: Bool
        let hangUp: AsyncStream<Never>.Continuation?
    }

    /// A batch that is not worked off yet.
    struct OpenBatch {
        let line: ByteBuffer
        let messages: [RPCMessage]
        var next = 0
        let reply: BatchReply
    }

    let server: ControlServerShared
    let scratch: LoopScratch
    var context: ChannelHandlerContext?
    var connection: ControlConnection?
    var phase = Phase.new

    // Input
    var lines: LineReader
    /// What the line budget has noted.
    var noted = 0
    var isWaitingForBudget = false
    var isInputClosed = false
    var isTurnScheduled = false
    var isReadPending = false
    var discarded = 0
    var batch: OpenBatch?

    // Calls
    var calls: [UInt64: Pending] = [:]
    var lastSerial: UInt64 = 0
    var requestsInFlight = 0
    var waitsInFlight = 0

    // Output
    var stallCheck: Scheduled<Void>?
    var budgetCheck: Scheduled<Void>?
    var farewellEnd: Scheduled<Void>?
    var isClosingAfterWrite = false
    /// What the budget of unread answers has noted.
    var unread = 0
    /// Bytes handed to the channel since the connection began.
    var handedOver = 0

    init(server: ControlServerShared, scratch: LoopScratch) {
        self.server = server
        self.scratch = scratch
        lines = LineReader(maximum: server.configuration.limits.lineIn)
    }

    var limits: ProtocolLimits {
        server.configuration.limits
    }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        open(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A peer that went away is no event worth more than this.
        server.logger.debug(
            "control connection failed",
            metadata: ["connection": "\(connection?.id ?? 0)", "error": "\(error)"]
        )
        context.close(promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        guard phase == .open else {
            discard(bytes.readableBytes, context)
            return
        }
        lines.append(bytes)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if !isTurnScheduled {
            takeTurn(context)
        }
        context.fireChannelReadComplete()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event as? ChannelEvent == .inputClosed {
            isInputClosed = true
            if phase == .farewell {
                context.close(promise: nil)
            } else if !isTurnScheduled {
                takeTurn(context)
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func read(context: ChannelHandlerContext) {
        if mayRead(context) {
            context.read()
        } else {
            isReadPending = true
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        noteUnread(context)
        if context.channel.isWritable {
            stallCheck?.cancel()
            stallCheck = nil
            writeOutbox()
            if !isTurnScheduled {
                takeTurn(context)
            }
        } else {
            watchForStall(context)
        }
        context.fireChannelWritabilityChanged()
    }

    // MARK: Beginning and end

    private func open(_ context: ChannelHandlerContext) {
        let peer: ControlPeer
        do {
            let found = try context.channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(
                of: NIOBSDSocket.Handle.self
            ) { try server.credentials($0) }
            guard let found else {
                throw ControlTransportError(.unknownPeer, "the connection has no socket")
            }
            peer = found
        } catch {
            server.logger.warning("control connection refused", metadata: ["error": "\(error)"])
            context.close(promise: nil)
            return
        }
        let connection = ControlConnection(
            id: server.registry.makeID(),
            peer: peer,
            eventLoop: context.eventLoop,
            configuration: server.configuration,
            handler: NIOLoopBound(self, eventLoop: context.eventLoop)
        )
        self.connection = connection
        phase = .open
        do throws(RPCError) {
            try server.registry.admit(connection)
        } catch {
            // A flood of connections shall not become a flood of log lines.
            server.logger.debug(
                "control connection refused",
                metadata: ["peer.uid": "\(peer.uid)", "error": "\(error.message)"]
            )
            fail(error, context)
        }
    }

    private func end() {
        guard phase != .closed else { return }
        if phase == .farewell, farewellEnd != nil {
            server.registry.endFarewell()
        }
        phase = .closed
        for scheduled in [stallCheck, budgetCheck, farewellEnd] {
            scheduled?.cancel()
        }
        stallCheck = nil
        budgetCheck = nil
        farewellEnd = nil
        server.unread.add(-unread)
        unread = 0
        lines.removeAll()
        batch = nil
        for call in calls.values {
            call.hangUp?.finish()
        }
        calls = [:]
        if let connection {
            note(0)
            server.registry.remove(connection)
            connection.markClosed()
        }
        connection = nil
    }

    /// Says one last thing and closes, with a little time for the peer to read it.
    func fail(_ error: RPCError, _ context: ChannelHandlerContext) {
        guard phase == .open || phase == .closing else { return }
        writeError(error, id: nil, batch: nil)
        flush(context)
        phase = .farewell
        lines.removeAll()
        note(0)
        batch = nil
        guard !isInputClosed, server.registry.beginFarewell() else {
            closeAfterWrite(context)
            return
        }
        // A socket that is closed with unread input resets its peer, which may then miss the reason.
        context.close(mode: .output, promise: nil)
        farewellEnd = context.eventLoop.scheduleTask(in: TimeAmount(server.configuration.farewell)) {
            [loopBound = NIOLoopBound(context, eventLoop: context.eventLoop)] in
            loopBound.value.close(promise: nil)
        }
        readAgain(context)
    }

    private func discard(_ count: Int, _ context: ChannelHandlerContext) {
        discarded += count
        if phase == .farewell, discarded > 2 * limits.lineIn {
            context.close(promise: nil)
        }
    }

    /// Stops working off lines and closes once everything is answered.
    func beginClosing() {
        guard let context, phase == .open else { return }
        phase = .closing
        for call in calls.values {
            call.hangUp?.finish()
        }
        refuseBatch()
        flush(context)
        closeIfDone(context)
    }

    /// Closes at once.
    func closeNow() {
        context?.close(promise: nil)
    }

    // MARK: Reading on

    private func mayRead(_ context: ChannelHandlerContext) -> Bool {
        switch phase {
        case .farewell: true
        case .open:
            requestsInFlight < limits.requestsInFlight && !isWaitingForBudget && !isTurnScheduled
                && batch == nil && context.channel.isWritable
        case .new, .closing, .closed: false
        }
    }

    func readAgain(_ context: ChannelHandlerContext) {
        if isReadPending, mayRead(context) {
            isReadPending = false
            context.read()
        }
    }

    /// Notes the length of the unfinished line.
    func note(_ bytes: Int) {
        guard bytes != noted, let connection else { return }
        let mayGoOn = server.budget.update(connection, from: noted, to: bytes)
        noted = bytes
        isWaitingForBudget = !mayGoOn
        if isWaitingForBudget {
            watchBudget()
        }
    }

    private func watchBudget() {
        guard budgetCheck == nil, let context else { return }
        let patience = TimeAmount(server.configuration.patience)
        let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
        budgetCheck = context.eventLoop.scheduleTask(in: patience) {
            let handler = handler.value
            handler.budgetCheck = nil
            guard handler.isWaitingForBudget else { return }
            handler.server.budget.giveUpStalled(patience: patience)
            handler.watchBudget()
        }
    }

    /// There is memory again for this connection's line.
    func lineMayGoOn() {
        guard let context, isWaitingForBudget else { return }
        isWaitingForBudget = false
        readAgain(context)
    }

    /// This connection's line keeps others waiting.
    func giveUpLine() {
        guard let context, phase == .open, noted > limits.shortLine, !isWaitingForBudget else { return }
        fail(
            RPCError(
                .limitsExceeded,
                "a long line was not finished while others waited for its memory",
                retryable: true,
                hint: "send the line without a pause"
            ),
            context
        )
    }
}
