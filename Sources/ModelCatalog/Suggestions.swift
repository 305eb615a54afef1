/// Finds the words that somebody probably meant.
enum Suggestions {
    /// The candidates closest to a word, best first, at most three.
    ///
    /// - Parameters:
    ///   - word: What was written.
    ///   - candidates: What could have been meant.
    /// - Returns: Those within a third of the word's length, or that contain the word.
    static func closest(to word: String, among candidates: some Sequence<String>) -> [String] {
        let wanted = folded(word)
        guard !wanted.isEmpty, wanted.count <= 64 else { return [] }
        let limit = min(4, max(1, wanted.count / 3))
        var scored: [(score: Int, name: String)] = []
        for candidate in candidates {
            let name = folded(candidate)
            let distance = distance(wanted, name, limit: limit)
            if distance <= limit {
                scored.append((distance, candidate))
            } else if wanted.count >= 3, contains(name, wanted) {
                scored.append((limit + 1, candidate))
            }
        }
        scored.sort { ($0.score, $0.name.utf8.count, $0.name) < ($1.score, $1.name.utf8.count, $1.name) }
        // A word that contains the other helps only when no close one is there.
        let best = scored.first?.score ?? 0
        return scored.filter { $0.score == best || $0.score <= limit }.prefix(3).map(\.name)
    }

    /// A hint for people, or `nil` when nothing is close.
    ///
    /// - Parameters:
    ///   - word: What was written.
    ///   - candidates: What could have been meant.
    /// - Returns: `did you mean …?`
    static func hint(for word: String, among candidates: some Sequence<String>) -> String? {
        let names = closest(to: word, among: candidates)
        return names.isEmpty ? nil : "did you mean \(names.joined(separator: " or "))?"
    }

    /// Lower case without separators: `negativePrompt` and `negative_prompt` are the same word.
    private static func folded(_ word: String) -> [UInt8] {
        word.utf8.compactMap { byte in
            switch byte {
            case UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: " "), UInt8(ascii: "."): nil
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
            default: byte
            }
        }
    }

    private static func contains(_ text: [UInt8], _ part: [UInt8]) -> Bool {
        guard part.count <= text.count else { return false }
        return (0...(text.count - part.count)).contains { text[$0...].starts(with: part) }
    }

    /// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other.
    private static func distance(_ left: [UInt8], _ right: [UInt8], limit: Int) -> Int {
        guard abs(left.count - right.count) <= limit else { return limit + 1 }
        var older = [Int](repeating: 0, count: right.count + 1)
        var old = Array(0...right.count)
        for row in 0..<left.count {
            var new = [row + 1]
            new.reserveCapacity(right.count + 1)
            for column in 0..<right.count {
                let same = left[row] == right[column]
                var cost = min(old[column] + (same ? 0 : 1), old[column + 1] + 1, new[column] + 1)
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    cost = min(cost, older[column - 1] + 1)
                }
                new.append(cost)
            }
            (older, old) = (old, new)
        }
        return old[right.count]
    }
}
