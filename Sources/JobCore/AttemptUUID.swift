/// The fresh UUID of one submission; it goes out as `conversationUUID` and is what `recover` finds it by.
public struct AttemptUUID: Hashable, Sendable, Codable, CustomStringConvertible {
    /// The text in lower case with hyphens.
    public let description: String

    /// Takes a text as it is.
    ///
    /// - Parameter text: A UUID; letters are lowered, since providers differ in case.
    public init(_ text: String) {
        description = text.lowercased()
    }

    /// Makes a random UUID (RFC 9562, version 4).
    ///
    /// - Parameter random: The source of randomness.
    public init(using random: inout some RandomNumberGenerator) {
        var bytes = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        let hex = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for (index, byte) in bytes.enumerated() {
            if [4, 6, 8, 10].contains(index) {
                text.append(UInt8(ascii: "-"))
            }
            text.append(hex[Int(byte >> 4)])
            text.append(hex[Int(byte & 15)])
        }
        description = String(decoding: text, as: UTF8.self)
    }

    /// Reads the text.
    public init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(String.self))
    }

    /// Writes the text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
