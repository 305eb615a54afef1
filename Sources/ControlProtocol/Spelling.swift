/// Finds what somebody may have meant.
public enum Spelling {
    /// The name that is closest to a misspelt one.
    ///
    /// - Parameters:
    ///   - word: What was written.
    ///   - names: What there is.
    /// - Returns: The closest name, nil when none is close enough to be meant.
    public static func nearest(to word: String, among names: [String]) -> String? {
        // Names are short; a long word is not a misspelt one, and the table below is quadratic.
        guard word.utf8.count <= 64 else { return nil }
        let folded = fold(word)
        let scored = names.map { (name: $0, distance: distance(folded, fold($0))) }
        guard let best = scored.min(by: { $0.distance < $1.distance }) else { return nil }
        let allowed = max(1, min(folded.count, best.name.utf8.count) / 3)
        return best.distance <= allowed ? best.name : nil
    }

    /// `clientKey`, `client-key` and `client_key` are the same word.
    private static func fold(_ word: String) -> [UInt8] {
        word.lowercased().utf8.filter { $0 != UInt8(ascii: "_") && $0 != UInt8(ascii: "-") }
    }

    /// How many bytes have to be put in, taken out, changed or swapped with their neighbour.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var beforeLast = [Int](repeating: 0, count: right.count + 1)
        var last = Array(0...right.count)
        for row in 1..<(left.count + 1) {
            var current = [row] + [Int](repeating: 0, count: right.count)
            for column in 1..<(right.count + 1) {
                let change = left[row - 1] == right[column - 1] ? 0 : 1
                var best = min(
                    last[column] + 1,
                    current[column - 1] + 1,
                    last[column - 1] + change
                )
                let isSwap =
                    row > 1 && column > 1 && left[row - 1] == right[column - 2]
                    && left[row - 2] == right[column - 1]
                if isSwap {
                    best = min(best, beforeLast[column - 2] + 1)
                }
                current[column] = best
            }
            beforeLast = last
            last = current
        }
        return last[right.count]
    }
}
