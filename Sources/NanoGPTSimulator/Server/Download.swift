import HummingbirdCore
import NIOCore

/// Sends a part of a video.
struct Download: Sendable {
    let transfer: VideoTransfer
    let clock: SimulatorClock
    let channel: any Channel

    /// Writes the bytes, and ends as the transfer says.
    ///
    /// - Parameter writer: The body of the answer.
    /// - Throws: ``RequestResponder/Cut`` to break the connection off, and what the connection throws.
    @concurrent
    func run(_ writer: inout any ResponseBodyWriter) async throws {
        switch transfer.course {
        case .whole(let speed):
            try await send(transfer.range.count, speed: speed, &writer)
            try await writer.finish(nil)
        case .cut(let count):
            try await send(count, speed: 0, &writer)
            try await drain()
            throw RequestResponder.Cut()
        case .stall(let count):
            try await send(count, speed: 0, &writer)
            // Nobody writes any more, so only reading can tell that the client has gone away.
            try await channel.connection.setOption(.allowRemoteHalfClosure, value: false).get()
            try await channel.closeFuture.orCancellation()
        }
    }

    /// Writes the first bytes of the range; a speed is kept by writing a tenth of it each 100 ms.
    @concurrent
    private func send(_ count: Int, speed: Int, _ writer: inout any ResponseBodyWriter) async throws {
        var position = transfer.range.lowerBound
        let end = position + count
        let step = speed > 0 ? max(1, speed / 10) : VideoFile.chunkSize
        while position < end {
            var left = min(step, end - position)
            while left > 0 {
                let buffer = transfer.file.bytes(at: position, limit: left)
                try await writer.write(buffer)
                position += buffer.readableBytes
                left -= buffer.readableBytes
            }
            if speed > 0 { try await clock.sleep(.milliseconds(100)) }
        }
    }

    /// Waits until what was written is with the kernel: closing would throw it away.
    private func drain() async throws {
        let connection = channel.connection
        while connection.isActive, try await connection.getOption(.bufferedWritableBytes).get() > 0 {
            try await clock.sleep(.milliseconds(5))
        }
    }
}

extension EventLoopFuture where Value == Void {
    /// Waits for the future; a cancellation of the task ends the waiting.
    fileprivate func orCancellation() async throws {
        let promise = eventLoop.makePromise(of: Void.self)
        cascade(to: promise)
        try await withTaskCancellationHandler {
            try await promise.futureResult.get()
        } onCancel: {
            promise.fail(CancellationError())
        }
    }
}
