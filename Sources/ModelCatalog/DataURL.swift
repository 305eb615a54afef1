/// A `data:` URL with base64 content (RFC 2397, RFC 4648 section 4), checked without a copy of the content.
public struct DataURL: Hashable, Sendable {
    /// Why a text is no usable data URL.
    public struct Fault: Error, Hashable, Sendable {
        /// What is wrong, to be read after the field's name.
        public let message: String
        /// The way out.
        public let hint: String
    }

    /// The declared type, lower case, without parameters; empty when there is none.
    public let declaredType: String
    /// The size of the content.
    public let byteCount: Int
    private let text: String
    private let contentStart: Int
    private let padding: Int

    private static let form = "write data:<type>;base64,<content>"
    /// No header is longer; a search for the comma stops here.
    private static let longestHeader = 256

    /// Whether a text starts like a data URL.
    ///
    /// - Parameter text: The text.
    /// - Returns: Whether it begins with `data:`.
    public static func looksLike(_ text: String) -> Bool {
        text.utf8.prefix(5).elementsEqual("data:".utf8) { $0 | 0x20 == $1 | 0x20 }
    }

    /// Reads and checks a data URL.
    ///
    /// - Parameter text: The URL.
    /// - Throws: `Fault` with what is wrong.
    public init(_ text: String) throws(Fault) {
        var copy = text
        copy.makeContiguousUTF8()
        let result = copy.utf8.withContiguousStorageIfAvailable { Self.parse($0) }
        guard case .success(let parts)? = result else {
            if case .failure(let fault)? = result { throw fault }
            throw Fault(message: "is no data URL", hint: Self.form)
        }
        self.text = copy
        declaredType = parts.type
        contentStart = parts.start
        padding = parts.padding
        byteCount = (copy.utf8.count - parts.start) / 4 * 3 - parts.padding
    }

    /// The content's first bytes, enough to tell its type.
    var start: [UInt8] {
        decoded(limit: MediaType.prefixBytes)
    }

    /// The content.
    ///
    /// - Returns: All its bytes, for a hash.
    public func decoded() -> [UInt8] {
        decoded(limit: byteCount)
    }

    private func decoded(limit: Int) -> [UInt8] {
        let count = min(limit, byteCount)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 2)
        _ = text.utf8.withContiguousStorageIfAvailable { utf8 in
            Base64.values.withUnsafeBufferPointer { values in
                var position = contentStart
                while bytes.count < count {
                    var group: UInt32 = 0
                    for offset in 0..<4 {
                        // The value of padding is 0 but for the high bit, which falls out below.
                        group = group << 6 | UInt32(values[Int(utf8[position + offset])] & 0x3F)
                    }
                    bytes.append(UInt8(truncatingIfNeeded: group >> 16))
                    bytes.append(UInt8(truncatingIfNeeded: group >> 8))
                    bytes.append(UInt8(truncatingIfNeeded: group))
                    position += 4
                }
            }
        }
        bytes.removeLast(bytes.count - count)
        return bytes
    }

    // MARK: Parsing

    private struct Parts {
        let type: String
        let start: Int
        let padding: Int
    }

    private static func parse(_ utf8: UnsafeBufferPointer<UInt8>) -> Result<Parts, Fault> {
        guard let comma = utf8.prefix(longestHeader).firstIndex(of: UInt8(ascii: ",")), comma >= 5 else {
            return .failure(Fault(message: "is a data URL without a comma", hint: form))
        }
        let header = String(decoding: utf8[5..<comma], as: UTF8.self).lowercased()
        let parts = header.split(separator: ";", omittingEmptySubsequences: false)
        guard parts.count > 1, parts.last == "base64" else {
            return .failure(Fault(message: "is a data URL that is not base64", hint: form))
        }
        let content = UnsafeBufferPointer(rebasing: utf8[(comma + 1)...])
        guard !content.isEmpty else {
            return .failure(Fault(message: "is a data URL without content", hint: form))
        }
        var padding = 0
        while padding < 2, padding < content.count, content[content.count - 1 - padding] == UInt8(ascii: "=")
        {
            padding += 1
        }
        guard Base64.isValid(UnsafeBufferPointer(rebasing: content.dropLast(padding))) else {
            return .failure(
                Fault(
                    message: "is not valid base64",
                    hint: "only A-Z a-z 0-9 + / and = at the end, without line breaks"
                )
            )
        }
        guard content.count % 4 == 0 else {
            return .failure(
                Fault(message: "is cut off: base64 comes in groups of four", hint: "pad it with =")
            )
        }
        return .success(Parts(type: String(parts[0]), start: comma + 1, padding: padding))
    }
}

/// The alphabet of base64.
private enum Base64 {
    /// The value of each byte; the high bit marks bytes outside the alphabet.
    static let values: [UInt8] = {
        var values = [UInt8](repeating: 0x80, count: 256)
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        for (value, byte) in alphabet.utf8.enumerated() {
            values[Int(byte)] = UInt8(value)
        }
        return values
    }()

    static func isValid(_ content: UnsafeBufferPointer<UInt8>) -> Bool {
        values.withUnsafeBufferPointer { values in
            // No early exit: the usual answer is yes, and the loop stays simple.
            var seen: UInt8 = 0
            for byte in content {
                seen |= values[Int(byte)]
            }
            return seen < 0x80
        }
    }
}
