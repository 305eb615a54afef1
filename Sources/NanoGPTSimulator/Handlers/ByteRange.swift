/// One range of a `Range` header; lists of ranges are answered as if there were no header.
enum ByteRange: Equatable {
    /// `a-b` and `a-`.
    case from(Int, through: Int?)
    /// `-n`.
    case last(Int)

    /// Reads a header; nil is one to ignore.
    init?(_ header: String) {
        guard header.hasPrefix("bytes="), !header.contains(",") else { return nil }
        let text = header.dropFirst("bytes=".count)
        guard let dash = text.firstIndex(of: "-") else { return nil }
        let first = text[..<dash].trimmed
        let last = text[text.index(after: dash)...].trimmed
        if first.isEmpty {
            guard let count = Int(last), count >= 0 else { return nil }
            self = .last(count)
            return
        }
        guard let start = Int(first), start >= 0 else { return nil }
        guard !last.isEmpty else {
            self = .from(start, through: nil)
            return
        }
        guard let end = Int(last), end >= start else { return nil }
        self = .from(start, through: end)
    }

    /// The bytes of a file; nil if it has none of them.
    func resolved(size: Int) -> Range<Int>? {
        switch self {
        case .from(let start, let end):
            guard start < size else { return nil }
            return start..<min(size, (end ?? size - 1) + 1)
        case .last(let count):
            guard count > 0, size > 0 else { return nil }
            return max(0, size - count)..<size
        }
    }
}
