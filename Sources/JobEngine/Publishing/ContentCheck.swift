/// Decides whether a complete download is a video.
enum ContentCheck {
    /// What the content is.
    enum Verdict: Hashable {
        /// A video, with the extension it should have.
        case video(fileExtension: String)
        /// Something else, in words that go after "the download".
        case rejected(String)
    }

    /// How many bytes of the file have to be seen.
    static let prefixLength = 64

    /// Looks at a complete file.
    ///
    /// - Parameters:
    ///   - prefix: Its first bytes.
    ///   - length: Its length.
    ///   - totalBytes: The length that the server announced.
    ///   - contentType: The media type that the server named, lower case, without parameters.
    /// - Returns: Whether it is a video.
    static func verdict(
        prefix: [UInt8],
        length: Int64,
        totalBytes: Int64?,
        contentType: String?
    ) -> Verdict {
        guard length > 0 else { return .rejected("is empty") }
        if let totalBytes, totalBytes != length {
            return .rejected("has \(length) bytes of \(totalBytes)")
        }
        if let contentType, isText(contentType) {
            return .rejected("came as \(contentType)")
        }
        // ISO/IEC 14496-12, 4.3: the file begins with a `ftyp` box; size and type take four bytes each.
        if prefix.count >= 8, prefix[4..<8].elementsEqual("ftyp".utf8) {
            return .video(fileExtension: "mp4")
        }
        // RFC 8794, 11.2.1: the EBML header's ID.
        if prefix.starts(with: [0x1A, 0x45, 0xDF, 0xA3]) {
            return .video(fileExtension: "webm")
        }
        return .rejected(looks(prefix))
    }

    private static func isText(_ type: String) -> Bool {
        type == "text/html" || type == "application/xhtml+xml" || type == "application/json"
            || type == "text/json" || type.hasSuffix("+json")
    }

    private static func looks(_ prefix: [UInt8]) -> String {
        let blanks: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF]
        switch prefix.first(where: { !blanks.contains($0) }) {
        case UInt8(ascii: "<"): return "is HTML or XML, no video"
        case UInt8(ascii: "{"), UInt8(ascii: "["): return "is JSON, no video"
        default: return "has neither an ISO media nor a WebM header"
        }
    }
}
