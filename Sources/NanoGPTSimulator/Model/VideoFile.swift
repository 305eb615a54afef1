import NIOCore

/// The bytes of one video, made while they are sent.
///
/// A file is the sample, then padding up to the wanted size, then a trailer of ``trailerSize`` bytes. Padding
/// and trailer are boxes that players skip (`free` in MP4, `Void` in WebM). The trailer carries the text
/// `nanogpt-simulator run=ID index=N`, so that no two videos are the same and a mix-up shows.
struct VideoFile: Sendable {
    private enum Part: Sendable {
        case bytes(ByteBuffer)
        case zeros(Int)

        var size: Int {
            switch self {
            case .bytes(let buffer): buffer.readableBytes
            case .zeros(let count): count
            }
        }
    }

    /// The size of the trailer at the end of each file.
    static let trailerSize = 128
    /// The most bytes that are handed out at a time.
    static let chunkSize = 512 * 1024

    private static let mp4 = ByteBuffer(bytes: PackageResources.sample_mp4)
    private static let webm = ByteBuffer(bytes: PackageResources.sample_webm)
    private static let blank = ByteBuffer(repeating: 0, count: chunkSize)

    private let parts: [Part]
    /// The size in bytes.
    let size: Int

    /// A file that stands for any bytes.
    init(_ buffer: ByteBuffer) {
        parts = [.bytes(buffer)]
        size = buffer.readableBytes
    }

    /// The video of a run.
    ///
    /// - Parameters:
    ///   - runID: The run.
    ///   - index: The number of the video in the run.
    ///   - isWebM: Whether it is WebM and not MP4.
    ///   - leastSize: The size that is wanted; padding needs room for its header, so up to 9 bytes are added.
    init(runID: String, index: Int, isWebM: Bool, leastSize: Int) {
        let sample = isWebM ? Self.webm : Self.mp4
        let missing = leastSize - sample.readableBytes - Self.trailerSize
        var parts: [Part] = [.bytes(sample)]
        if missing > 0 {
            let header = Self.paddingHeader(isWebM: isWebM, size: missing)
            parts.append(.bytes(header))
            parts.append(.zeros(max(0, missing - header.readableBytes)))
        }
        parts.append(.bytes(Self.trailer("nanogpt-simulator run=\(runID) index=\(index)", isWebM: isWebM)))
        self.parts = parts
        size = parts.reduce(0) { $0 + $1.size }
    }

    private static func paddingHeader(isWebM: Bool, size: Int) -> ByteBuffer {
        var header = ByteBuffer()
        if isWebM {
            header.writeInteger(UInt8(0xEC))
            header.writeInteger(UInt64(max(0, size - 9)) | 0x0100_0000_0000_0000)
        } else if size <= Int(UInt32.max) {
            header.writeInteger(UInt32(max(8, size)))
            header.writeStaticString("free")
        } else {
            header.writeInteger(UInt32(1))
            header.writeStaticString("free")
            header.writeInteger(UInt64(size))
        }
        return header
    }

    private static func trailer(_ text: String, isWebM: Bool) -> ByteBuffer {
        var trailer = ByteBuffer()
        if isWebM {
            trailer.writeBytes([0xEC, 0x80 | UInt8(trailerSize - 2)])
        } else {
            trailer.writeInteger(UInt32(trailerSize))
            trailer.writeStaticString("free")
        }
        trailer.writeBytes(text.utf8.prefix(trailerSize - trailer.readableBytes))
        trailer.writeRepeatingByte(UInt8(ascii: " "), count: trailerSize - trailer.readableBytes)
        return trailer
    }

    /// The next bytes from a position: without a copy, and as many as lie together.
    ///
    /// - Parameters:
    ///   - position: Where to start.
    ///   - limit: The most bytes to hand out.
    /// - Returns: At least one byte, or an empty buffer at the end.
    func bytes(at position: Int, limit: Int) -> ByteBuffer {
        var start = 0
        for part in parts {
            let offset = position - start
            if offset < part.size {
                let count = min(limit, part.size - offset, Self.chunkSize)
                switch part {
                case .bytes(let buffer):
                    return buffer.getSlice(at: buffer.readerIndex + offset, length: count) ?? ByteBuffer()
                case .zeros:
                    return Self.blank.getSlice(at: Self.blank.readerIndex, length: count) ?? ByteBuffer()
                }
            }
            start += part.size
        }
        return ByteBuffer()
    }
}

extension SimulatedJob {
    /// The video of an index.
    func video(_ index: Int) -> VideoFile {
        VideoFile(
            runID: runID,
            index: index,
            isWebM: behaviours.contains(.webm),
            leastSize: videoBytes
        )
    }
}
