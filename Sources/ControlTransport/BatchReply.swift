internal import ControlProtocol
internal import NIOCore

/// The answer to a batch while it is being collected; lives on one event loop.
final class BatchReply {
    /// `[`, replies, commas.
    var buffer = ByteBuffer()
    /// Members that are not answered yet.
    var remaining: Int
    /// Calls whose streams may flow once the batch is answered.
    var openers: [UInt64] = []

    init(count: Int) {
        remaining = count
    }

    /// Gets ready for one more reply.
    func beginReply() {
        buffer.writeInteger(buffer.readableBytes == 0 ? UInt8(ascii: "[") : UInt8(ascii: ","))
    }
}
