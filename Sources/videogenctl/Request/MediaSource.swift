/// A media file or URL of the command line.
struct MediaSource {
    /// The largest file that is sent inline, before base64: the provider's limit
    /// (FACTS section 3: "Uploads sent via the API must be 4 MB or smaller").
    static let maximumBytes = 4_000_000

    /// A data URL with the file's bytes, or the URL as it was given.
    let url: String
    /// Whether the bytes themselves are sent.
    let isInline: Bool

    /// Takes a URL as it is and reads a file.
    ///
    /// - Parameters:
    ///   - text: A URL or a path.
    ///   - kind: What it has to be: `image`, `audio` or `video`; `nil` for any of them.
    /// - Throws: `CommandFailure` when the file cannot be read, is too large or is something else.
    init(_ text: String, kind: String?) throws(CommandFailure) {
        let scheme = text.prefix(8).lowercased()
        if scheme.hasPrefix("https://") || scheme.hasPrefix("http://") {
            url = text
            isInline = false
            return
        }
        isInline = true
        if scheme.hasPrefix("data:") {
            url = text
            return
        }
        let bytes = try FileReader.bytes(text, limit: Self.maximumBytes)
        guard bytes.count <= Self.maximumBytes else {
            throw CommandFailure(
                .usage,
                "The file \(text) is larger than 4 MB, which is the most that can be sent inline.",
                hint: "Host it and pass its URL."
            )
        }
        guard let type = MediaType(firstBytes: bytes) else {
            throw CommandFailure(
                .usage,
                "The file \(text) is \(bytes.isEmpty ? "empty" : "no media file that is known here").",
                hint: "PNG, JPEG, WebP, GIF, MP4, MOV, WebM, MP3, WAV, Ogg, FLAC and M4A are."
            )
        }
        if let kind, !type.kinds.contains(kind) {
            throw CommandFailure(.usage, "The file \(text) is \(type.name), where \(kind) is needed.")
        }
        url = "data:\(type.name);base64,\(Base64.encode(bytes))"
    }
}
