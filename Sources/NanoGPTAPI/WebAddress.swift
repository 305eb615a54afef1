import FoundationEssentials

/// Scheme, host and port: the boundary that the key does not cross.
struct WebOrigin: Hashable, Sendable, CustomStringConvertible {
    /// Whether it is `https`.
    let isSecure: Bool
    /// The host in lower case; IPv6 without brackets.
    let host: String
    /// The port.
    let port: Int

    /// The origin as text, without the scheme's own port.
    var description: String {
        let name = host.contains(":") ? "[\(host)]" : host
        let scheme = isSecure ? "https" : "http"
        return port == (isSecure ? 443 : 80) ? "\(scheme)://\(name)" : "\(scheme)://\(name):\(port)"
    }

    /// Whether it can only be this machine.
    var isLoopback: Bool {
        host == "localhost" || IPAddress(host)?.isLoopback == true
    }

    /// The absolute text of a reference that the provider gave, which can be relative (FACTS 4.5).
    func absolute(_ reference: String) -> String {
        if reference.hasPrefix("//") {
            return (isSecure ? "https:" : "http:") + reference
        }
        let lowered = reference.lowercased()
        if lowered.hasPrefix("https://") || lowered.hasPrefix("http://") {
            return reference
        }
        return description + (reference.hasPrefix("/") ? "" : "/") + reference
    }
}

/// An absolute `http` or `https` URL, read by the same parser as the HTTP client's.
///
/// Two parsers that see different hosts in one text are how address checks get bypassed.
struct WebAddress: Hashable, Sendable {
    /// The absolute text without a fragment.
    let text: String
    /// Where it leads.
    let origin: WebOrigin
    /// The host exactly as the HTTP client sees it, the key of its DNS overrides.
    let rawHost: String
    /// The path, percent-encoded.
    let path: String
    /// Whether there is a query, a fragment or a user name.
    let hasExtras: Bool

    /// Reads an absolute URL, or one relative to another; nil for other schemes, user names, hosts outside plain
    /// ASCII and control characters.
    ///
    /// - Parameters:
    ///   - text: The URL.
    ///   - base: What a relative URL is relative to.
    init?(_ text: String, relativeTo base: WebAddress? = nil) {
        guard !text.isEmpty, text.utf8.count <= 16_384, text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }),
            let parsed = URL(string: text, relativeTo: base.flatMap { URL(string: $0.text) })
        else { return nil }
        let whole = parsed.absoluteString
        let withoutFragment = String(whole.prefix { $0 != "#" })
        guard let url = URL(string: withoutFragment), let scheme = url.scheme?.lowercased(),
            scheme == "http" || scheme == "https", let rawHost = url.host, !rawHost.isEmpty,
            url.user == nil, url.password == nil
        else { return nil }
        var host = rawHost.lowercased()
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
        }
        if host.contains(":") {
            guard IPAddress(host) != nil else { return nil }
        } else {
            guard
                host.utf8.allSatisfy({ byte in
                    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                        || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
                })
            else { return nil }
        }
        let port = url.port ?? (scheme == "https" ? 443 : 80)
        guard (1...65_535).contains(port) else { return nil }
        self.text = withoutFragment
        self.rawHost = rawHost
        origin = WebOrigin(isSecure: scheme == "https", host: host, port: port)
        path = url.path
        hasExtras = url.query != nil || whole != withoutFragment
    }
}
