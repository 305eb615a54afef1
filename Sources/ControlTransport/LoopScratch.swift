internal import JSON
internal import NIOCore

/// Buffers that all connections of one event loop share, since only one of them works at a time.
final class LoopScratch {
    /// The buffers themselves.
    struct Buffers {
        /// Takes results.
        var writer = JSONWriter(capacity: 4096)
        /// Takes the replies of one turn.
        var output = ByteBuffer()
    }

    /// The buffers, behind a pointer.
    ///
    /// Every request writes here several times, and the run-time exclusivity check of a class's properties took
    /// a sixth of it. The event loop is what makes access exclusive.
    let buffers: UnsafeMutablePointer<Buffers>

    init() {
        buffers = .allocate(capacity: 1)
        buffers.initialize(to: Buffers())
    }

    deinit {
        buffers.deinitialize(count: 1)
        buffers.deallocate()
    }

    /// Takes a buffer back that has been written.
    ///
    /// - Parameter buffer: The buffer.
    func recycle(_ buffer: consuming ByteBuffer) {
        // A buffer that grew for one large reply is not kept; one that still waits is not ours to empty.
        guard buffer.storageCapacity <= 256 << 10 else { return }
        buffer.clear()
        buffers.pointee.output = buffer
    }

    /// Forgets the last result, and its memory if it was large.
    func resetWriter() {
        if buffers.pointee.writer.bytes.count > 256 << 10 {
            buffers.pointee.writer = JSONWriter(capacity: 4096)
        } else {
            buffers.pointee.writer.removeAll()
        }
    }
}
