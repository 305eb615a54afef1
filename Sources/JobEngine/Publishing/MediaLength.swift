import JobCore
import Synchronization

/// Tells whether an ISO media file was cut off.
///
/// A download whose length nobody named ends where the connection does; only the file itself tells whether that was
/// its end.
enum MediaLength {
    /// Fragmented files have two boxes a fragment; one with more than this is taken as it is.
    private static let mostBoxes = 1 << 16

    /// Walks over the boxes of a file (ISO/IEC 14496-12, 4.2).
    ///
    /// - Parameters:
    ///   - file: The file.
    ///   - length: Its length in bytes.
    /// - Returns: What is missing, in words; nil when nothing is, or when the boxes do not tell.
    /// - Throws: When it cannot be read.
    static func lack(of file: Descriptor, length: Int64) throws(SystemCallError) -> String? {
        var offset: Int64 = 0
        var hasIndex = false
        for _ in 0..<mostBoxes {
            let header = try file.bytes(16, at: offset)
            // What is shorter than a header behind the last box is no box.
            guard header.count >= 8 else { return hasIndex ? nil : "it has no index" }
            hasIndex = hasIndex || header[4..<8].elementsEqual("moov".utf8)
            var size = number(header.prefix(4))
            switch size {
            case 0: return hasIndex ? nil : "it has no index"  // Up to the end of the file, wherever that is.
            case 1:
                guard header.count == 16 else { return "its last box has half a header" }
                size = number(header.suffix(8))
                guard size >= 16 else { return nil }
            default: guard size >= 8 else { return nil }
            }
            let rest = UInt64(length - offset)
            guard size <= rest else { return "its last box lacks \(size - rest) bytes" }
            offset += Int64(size)
        }
        return nil
    }

    private static func number(_ bytes: some Sequence<UInt8>) -> UInt64 {
        bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }
}

/// Remembers where downloads of unknown length were cut off, while the daemon runs.
final class CutOffs: Sendable {
    private let lengths = Mutex<[StagingKey: Int64]>([:])

    /// Notes the length of a file that lacks its end.
    ///
    /// - Returns: Whether the download before had just that length: then it is the file that is so, not the connection.
    func isRepeated(_ key: StagingKey, length: Int64) -> Bool {
        lengths.withLock { $0.updateValue(length, forKey: key) == length }
    }

    /// Forgets one video.
    func forget(_ key: StagingKey) {
        lengths.withLock { _ = $0.removeValue(forKey: key) }
    }

    /// Forgets the videos of jobs that are over.
    func forget(where isOver: (JobID) -> Bool) {
        lengths.withLock { lengths in
            lengths = lengths.filter { !isOver($0.key.job) }
        }
    }
}
