import JSON
import JobCore

/// Puts `conversationUUID` into the body of a paid request, which is what `recover` finds the run by (FACTS E4).
enum SubmissionBody {
    /// The body with the UUID as its first member.
    ///
    /// - Parameters:
    ///   - body: A JSON object's text; otherwise left as it is, byte for byte.
    ///   - uuid: The UUID.
    /// - Returns: Nil when the body is no JSON object.
    static func make(_ body: [UInt8], uuid: AttemptUUID) -> [UInt8]? {
        guard let (open, isEmpty) = shape(body) else { return nil }
        // A member of that name in the request would win over ours at the provider; an escape could hide it.
        if mayName(body) {
            guard case .object(var object)? = JSONValue(tolerant: body) else { return nil }
            object["conversationUUID"] = nil
            return make(Array(JSONValue.object(object).text.utf8), shapedAs: (0, object.isEmpty), uuid)
        }
        return make(body, shapedAs: (open, isEmpty), uuid)
    }

    private static func make(
        _ body: [UInt8],
        shapedAs shape: (open: Int, isEmpty: Bool),
        _ uuid: AttemptUUID
    ) -> [UInt8] {
        var writer = JSONWriter(capacity: body.count + 64)
        writer.name("conversationUUID")
        writer.string(uuid.description)
        var result: [UInt8] = [UInt8(ascii: "{")]
        result.reserveCapacity(body.count + 64)
        result += writer.bytes
        if !shape.isEmpty {
            result.append(UInt8(ascii: ","))
        }
        result += body[(shape.open + 1)...]
        return result
    }

    /// Where the object opens and whether it has no member.
    private static func shape(_ body: [UInt8]) -> (open: Int, isEmpty: Bool)? {
        let isBlank: (UInt8) -> Bool = { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
        guard let open = body.firstIndex(where: { !isBlank($0) }), body[open] == UInt8(ascii: "{"),
            let next = body[(open + 1)...].firstIndex(where: { !isBlank($0) })
        else { return nil }
        return (open, body[next] == UInt8(ascii: "}"))
    }

    /// Whether the text holds the member's name, or a `\u` escape that might spell it.
    private static func mayName(_ body: [UInt8]) -> Bool {
        let name = Array("conversationUUID".utf8)
        return body.withUnsafeBufferPointer { bytes in
            for index in 0..<max(0, bytes.count - 1) {
                let byte = bytes[index]
                if byte == UInt8(ascii: "\\"), bytes[index + 1] == UInt8(ascii: "u") {
                    return true
                }
                if byte == name[0], bytes[index + 1] == name[1], bytes[index...].starts(with: name) {
                    return true
                }
            }
            return false
        }
    }
}
