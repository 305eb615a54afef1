import Glibc
internal import NIOCore

/// Splits a stream of bytes into lines; owns no channel.
struct LineReader {
    /// What stands at the beginning of the input.
    enum Next {
        /// A line without its end.
        case line(ByteBuffer)
        /// No whole line.
        case none
        /// A line that is longer than allowed.
        case tooLong
    }

    /// Whether there is nothing, not even a part of a line.
    var isEmpty: Bool {
        input.readableBytes == 0
    }

    private let maximum: Int
    private var input = ByteBuffer()
    /// Bytes at the beginning of `input` that are known to hold no line feed.
    private var scanned = 0
    /// Whether `input` is the buffer that the channel read into: large, and to be given back.
    private var isBorrowed = false

    /// Makes a reader.
    ///
    /// - Parameter maximum: The longest line, without its end.
    init(maximum: Int) {
        self.maximum = maximum
    }

    /// Takes bytes over from the channel.
    ///
    /// - Parameter bytes: The bytes.
    mutating func append(_ bytes: consuming ByteBuffer) {
        if input.readableBytes == 0 {
            input = bytes
            isBorrowed = true
        } else {
            input.writeBuffer(&bytes)
        }
    }

    /// Takes the next line.
    ///
    /// - Parameter isInputClosed: Whether what has no end is the last line.
    /// - Returns: The line, if there is one.
    mutating func next(isInputClosed: Bool) -> Next {
        let from = scanned
        let length: Int? = input.withUnsafeReadableBytes { bytes in
            guard let base = bytes.baseAddress, bytes.count > from,
                let found = memchr(base + from, 0x0A, bytes.count - from)
            else { return nil }
            return UnsafeRawPointer(found) - base
        }
        if let length {
            scanned = 0
            guard let line = input.readSlice(length: length) else { return .none }
            input.moveReaderIndex(forwardBy: 1)
            return trimmed(line)
        }
        scanned = input.readableBytes
        // One byte more may be the carriage return.
        guard scanned <= maximum + 1 else { return .tooLong }
        guard isInputClosed, scanned > 0 else { return .none }
        let line = input
        removeAll()
        return trimmed(line)
    }

    private func trimmed(_ line: consuming ByteBuffer) -> Next {
        let last = line.writerIndex - 1
        if line.readableBytes > 0, line.getInteger(at: last, as: UInt8.self) == 0x0D {
            line.moveWriterIndex(to: last)
        }
        return line.readableBytes <= maximum ? .line(line) : .tooLong
    }

    /// Gives the channel's buffer back, and memory that is not needed.
    ///
    /// - Returns: How long the unfinished line is; 0 while whole lines are waiting.
    mutating func settle() -> Int {
        let count = input.readableBytes
        if count == 0 {
            if isBorrowed || input.storageCapacity > 64 << 10 {
                input = ByteBuffer()
            } else {
                input.clear()
            }
        } else if isBorrowed || input.readerIndex > input.storageCapacity / 2 {
            if count < input.storageCapacity / 2 {
                input = ByteBuffer(bytes: input.readableBytesView)
            } else {
                input.discardReadBytes()
            }
        }
        isBorrowed = false
        return count == scanned ? count : 0
    }

    /// Forgets everything.
    mutating func removeAll() {
        input = ByteBuffer()
        scanned = 0
        isBorrowed = false
    }
}
