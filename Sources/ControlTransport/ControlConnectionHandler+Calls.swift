internal import ControlProtocol
internal import JSON
internal import NIOCore

extension ControlConnectionHandler {
    // MARK: A turn

    /// Works lines off until there are none, the connection has had its share, or it has to wait.
    func takeTurn(_ context: ChannelHandlerContext) {
        guard phase == .open else {
            closeIfDone(context)
            readAgain(context)
            return
        }
        var left = server.configuration.linesPerTurn
        turn: while left > 0, mayStart(context) {
            if batch != nil {
                left -= continueBatch(atMost: left, context)
            } else {
                switch lines.next(isInputClosed: isInputClosed) {
                case .line(let line):
                    process(line)
                    left -= 1
                case .tooLong: failLongLine(context)
                case .none: break turn
                }
            }
            if scratch.buffers.pointee.output.readableBytes > 128 << 10 {
                flush(context)
            }
        }
        flush(context)
        guard phase == .open else { return }
        if left == 0, mayStart(context), !lines.isEmpty || batch != nil {
            // The others come first.
            isTurnScheduled = true
            let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
            context.eventLoop.execute { handler.value.takeScheduledTurn() }
            return
        }
        note(lines.settle())
        closeIfDone(context)
        readAgain(context)
    }

    private func takeScheduledTurn() {
        isTurnScheduled = false
        if let context {
            takeTurn(context)
        }
    }

    private func mayStart(_ context: ChannelHandlerContext) -> Bool {
        phase == .open && requestsInFlight < limits.requestsInFlight && context.channel.isWritable
    }

    // MARK: Lines

    private func failLongLine(_ context: ChannelHandlerContext) {
        fail(
            RPCError(
                .limitsExceeded,
                "a line may have \(limits.lineIn) bytes",
                hint: "pass large media as a URL"
            ),
            context
        )
    }

    /// Answers one line or starts its calls.
    private func process(_ line: ByteBuffer) {
        guard !isBlank(line) else { return }
        // The line is finished.
        note(0)
        switch line.withUnsafeReadableBytes({ RPCScanner.scan($0, limits: limits) }) {
        case .call(let envelope):
            start(envelope, line, batch: nil)
        case .invalid(let fault, let id):
            writeError(fault.error(limits: limits), id: slice(line, id), batch: nil)
        case .batch(let messages):
            batch = OpenBatch(line: line, messages: messages, reply: BatchReply(count: messages.count))
        }
    }

    private func isBlank(_ line: ByteBuffer) -> Bool {
        guard let first = line.getInteger(at: line.readerIndex, as: UInt8.self) else { return true }
        guard first == 0x20 || first == 0x09 || first == 0x0D else { return false }
        return line.readableBytesView.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
    }

    private func slice(_ line: ByteBuffer, _ range: Range<Int>?) -> ByteBuffer? {
        range.flatMap { line.getSlice(at: line.readerIndex + $0.lowerBound, length: $0.count) }
    }

    /// Starts members of a batch as long as requests may start.
    ///
    /// - Returns: How many were started.
    private func continueBatch(atMost maximum: Int, _ context: ChannelHandlerContext) -> Int {
        guard var open = batch else { return 0 }
        var count = 0
        while open.next < open.messages.count, count < maximum, mayStart(context) {
            switch open.messages[open.next] {
            case .call(let envelope):
                start(envelope, open.line, batch: open.reply)
            case .invalid(let fault, let id):
                writeError(fault.error(limits: limits), id: slice(open.line, id), batch: open.reply)
            case .batch:
                // The scanner makes no batch within a batch.
                writeError(RPCFault.noObject.error(limits: limits), id: nil, batch: open.reply)
            }
            open.next += 1
            count += 1
        }
        batch = open.next < open.messages.count ? open : nil
        return count
    }

    /// Answers the members of a batch that have not been started when the connection is closing.
    func refuseBatch() {
        guard let open = batch else { return }
        batch = nil
        let error = RPCError(.daemonDraining, "the daemon is stopping", retryable: true)
        for message in open.messages[open.next...] {
            if case .call(let envelope) = message, envelope.id == nil {
                skip(open.reply)
            } else if case .call(let envelope) = message {
                writeError(error, id: slice(open.line, envelope.id), batch: open.reply)
            } else {
                writeError(error, id: nil, batch: open.reply)
            }
        }
    }

