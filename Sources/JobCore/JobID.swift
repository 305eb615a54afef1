/// A job's name: 16 lower-case characters that sort by time of creation and are never used again.
///
/// Ten characters of time in milliseconds and six of a counter that starts at random, in Crockford's base 32.
public struct JobID: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    /// The text.
    public let description: String

    /// Takes a text as it is, checked only for its form.
    ///
    /// - Parameter text: 16 characters of the alphabet.
    public init?(_ text: String) {
        guard text.utf8.count == 16, text.utf8.allSatisfy(Self.alphabet.contains) else { return nil }
        description = text
    }

    private init(value: UInt128) {
        var characters: [UInt8] = []
        for place in (0..<16).reversed() {
            characters.append(Self.alphabet[Int(truncatingIfNeeded: value >> UInt128(place * 5)) & 31])
        }
        description = String(decoding: characters, as: UTF8.self)
    }

    private var value: UInt128 {
        description.utf8.reduce(0) { value, character in
            value << 5 | UInt128(Self.alphabet.firstIndex(of: character) ?? 0)
        }
    }

    /// Orders by time of creation.
    public static func < (left: JobID, right: JobID) -> Bool {
        left.description < right.description
    }

    /// Reads the text.
    public init(from decoder: any Decoder) throws {
        description = try decoder.singleValueContainer().decode(String.self)
    }

    /// Writes the text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

    /// Makes identifiers that only ever grow, also when the clock steps back and over restarts.
    public struct Generator: Sendable {
        /// The highest identifier made so far.
        public private(set) var last: JobID?

        /// Makes a generator that goes on after an earlier one.
        ///
        /// - Parameter last: The highest identifier that was ever given away.
        public init(after last: JobID?) {
            self.last = last
        }

        /// Makes the next identifier.
        ///
        /// - Parameters:
        ///   - now: The wall clock.
        ///   - random: The source of the counter's start.
        /// - Returns: An identifier above every earlier one.
        public mutating func next(
            at now: Timestamp,
            using random: inout some RandomNumberGenerator
        ) -> JobID {
            let time = UInt128(max(0, now.milliseconds)) & (1 << 50 - 1)
            // The counter's upper half stays free, so that many identifiers fit into one millisecond.
            let fresh = time << 30 | UInt128(UInt32.random(in: 0..<(1 << 29), using: &random))
            let next = max(fresh, (last?.value).map { $0 + 1 } ?? 0)
            let id = JobID(value: next)
            last = id
            return id
        }
    }
}
