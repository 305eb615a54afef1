import JobEngine
import NIOHTTP1

/// `Content-Range: bytes FIRST-LAST/TOTAL` of a partial answer (RFC 9110, section 14.4).
struct ContentRange: Hashable {
    let first: Int64
    let last: Int64
    let total: Int64?

    /// Reads the header's value; nil for other units and for nonsense.
    init?(_ text: String) {
        let parts = text.trimmed.split(separator: " ", omittingEmptySubsequences: true)
        guard parts.count == 2, parts[0].lowercased() == "bytes" else { return nil }
        let halves = parts[1].split(separator: "/", omittingEmptySubsequences: false)
        guard halves.count == 2 else { return nil }
        let ends = halves[0].split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, let first = Int64(ends[0]), let last = Int64(ends[1]), first >= 0,
            last >= first
        else { return nil }
        if halves[1] == "*" {
            total = nil
        } else {
            guard let size = Int64(halves[1]), size > last else { return nil }
            total = size
        }
        self.first = first
        self.last = last
    }
}

extension HTTPHeaders {
    /// What a later `If-Range` can be made of: a strong `ETag`, else `Last-Modified` (RFC 9110, section 13.1.5).
    var resumeValidator: String? {
        if let tag = first(name: "etag")?.trimmed, tag.hasPrefix("\""), tag.hasSuffix("\""),
            tag.utf8.count > 2
        {
            return tag
        }
        return first(name: "last-modified")?.trimmed
    }
}
