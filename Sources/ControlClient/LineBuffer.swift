internal import Glibc

/// Cuts a stream of bytes into lines.
struct LineBuffer {
    /// The longest line that is taken, without its line feed.
    let limit: Int
    private var bytes: [UInt8] = []
    /// Where the first unread line starts.
    private var start = 0
    /// Up to where no line feed was found.
    private var scanned = 0

    init(limit: Int) {
        self.limit = limit
    }

    /// Whether a started line is longer than allowed.
    var isOverLimit: Bool {
        bytes.count - start > limit && scanned == bytes.count
    }

    mutating func append(_ chunk: UnsafeRawBufferPointer) {
        // Moving the rest to the front only when half is read keeps the cost of a byte constant.
        if start > 0, start >= bytes.count / 2 {
            bytes.removeSubrange(..<start)
            scanned -= start
            start = 0
        }
        bytes.append(contentsOf: chunk)
    }

    /// The next whole line without its line feed, blank lines left out.
    mutating func next() -> [UInt8]? {
        while let end = lineEnd() {
            var line = bytes[start..<end]
            start = end + 1
            scanned = start
            if line.last == UInt8(ascii: "\r") {
                line.removeLast()
            }
            if !line.isEmpty {
                return Array(line)
            }
        }
        return nil
    }

    private mutating func lineEnd() -> Int? {
        let found = bytes.withUnsafeBytes { buffer -> Int? in
            guard let base = buffer.baseAddress, scanned < buffer.count,
                let hit = memchr(base + scanned, 0x0A, buffer.count - scanned)
            else { return nil }
            return UnsafeRawPointer(hit) - base
        }
        if found == nil {
            scanned = bytes.count
        }
        return found
    }
}
