internal import JSON
internal import NIOCore

/// Buffers that all connections of one event loop share, since only one of them works at a time.
final class LoopScratch {
    /// Takes results.
    var writer = JSONWriter(capacity: 4096)
    /// Takes the replies of one turn.
    var output = ByteBuffer()

    /// Takes a buffer back that has been written.
    ///
    /// - Parameter buffer: The buffer.
    func recycle(_ buffer: consuming ByteBuffer) {
        // A buffer that grew for one large reply is not kept; one that still waits is not ours to empty.
        guard buffer.storageCapacity <= 256 << 10 else { return }
        buffer.clear()
        output = buffer
    }

    /// Forgets the last result, and its memory if it was large.
    func resetWriter() {
        if writer.bytes.count > 256 << 10 {
            writer = JSONWriter(capacity: 4096)
        } else {
            writer.removeAll()
        }
    }
}
