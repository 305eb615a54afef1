import Crypto
import FoundationEssentials
import JSON
import ModelCatalog

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
        case .string(let text): return describe(text) ?? describeList(text) ?? value
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

    /// `data:image/png;base64,…` becomes `{media_type, bytes, sha256}`, in whatever case it is written.
    private static func describe(_ text: String) -> JSONValue? {
        guard DataURL.looksLike(text), let comma = text.utf8.firstIndex(of: UInt8(ascii: ",")) else {
            return nil
        }
        let head = text[..<comma].dropFirst("data:".count).lowercased()
        guard head.hasSuffix(";base64"),
            let data = content(String(text[text.utf8.index(after: comma)...]), of: text)
        else { return nil }
        var shown = JSONObject()
        shown["media_type"] = .string(String(head.prefix { $0 != ";" }))
        shown["bytes"] = .number(JSONNumber(data.count))
        shown["sha256"] = .string(hex(SHA256.hash(data: data)))
        return .object(shown)
    }

    private static func content(_ base64: String, of url: String) -> Data? {
        if let data = Data(base64Encoded: base64) {
            return data
        }
        // What the check of the request takes must not stay in sight because another reader is stricter.
        return (try? DataURL(url)).map { Data($0.decoded()) }
    }

    /// The list in a string that some models take ("URL or JSON array"), when there are inline media in it.
    private static func describeList(_ text: String) -> JSONValue? {
        guard text.utf8.first == UInt8(ascii: "["), let list = try? JSONParser.parse(text) else { return nil }
        let shown = replaceMedia(list)
        // Not by a conditional expression: its nil would be JSON's null.
        guard shown != list else { return .none }
        return .some(shown)
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
