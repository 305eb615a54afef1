/// The check of a media URL: the provider fetches it, so it must be public and need no password (conflict C28).
enum MediaURL {
    /// What is wrong with a URL.
    struct Fault: Error {
        let message: String
        let hint: String
    }

    private static let publicOnly =
        "the provider fetches it: give a public https URL, or send the file inline"

    /// Checks a URL.
    ///
    /// - Parameters:
    ///   - text: The URL.
    ///   - allowLoopback: Takes this machine, plain http included.
    /// - Throws: `Fault` with what is wrong.
    static func check(_ text: String, allowLoopback: Bool) throws(Fault) {
        let utf8 = Array(text.utf8)
        guard utf8.count <= 8192 else { throw Fault(message: "is longer than 8192 bytes", hint: publicOnly) }
        let scheme = String(text.prefix { $0 != ":" }).lowercased()
        let isPlain = scheme == "http"
        guard isPlain || scheme == "https", text.dropFirst(scheme.count).hasPrefix("://") else {
            throw unknownForm(text)
        }
        guard utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F && !forbidden.contains($0) }) else {
            throw Fault(message: "holds a character that no URL has", hint: "percent-encode it")
        }
        let rest = utf8[(scheme.utf8.count + 3)...]
        let authority = rest.prefix {
            $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#")
        }
        guard !authority.contains(UInt8(ascii: "@")) else {
            throw Fault(message: "carries a user name or password", hint: "use a URL that needs none")
        }
        let host = try hostName(authority)
        let reach = HostAddress.reach(of: host)
        if allowLoopback, reach == .loopback { return }
        switch reach {
        case .public: break
        case .loopback: throw Fault(message: "leads to this machine (\(host))", hint: publicOnly)
        case .private: throw Fault(message: "leads to a private address (\(host))", hint: publicOnly)
        case .malformed: throw Fault(message: "has no valid host name", hint: publicOnly)
        }
        guard !isPlain else {
            throw Fault(message: "is not https", hint: "use https, or send the file inline")
        }
    }

    /// Bytes that a URL cannot hold unescaped; others outside ASCII are left to the provider.
    private static let forbidden: Set<UInt8> = Set("\"<>\\^`{|}".utf8)

    /// The host of an authority, with its port checked and cut off.
    private static func hostName(_ authority: ArraySlice<UInt8>) throws(Fault) -> String {
        var host = authority
        var port = authority.suffix(0)
        if host.first == UInt8(ascii: "["), let end = host.firstIndex(of: UInt8(ascii: "]")) {
            port = host[(end + 1)...]
            host = host[...end]
        } else if let colon = host.firstIndex(of: UInt8(ascii: ":")) {
            port = host[colon...]
            host = host[..<colon]
        }
        guard !host.isEmpty else { throw Fault(message: "has no host", hint: publicOnly) }
        if !port.isEmpty {
            let digits = port.dropFirst()
            let number =
                digits.allSatisfy { (48...57).contains($0) }
                ? Int(String(decoding: digits, as: UTF8.self)) : nil
            guard port.first == UInt8(ascii: ":"), digits.isEmpty || (1...65535).contains(number ?? 0) else {
                throw Fault(message: "has no valid port", hint: publicOnly)
            }
        }
        return String(decoding: host, as: UTF8.self).lowercased()
    }

    private static func unknownForm(_ text: String) -> Fault {
        if text.hasPrefix("/") || text.hasPrefix("./") || text.hasPrefix("~") || text.hasPrefix("file:") {
            return Fault(
                message: "is a path on this machine",
                hint: "videogenctl submit --image, --audio or --video FILE reads a file and sends it inline"
            )
        }
        return Fault(
            message: "is neither an https URL nor a data URL",
            hint: "give a public https URL, or data:<type>;base64,<content>"
        )
    }
}
