import JSON

/// The text of a JSON string whose bytes are known to be well-formed.
enum UnescapedText {
    /// Resolves the escapes of a string.
    ///
    /// - Parameter bytes: What stands between the quotes.
    /// - Returns: The text, nil when the bytes are no string after all.
    static func make(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
        let quote = [UInt8(ascii: "\"")]
        do {
            return try JSONParser.parse(quote + bytes + quote).stringValue
        } catch {
            return nil
        }
    }
}
