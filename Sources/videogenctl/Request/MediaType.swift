/// What a media file is, by its first bytes.
struct MediaType {
    /// The media type for a data URL.
    let name: String
    /// What it may serve as: `image`, `audio`, `video`.
    let kinds: [String]

    /// Recognises PNG, JPEG, WebP, GIF, MP4, MOV, M4A, WebM, MP3, WAV, Ogg and FLAC.
    init?(firstBytes bytes: [UInt8]) {
        func has(_ text: String, at offset: Int = 0) -> Bool {
            bytes.dropFirst(offset).starts(with: text.utf8)
        }
        let found: (String, [String])? =
            switch bytes.first {
            case 0x89 where has("PNG\r\n", at: 1): ("image/png", ["image"])
            case 0xFF where bytes.starts(with: [0xFF, 0xD8, 0xFF]): ("image/jpeg", ["image"])
            case _ where has("GIF87a") || has("GIF89a"): ("image/gif", ["image"])
            case _ where has("RIFF") && has("WEBP", at: 8): ("image/webp", ["image"])
            case _ where has("RIFF") && has("WAVE", at: 8): ("audio/wav", ["audio"])
            case _ where has("ftyp", at: 4): Self.isoMedia(bytes)
            case 0x1A where bytes.starts(with: [0x1A, 0x45, 0xDF, 0xA3]): ("video/webm", ["video", "audio"])
            case _ where has("OggS"): ("audio/ogg", ["audio", "video"])
            case _ where has("fLaC"): ("audio/flac", ["audio"])
            case _ where has("ID3"): ("audio/mpeg", ["audio"])
            case 0xFF where bytes.count > 1 && Self.isMPEGAudioFrame(bytes[1]): ("audio/mpeg", ["audio"])
            default: nil
            }
        guard let (name, kinds) = found else { return nil }
        self.name = name
        self.kinds = kinds
    }

    /// ISO base media files tell what they are by their major brand.
    private static func isoMedia(_ bytes: [UInt8]) -> (String, [String]) {
        switch String(decoding: bytes.dropFirst(8).prefix(4), as: UTF8.self) {
        case "M4A ", "M4B ": ("audio/mp4", ["audio"])
        case "qt  ": ("video/quicktime", ["video"])
        default: ("video/mp4", ["video", "audio"])
        }
    }

    /// The second byte of a frame: the rest of the sync word, a version that exists, layer II or III.
    ///
    /// Layer I is not in use and would make a UTF-16 text with its byte order mark a sound.
    private static func isMPEGAudioFrame(_ byte: UInt8) -> Bool {
        byte & 0xE0 == 0xE0 && byte & 0x18 != 0x08 && [0x02, 0x04].contains(byte & 0x06)
    }
}
