import JSON

/// Cuts a request down to what lists, snapshots and events show of it.
///
/// Strings are cut at 1 KiB. A request of very many members is cut too, so that a thousand jobs fit into a few
/// lines whatever somebody puts into theirs.
struct BriefRequest {
    /// How long a string may be, in bytes (CONTRACT section 3).
    static let stringBytes = 1024
    /// How long all names and values together may be, in bytes, about.
    static let totalBytes = 16 << 10

    /// Whether anything was cut.
    private(set) var isCut = false
    private var left = Self.totalBytes

    /// Writes a value, or less of it.
    ///
    /// - Parameters:
    ///   - value: The value.
    ///   - writer: Takes the text.
    mutating func write(_ value: JSONValue, to writer: inout JSONWriter) {
        switch value {
        case .string(let text):
            let short = shorten(text)
            left -= short.utf8.count
            writer.string(short)
        case .array(let elements):
            writer.array { writer in
                for element in elements {
                    guard hasRoom else { break }
                    write(element, to: &writer)
                }
            }
        case .object(let object):
            writer.object { writer in
                for member in object.members {
                    guard hasRoom else { break }
                    guard member.name.utf8.count <= Self.stringBytes else {
                        isCut = true
                        continue
                    }
                    left -= member.name.utf8.count
                    writer.name(member.name)
                    write(member.value, to: &writer)
                }
            }
        case .number(let number) where number.text.utf8.count > Self.stringBytes:
            // A part of a number would be another number.
            isCut = true
            writer.null()
        case .number, .bool, .null:
            writer.value(value)
        }
    }

    /// Whether something more may follow, which takes some bytes around it.
    private var hasRoom: Bool {
        mutating get {
            left -= 8
            if left <= 0 {
                isCut = true
            }
            return left > 0
        }
    }

    private mutating func shorten(_ text: String) -> String {
        guard text.utf8.count > Self.stringBytes else { return text }
        isCut = true
        let bytes = Array(text.utf8.prefix(Self.stringBytes + 1))
        var end = Self.stringBytes
        // Never within a character's bytes.
        while end > 0, bytes[end] & 0xC0 == 0x80 {
            end -= 1
        }
        return String(decoding: bytes[..<end], as: UTF8.self)
    }
}
