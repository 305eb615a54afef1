/// Changes inputs at random, from a seed: the same seed makes the same inputs.
struct Mutator {
    private var state: UInt64
    private let corpus: [[UInt8]]

    private static let longest = 4096
    private static let interesting: [UInt8] =
        Array("{}[]\":,\\/u0aE+-.etfn 19\n\r\t".utf8) + [
            0x00, 0x1F, 0x7F, 0x80, 0xBF, 0xC0, 0xE0, 0xED, 0xF4, 0xFF,
        ]
    private static let words: [[UInt8]] = [
        "null", "true", "1e400", "-0", "0.1", "9223372036854775808", "\"\"", "{}", "[]", "[[[[[[[[",
        "\\u0000",
        "\\ud800", "\\udc00", "\u{FFFD}", "e\u{301}", "\"id\":1", "\"_meta\":", "\r\n",
        "data:image/png;base64,",
        "\"status\":\"COMPLETED\"", "https://", "..", "{id}",
    ].map { Array($0.utf8) }

    /// - Parameters:
    ///   - seed: Where to begin.
    ///   - corpus: What is changed, at least one input.
    init(seed: UInt64, corpus: [[UInt8]]) {
        state = seed
        self.corpus = corpus
    }

    /// The next input.
    mutating func next() -> [UInt8] {
        var input = corpus[below(corpus.count)]
        for _ in 0..<(1 + below(6)) {
            change(&input)
        }
        return Array(input.prefix(Self.longest))
    }

    private mutating func change(_ input: inout [UInt8]) {
        let place = below(input.count + 1)
        let end = min(input.count, place + 1 + below(16))
        switch below(10) {
        case 0 where place < input.count: input[place] ^= 1 << UInt8(below(8))
        case 1 where place < input.count: input[place] = Self.interesting[below(Self.interesting.count)]
        case 2 where place < input.count: input[place] = UInt8(below(256))
        case 3: input.insert(Self.interesting[below(Self.interesting.count)], at: place)
        case 4: input.insert(contentsOf: Self.words[below(Self.words.count)], at: place)
        case 5: input.removeSubrange(place..<end)
        case 6: input.insert(contentsOf: Array(input[place..<end]), at: below(input.count + 1))
        case 7:
            // Many of the same, for what grows faster than its input.
            let piece = Array(input[place..<end])
            for _ in 0..<below(64) where input.count < Self.longest {
                input.insert(contentsOf: piece, at: place)
            }
        case 8:
            let other = corpus[below(corpus.count)]
            input = Array(input[..<place]) + other[below(other.count + 1)...]
        default: input.removeSubrange(place...)
        }
    }

    private mutating func below(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return Int((value ^ value >> 31) % UInt64(bound))
    }
}
