internal import ControlProtocol
internal import JSON
internal import Logging
internal import NIOCore

extension ControlConnectionHandler {
    // MARK: Replies

    /// Writes a reply with a result into the output of this turn.
    func writeResult(_ result: UnsafeRawBufferPointer, id: ByteBuffer, batch: BatchReply?) {
        // 64 is more than what stands around id and result. The other members of a batch get at least an error.
        let others = batch.map { $0.buffer.readableBytes + ($0.remaining - 1) * limits.errorBytes } ?? 0
        guard result.count + id.readableBytes + 64 + others <= limits.lineOut else {
            return writeError(
                RPCError(
                    .limitsExceeded,
                    "the answer is longer than \(limits.lineOut) bytes",
                    hint: "ask for less with `limit` and go on with `cursor`"
                ),
                id: id,
                batch: batch
            )
        }
        guard result.count <= limits.shortLine || server.unread.hasRoom(for: result.count) else {
            return writeError(
                RPCError(
                    .limitsExceeded,
                    "there are \(server.unread.maximum) bytes of answers that nobody has read",
                    retryable: true,
                    hint: "read answers before asking for more"
                ),
                id: id,
                batch: batch
            )
        }
        write(id: id, name: RPCReply.resultName, batch: batch) { $0.writeBytes(result) }
    }

    /// Writes a reply with an error into the output of this turn.
    func writeError(_ error: RPCError, id: ByteBuffer?, batch: BatchReply?) {
        var writer = JSONWriter(capacity: 256)
        error.write(to: &writer)
        write(id: id, name: RPCReply.errorName, batch: batch) { $0.writeBytes(writer.bytes) }
    }

    /// Notes that a member of a batch gets no reply.
    func skip(_ batch: BatchReply?) {
        if let batch {
            finishMember(batch)
        }
    }

    private func write(
        id: ByteBuffer?,
        name: StaticString,
        batch: BatchReply?,
        value: (inout ByteBuffer) -> Void
    ) {
        if let batch {
            batch.beginReply()
            Self.write(id: id, name: name, into: &batch.buffer, value: value)
            finishMember(batch)
        } else {
            Self.write(id: id, name: name, into: &scratch.buffers.pointee.output, value: value)
            scratch.buffers.pointee.output.writeInteger(UInt8(ascii: "\n"))
        }
    }

    @inline(__always)
    private static func write(
        id: ByteBuffer?,
        name: StaticString,
        into buffer: inout ByteBuffer,
        value: (inout ByteBuffer) -> Void
    ) {
        buffer.writeStaticString(RPCReply.head)
        if let id {
            buffer.writeImmutableBuffer(id)
        } else {
            buffer.writeStaticString("null")
        }
        buffer.writeStaticString(name)
        value(&buffer)
        buffer.writeStaticString(RPCReply.tail)
    }

    private func finishMember(_ batch: BatchReply) {
        batch.remaining -= 1
        guard batch.remaining == 0 else { return }
        if batch.buffer.readableBytes > 0 {
            scratch.buffers.pointee.output.writeImmutableBuffer(batch.buffer)
            scratch.buffers.pointee.output.writeStaticString("]\n")
        }
        for serial in batch.openers {
            connection?.release(openedBy: serial, succeeded: true)
        }
    }

    // MARK: Writing

    /// Hands the output of this turn to the channel.
    func flush(_ context: ChannelHandlerContext) {
        guard scratch.buffers.pointee.output.readableBytes > 0 else { return }
        let output = scratch.buffers.pointee.output
        scratch.buffers.pointee.output = ByteBuffer()
        handedOver += output.readableBytes
        context.writeAndFlush(wrapOutboundOut(output), promise: nil)
        scratch.recycle(output)
        noteUnread(context)
    }

    /// Notes how much of what was written the peer has not taken.
    func noteUnread(_ context: ChannelHandlerContext) {
        // What fits under the channel's mark for writability is not worth a lock.
        let bytes = context.channel.isWritable ? 0 : handedOver - taken(context)
        guard bytes != unread else { return }
        server.unread.add(bytes - unread)
        unread = bytes
    }

    /// Hands waiting notifications to the channel as long as it takes them.
    func writeOutbox() {
        guard let context, let connection, phase == .open || phase == .closing else { return }
        var isMore = true
        while isMore, context.channel.isWritable {
            isMore = connection.drainOutbox(into: &scratch.buffers.pointee.output, upTo: 64 << 10)
            flush(context)
        }
        if isMore {
            watchForStall(context)
        } else if isInputClosed || phase == .closing {
            closeIfDone(context)
        }
    }

    // MARK: Slow readers

    /// Watches a connection whose channel takes no more.
    func watchForStall(_ context: ChannelHandlerContext) {
        guard stallCheck == nil else { return }
        let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
        let before = taken(context)
        stallCheck = context.eventLoop.scheduleTask(in: TimeAmount(server.configuration.patience)) {
            handler.value.checkForStall(before)
        }
    }

    private func checkForStall(_ before: Int) {
        stallCheck = nil
        guard let context, !context.channel.isWritable else { return }
        noteUnread(context)
        // A reader of answers may pause for as long as it likes, unless others need the memory.
        guard taken(context) == before, connection?.hasSubscriptions == true || server.unread.isShort else {
            return watchForStall(context)
        }
        server.logger.info(
            "control connection closed: its peer takes nothing",
            metadata: ["peer.uid": "\(connection?.peer.uid ?? 0)"]
        )
        context.close(promise: nil)
    }

    /// How many bytes the system has taken from this connection.
    private func taken(_ context: ChannelHandlerContext) -> Int {
        // The option exists on every socket channel; without it nothing counts as taken.
        let waiting = try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)
        return handedOver - (waiting ?? handedOver)
    }

    // MARK: Closing

    /// Closes a connection whose peer has said everything, once everything is answered.
    func closeIfDone(_ context: ChannelHandlerContext) {
        switch phase {
        case .open:
            guard isInputClosed, lines.isEmpty, connection?.hasSubscriptions != true else {
                return
            }
        case .closing: break
        case .new, .farewell, .closed: return
        }
        guard calls.isEmpty, batch == nil, !isTurnScheduled, connection?.hasWaitingLines != true else {
            return
        }
        closeAfterWrite(context)
    }

    /// Closes when everything that was written has been taken.
    func closeAfterWrite(_ context: ChannelHandlerContext) {
        guard !isClosingAfterWrite else { return }
        isClosingAfterWrite = true
        // Closing outright would drop what the peer has not taken yet.
        let written = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: written)
        let loopBound = NIOLoopBound(context, eventLoop: context.eventLoop)
        written.futureResult.whenComplete { _ in loopBound.value.close(promise: nil) }
    }

    /// A stream began or ended.
    func streamsChanged() {
        if let context {
            closeIfDone(context)
        }
    }
}
