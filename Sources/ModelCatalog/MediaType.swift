/// The media type of a file, told from its first bytes.
public struct MediaType: Hashable, Sendable {
    /// The type for a `data:` URL or a receipt, for example `image/png`.
    public let name: String
    /// What may be in it: containers such as MP4, WebM and Ogg hold sound or pictures.
    public let kinds: Set<MediaKind>

    /// How many bytes are enough to tell any type.
    public static let prefixBytes = 64

    private init(_ name: String, _ kinds: MediaKind...) {
        self.name = name
        self.kinds = Set(kinds)
    }

    /// Tells the type.
    ///
    /// - Parameter start: The file's first bytes, `prefixBytes` of them if there are as many.
    /// - Returns: The type, or `nil` when it is none of the known ones.
    public static func detect(_ start: some RandomAccessCollection<UInt8>) -> MediaType? {
        let bytes = Array(start.prefix(prefixBytes))
        func has(_ text: StaticString, at offset: Int = 0) -> Bool {
            let count = text.utf8CodeUnitCount
            guard bytes.count >= offset + count else { return false }
            return (0..<count).allSatisfy { bytes[offset + $0] == text.utf8Start[$0] }
        }
        func has(_ magic: [UInt8]) -> Bool { bytes.starts(with: magic) }

        if has([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) { return MediaType("image/png", .image) }
        if has([0xFF, 0xD8, 0xFF]) { return MediaType("image/jpeg", .image) }
        if has("GIF87a") || has("GIF89a") { return MediaType("image/gif", .image) }
        if has("RIFF") {
            if has("WEBP", at: 8) { return MediaType("image/webp", .image) }
            if has("WAVE", at: 8) { return MediaType("audio/wav", .audio) }
            if has("AVI ", at: 8) { return MediaType("video/x-msvideo", .video) }
            return nil
        }
        if has("ftyp", at: 4) { return baseMedia(brand: bytes.dropFirst(8).prefix(4)) }
        if has([0x1A, 0x45, 0xDF, 0xA3]) { return MediaType("video/webm", .video, .audio) }
        if has("OggS") { return MediaType("audio/ogg", .audio, .video) }
        if has("fLaC") { return MediaType("audio/flac", .audio) }
        if has("ID3") { return MediaType("audio/mpeg", .audio) }
        if has("BM"), bytes.count >= 14, bytes[6..<10].allSatisfy({ $0 == 0 }) {
            return MediaType("image/bmp", .image)
        }
        if has([0x00, 0x00, 0x01, 0xBA]) { return MediaType("video/mpeg", .video) }
        if bytes.count >= 2, bytes[0] == 0xFF { return audioFrame(bytes[1]) }
        return nil
    }

    /// The ISO base media types by their major brand.
    private static func baseMedia(brand: ArraySlice<UInt8>) -> MediaType {
        switch String(decoding: brand, as: UTF8.self) {
        case "avif", "avis": MediaType("image/avif", .image)
        case "heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1": MediaType("image/heic", .image)
        case "M4A ", "M4B ", "M4P ": MediaType("audio/mp4", .audio)
        case "qt  ": MediaType("video/quicktime", .video, .audio)
        default: MediaType("video/mp4", .video, .audio)
        }
    }

    /// The frame headers of sound without a container: ADTS (layer bits 00) and MPEG audio.
    private static func audioFrame(_ second: UInt8) -> MediaType? {
        if second & 0xF6 == 0xF0 { return MediaType("audio/aac", .audio) }
        guard second & 0xE0 == 0xE0, second & 0x06 != 0, second & 0x18 != 0x08 else { return nil }
        return MediaType("audio/mpeg", .audio)
    }
}
