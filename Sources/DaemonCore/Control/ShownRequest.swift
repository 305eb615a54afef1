import Crypto
import FoundationEssentials
import JSON

/// A request as it is shown and compared: as submitted, with inline media replaced by what they are.
struct ShownRequest {
    /// The JSON text for people, members in their order.
    let text: String
    /// The SHA-256 of the canonical form.
    let fingerprint: String

    static func make(_ request: JSONObject) -> ShownRequest {
        let shown = replaceMedia(.object(request))
        return ShownRequest(text: shown.text, fingerprint: hex(SHA256.hash(data: shown.canonicalBytes)))
    }

    private static func replaceMedia(_ value: JSONValue) -> JSONValue {
        switch value {
        case .string(let text) where text.hasPrefix("data:"):
            return describe(text) ?? value
        case .array(let elements): return .array(elements.map(replaceMedia))
        case .object(let object):
            var result = JSONObject()
            for member in object.members {
                result[member.name] = replaceMedia(member.value)
            }
            return .object(result)
        default: return value
        }
    }

    /// `data:image/png;base64,…` becomes `{media_type, bytes, sha256}`.
    private static func describe(_ text: String) -> JSONValue? {
        guard let comma = text.utf8.firstIndex(of: UInt8(ascii: ",")) else { return nil }
        let head = text[text.index(text.startIndex, offsetBy: 5)..<comma]
        guard head.hasSuffix(";base64"),
            let data = Data(base64Encoded: String(text[text.utf8.index(after: comma)...]))
        else { return nil }
        var shown = JSONObject()
        shown["media_type"] = .string(String(head.prefix { $0 != ";" }))
        shown["bytes"] = .number(JSONNumber(data.count))
        shown["sha256"] = .string(hex(SHA256.hash(data: data)))
        return .object(shown)
    }

    private static func hex(_ digest: SHA256.Digest) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in digest {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