    // MARK: Calls

    private func start(_ envelope: RPCEnvelope, _ line: ByteBuffer, batch: BatchReply?) {
        guard let connection else { return }
        let id = slice(line, envelope.id)
        guard let method = envelope.method else {
            guard id != nil else { return skip(batch) }
            return writeError(unknownMethod(envelope, line), id: id, batch: batch)
        }
        lastSerial += 1
        let call = ControlCall(
            method: method,
            isNotification: id == nil,
            serial: lastSerial,
            kind: envelope.parameters,
            bytes: slice(line, envelope.parameterBytes) ?? ByteBuffer()
        )
        scratch.resetWriter()
        do throws(RPCError) {
            if try server.service.answer(call, from: connection.peer, into: &scratch.buffers.pointee.writer) {
                guard let id else { return skip(batch) }
                scratch.buffers.pointee.writer.bytes.withUnsafeBytes { writeResult($0, id: id, batch: batch) }
            } else {
                try startWork(call, id: id, batch: batch, connection)
            }
        } catch {
            guard let id else { return skip(batch) }
            writeError(error, id: id, batch: batch)
        }
    }

    private func startWork(
        _ call: ControlCall,
        id: ByteBuffer?,
        batch: BatchReply?,
        _ connection: ControlConnection
    ) throws(RPCError) {
        let isWait = call.method == .jobsWait
        guard !isWait || waitsInFlight < limits.waitsInFlight else {
            throw RPCError(
                .limitsExceeded,
                "a connection may have \(limits.waitsInFlight) calls of jobs.wait in flight",
                retryable: true,
                hint: "events.subscribe follows any number of jobs"
            )
        }
        var stream: AsyncStream<Never>?
        var continuation: AsyncStream<Never>.Continuation?
        if call.method.description.endsWithConnection {
            let (made, finisher) = AsyncStream<Never>.makeStream()
            stream = made
            continuation = finisher
        }
        let isLong = call.parameterByteCount > limits.shortLine
        let counted = isLong ? call.parameterByteCount : 0
        if isLong {
            server.budget.addPerforming(counted)
        }
        if isWait {
            waitsInFlight += 1
        } else {
            requestsInFlight += 1
        }
        // The id is copied: a slice would keep the whole line in memory.
        calls[call.serial] = Pending(
            id: id.map { ByteBuffer(bytes: $0.readableBytesView) },
            batch: batch,
            isWait: isWait,
            hangUp: continuation
        )
        server.work.yield(
            ControlWork(
                call: call.detached,
                connection: connection,
                hangUp: stream,
                hangUpContinuation: continuation,
                counted: counted,
                budget: server.budget
            )
        )
    }

    private func unknownMethod(_ envelope: RPCEnvelope, _ line: ByteBuffer) -> RPCError {
        let name = slice(line, envelope.methodName).map { String(buffer: $0) } ?? ""
        let shown = name.utf8.count <= 64 ? name : "\(name.prefix(64))…"
        let near = Spelling.nearest(to: shown, among: ControlMethod.allCases.map(\.rawValue))
        return RPCError(
            .methodUnknown,
            "there is no method '\(shown)'",
            field: "method",
            hint: near.map { "did you mean '\($0)'?" } ?? "rpc.discover describes every method"
        )
    }

    /// A call that was carried out comes back.
    func finish(_ serial: UInt64, _ answer: Result<[UInt8], RPCError>) {
        guard let context, let call = calls.removeValue(forKey: serial) else { return }
        if call.isWait {
            waitsInFlight -= 1
        } else {
            requestsInFlight -= 1
        }
        guard phase == .open || phase == .closing else { return }
        var succeeded = false
        if case .success = answer {
            succeeded = true
        }
        // Before the reply is written, since a batch may be complete with it.
        if succeeded {
            call.batch?.openers.append(serial)
        }
        if let id = call.id {
            switch answer {
            case .success(let result): result.withUnsafeBytes { writeResult($0, id: id, batch: call.batch) }
            case .failure(let error): writeError(error, id: id, batch: call.batch)
            }
        } else {
            skip(call.batch)
        }
        flush(context)
        if !succeeded || call.batch == nil {
            connection?.release(openedBy: serial, succeeded: succeeded)
        }
        if isTurnScheduled { return }
        if phase == .open {
            takeTurn(context)
        } else {
            closeIfDone(context)
        }
    }
}
