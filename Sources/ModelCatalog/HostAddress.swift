/// Tells from a host's name or literal address how far it reaches, without asking DNS.
enum HostAddress {
    /// How far a host reaches.
    enum Reach: Hashable, Sendable {
        /// A name or an address of the public net.
        case `public`
        /// This machine.
        case loopback
        /// A private, link-local or reserved address, or a name that is none in the public DNS.
        case `private`
        /// No host at all.
        case malformed
    }

    private static let privateSuffixes = [
        ".local", ".internal", ".localdomain", ".home.arpa", ".intranet", ".lan",
    ]

    /// Tells the reach of a host.
    ///
    /// - Parameter host: Lower case; IPv6 addresses in brackets.
    /// - Returns: How far it reaches.
    static func reach(of host: String) -> Reach {
        if host.hasPrefix("[") {
            guard host.hasSuffix("]"), let groups = ipv6(host.dropFirst().dropLast()) else {
                return .malformed
            }
            return reach(ipv6: groups)
        }
        let name = host.hasSuffix(".") ? host.dropLast() : host[...]
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.allSatisfy({ !$0.isEmpty && $0.utf8.count <= 63 && $0.utf8.allSatisfy(isNameByte) }),
            let last = labels.last
        else { return .malformed }
        // As in the URL standard, a host that ends in a number is an IPv4 address in one of its many spellings.
        if last.utf8.allSatisfy({ (48...57).contains($0) }) || number(last) != nil {
            return ipv4(labels).map(reach(ipv4:)) ?? .malformed
        }
        if name == "localhost" || name.hasSuffix(".localhost") { return .loopback }
        guard labels.count > 1, !privateSuffixes.contains(where: name.hasSuffix) else { return .private }
        return .public
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
            UInt8(ascii: "_"):
            true
        default: false
        }
    }

    // MARK: IPv4

    /// A part of an IPv4 address: decimal, octal with a leading 0, or hexadecimal.
    private static func number(_ text: Substring) -> UInt64? {
        if text.hasPrefix("0x") { return text.count == 2 ? 0 : UInt64(text.dropFirst(2), radix: 16) }
        if text.hasPrefix("0"), text.count > 1 { return UInt64(text, radix: 8) }
        return UInt64(text)
    }

    /// The address, where the last part may stand for all remaining bytes.
    private static func ipv4(_ labels: [Substring]) -> UInt32? {
        guard (1...4).contains(labels.count) else { return nil }
        var address: UInt64 = 0
        for (index, label) in labels.enumerated() {
            guard let part = number(label) else { return nil }
            let isLast = index == labels.count - 1
            let width = isLast ? UInt64(8 * (5 - labels.count)) : 8
            guard part < 1 << width else { return nil }
            address = address << width | part
        }
        return UInt32(address)
    }

    /// Ranges that are not public (IANA special-purpose registry): first address, prefix length.
    private static let privateRanges: [(UInt32, UInt32)] = [
        (0x0000_0000, 8), (0x0A00_0000, 8), (0x6440_0000, 10), (0xA9FE_0000, 16), (0xAC10_0000, 12),
        (0xC000_0000, 24), (0xC000_0200, 24), (0xC0A8_0000, 16), (0xC612_0000, 15), (0xC633_6400, 24),
        (0xCB00_7100, 24), (0xE000_0000, 3),
    ]

    private static func reach(ipv4 address: UInt32) -> Reach {
        if address >> 24 == 127 { return .loopback }
        let isPrivate = privateRanges.contains { start, length in
            address >> (32 - length) == start >> (32 - length)
        }
        return isPrivate ? .private : .public
    }

    // MARK: IPv6

    private static func ipv6(_ text: Substring) -> [UInt16]? {
        let halves = text.split(separator: "::", maxSplits: 1, omittingEmptySubsequences: false)
        guard let left = groups(halves[0]) else { return nil }
        guard halves.count == 2 else { return left.count == 8 ? left : nil }
        guard let right = groups(halves[1]), left.count + right.count <= 7 else { return nil }
        return left + Array(repeating: 0, count: 8 - left.count - right.count) + right
    }

    private static func groups(_ text: Substring) -> [UInt16]? {
        guard !text.isEmpty else { return [] }
        var groups: [UInt16] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if index == parts.count - 1, part.contains(".") {
                let bytes = part.split(separator: ".", omittingEmptySubsequences: false)
                guard bytes.count == 4, let address = ipv4(bytes) else { return nil }
                groups += [UInt16(address >> 16), UInt16(truncatingIfNeeded: address)]
            } else {
                guard part.count <= 4, let group = UInt16(part, radix: 16) else { return nil }
                groups.append(group)
            }
        }
        return groups
    }

    private static func reach(ipv6 groups: [UInt16]) -> Reach {
        let embedded = UInt32(groups[6]) << 16 | UInt32(groups[7])
        if groups[0..<7].allSatisfy({ $0 == 0 }), groups[7] == 1 { return .loopback }
        // IPv4-mapped, IPv4-compatible and NAT64 addresses reach as far as the IPv4 address inside.
        if groups[0..<5].allSatisfy({ $0 == 0 }), groups[5] == 0xFFFF || groups[5] == 0 {
            return reach(ipv4: embedded)
        }
        if groups[0] == 0x64, groups[1] == 0xFF9B, groups[2..<6].allSatisfy({ $0 == 0 }) {
            return reach(ipv4: embedded)
        }
        if groups[0] == 0x2002 { return reach(ipv4: UInt32(groups[1]) << 16 | UInt32(groups[2])) }
        // Only 2000::/3 is handed out; within it documentation, benchmarking and Teredo are not public.
        guard groups[0] & 0xE000 == 0x2000 else { return .private }
        if groups[0] == 0x2001, groups[1] == 0x0DB8 || groups[1] < 0x0200 { return .private }
        return .public
    }
}
