import JSON
import ModelCatalog
import Testing

/// Small files of each kind, as their first bytes: enough for what the catalogue looks at.
enum Sample {
    static let png: [UInt8] = [
        0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52,
    ]
    static let jpeg: [UInt8] = [0xFF, 0xD8, 0xFF, 0xE0, 0, 16, 0x4A, 0x46, 0x49, 0x46, 0]
    static let gif = Array("GIF89a".utf8) + [1, 0, 1, 0, 0x80, 0, 0]
    static let webp = Array("RIFF".utf8) + [26, 0, 0, 0] + Array("WEBPVP8L".utf8)
    static let bmp = Array("BM".utf8) + [70, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0]
    static let avif = box("avif")
    static let heic = box("heic")
    static let wav = Array("RIFF".utf8) + [36, 0, 0, 0] + Array("WAVEfmt ".utf8)
    static let mp3: [UInt8] = [0xFF, 0xFB, 0x90, 0x64, 0, 0, 0, 0]
    static let mp3Tagged = Array("ID3".utf8) + [4, 0, 0, 0, 0, 0, 0]
    static let aac: [UInt8] = [0xFF, 0xF1, 0x50, 0x80, 0, 0x1F, 0xFC]
    static let ogg = Array("OggS".utf8) + [0, 2, 0, 0, 0, 0]
    static let flac = Array("fLaC".utf8) + [0, 0, 0, 34]
    static let m4a = box("M4A ")
    static let mp4 = box("isom")
    static let mov = box("qt  ")
    static let webm: [UInt8] = [0x1A, 0x45, 0xDF, 0xA3, 0x9F, 0x42, 0x86, 0x81]

    private static func box(_ brand: String) -> [UInt8] {
        [0, 0, 0, 24] + Array("ftyp".utf8) + Array(brand.utf8) + [0, 0, 2, 0]
    }

    /// A data URL with that content.
    static func dataURL(_ type: String, _ bytes: [UInt8]) -> JSONValue {
        .string("data:\(type);base64,\(base64(bytes))")
    }

    static func base64(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let part = bytes[start..<min(start + 3, bytes.count)]
            let group = (0..<3).reduce(UInt32(0)) { sum, offset in
                sum << 8 | (offset < part.count ? UInt32(part[start + offset]) : 0)
            }
            for offset in 0..<4 {
                let isPadding = offset > part.count
                text.append(
                    isPadding ? UInt8(ascii: "=") : alphabet[Int(group >> (18 - 6 * UInt32(offset)) & 63)]
                )
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    static func inline(_ kind: String) -> JSONValue {
        switch kind {
        case "audio": dataURL("audio/wav", wav)
        case "video": dataURL("video/mp4", mp4)
        default: dataURL("image/png", png)
        }
    }

    static func url(_ kind: String) -> JSONValue {
        .string("https://assets.example.com/\(kind)")
    }
}

/// The members of a JSON object literal.
func members(_ value: JSONValue) throws -> JSONObject {
    try #require(value.objectValue)
}

/// Checks a request given as JSON.
func check(_ request: JSONValue, _ options: ValidationOptions = .init()) throws -> ValidationResult {
    try ModelCatalog.builtIn().validate(#require(request.objectValue), options: options)
}

extension ValidationResult {
    /// The error about a field.
    func error(_ field: String) -> ValidationIssue? { errors.first { $0.field == field } }
    /// The warning about a field.
    func warning(_ field: String) -> ValidationIssue? { warnings.first { $0.field == field } }
}
