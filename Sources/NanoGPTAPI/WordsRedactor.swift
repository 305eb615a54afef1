/// Makes other people's words fit to be shown: keys and the signed parts of URLs removed, at most 1 KiB.
struct WordsRedactor: Sendable {
    /// The longest text that is passed on, in bytes (CONTRACT section 3, Errors).
    static let maximumBytes = 1024

    private let secrets: [[UInt8]]

    /// Makes a redactor that also knows our own key, whatever it looks like.
    init(key: APIKey) {
        // Shorter ones would make every text unreadable and are no keys.
        secrets = Set([key.text, key.withoutPrefix]).filter { $0.utf8.count >= 4 }
            .sorted { $0.utf8.count > $1.utf8.count }.map { Array($0.lowercased().utf8) }
    }

    /// The text without secrets, cut to what may be passed on.
    func clean(_ text: String) -> String {
        // Addresses first: a key can stand in a path as well.
        let input = Self.withoutSignatures(Array(text.utf8))
        var output: [UInt8] = []
        output.reserveCapacity(min(input.count, 2 * Self.maximumBytes))
        var position = 0
        // What lies beyond the limit is cut anyway; going on a little decides whether something was cut.
        while position < input.count, output.count <= Self.maximumBytes {
            if let end = secretEnd(in: input, at: position) {
                output.append(contentsOf: "[key removed]".utf8)
                position = end
            } else {
                output.append(input[position])
                position += 1
            }
        }
        guard output.count > Self.maximumBytes else { return String(decoding: output, as: UTF8.self) }
        var length = Self.maximumBytes - "…".utf8.count
        while length > 0, output[length] & 0xC0 == 0x80 {
            length -= 1
        }
        return String(decoding: output[..<length], as: UTF8.self) + "…"
    }

    /// Where the secret that starts here ends.
    private func secretEnd(in input: [UInt8], at position: Int) -> Int? {
        for secret in secrets where Self.matchesLowered(input, position, secret) {
            return position + secret.count
        }
        if position > 0, Self.isTokenByte(input[position - 1]) {
            return nil
        }
        // Keys of this provider and of others, which an upstream error may quote.
        if Self.matchesLowered(input, position, Array("sk-".utf8)) {
            let end = Self.tokenEnd(input, from: position + 3)
            return end - position >= 12 ? end : nil
        }
        if Self.matchesLowered(input, position, Array("bearer ".utf8)) {
            let end = Self.tokenEnd(input, from: position + 7)
            return end - position >= 15 ? end : nil
        }
        return nil
    }

    /// The text with every URL cut to scheme, host and path.
    private static func withoutSignatures(_ input: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(input.count)
        var position = 0
        while position < input.count {
            if input[position] == UInt8(ascii: ":"), input[position...].starts(with: "://".utf8) {
                position = copyAddress(input, from: position, to: &output)
            } else {
                output.append(input[position])
                position += 1
            }
        }
        return output
    }

    /// Copies the rest of a URL, which starts at `://`, without user name, query and fragment.
    private static func copyAddress(_ input: [UInt8], from start: Int, to output: inout [UInt8]) -> Int {
        let body = start + 3
        let end =
            input[body...].firstIndex { $0 <= 0x20 || $0 == 0x7F || addressStops.contains($0) }
            ?? input.endIndex
        let cut = input[body..<end].firstIndex { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") } ?? end
        let authorityEnd = input[body..<cut].firstIndex(of: UInt8(ascii: "/")) ?? cut
        let hostStart = input[body..<authorityEnd].lastIndex(of: UInt8(ascii: "@")).map { $0 + 1 } ?? body
        output.append(contentsOf: "://".utf8)
        output.append(contentsOf: input[hostStart..<cut])
        if cut < end {
            output.append(contentsOf: "?[removed]".utf8)
        }
        return end
    }

    private static let addressStops = Set(#""'<>\^`{|}"#.utf8)

    private static func matchesLowered(_ input: [UInt8], _ position: Int, _ word: [UInt8]) -> Bool {
        guard input.count - position >= word.count else { return false }
        for index in 0..<word.count {
            let byte = input[position + index]
            let isUpper = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            guard (isUpper ? byte | 0x20 : byte) == word[index] else { return false }
        }
        return true
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    private static func tokenEnd(_ input: [UInt8], from start: Int) -> Int {
        var end = start
        while end < input.count, isTokenByte(input[end]) {
            end += 1
        }
        return end
    }
}
