import Glibc

/// An IPv4 or IPv6 address, and whether a link from the provider may lead there.
struct IPAddress: Hashable, Sendable, CustomStringConvertible {
    /// 4 or 16 bytes in network order.
    let bytes: [UInt8]

    /// Wraps bytes; only 4 or 16 of them are an address.
    init?(bytes: [UInt8]) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        self.bytes = bytes
    }

    /// Reads the strict text forms of `inet_pton`; short forms such as `127.1` are names, which are resolved.
    init?(_ text: String) {
        var v4 = in_addr()
        if inet_pton(AF_INET, text, &v4) == 1 {
            bytes = withUnsafeBytes(of: &v4) { Array($0) }
            return
        }
        var v6 = in6_addr()
        guard inet_pton(AF_INET6, text, &v6) == 1 else { return nil }
        bytes = withUnsafeBytes(of: &v6) { Array($0) }
    }

    /// The address as text, IPv6 without brackets.
    var description: String {
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = bytes.count == 4 ? AF_INET : AF_INET6
        let written = bytes.withUnsafeBytes { source in
            inet_ntop(family, source.baseAddress, &buffer, socklen_t(buffer.count)) != nil
        }
        guard written else { return "?" }
        return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Whether it is 127.0.0.0/8 or ::1.
    var isLoopback: Bool {
        bytes.count == 4 ? bytes[0] == 127 : bytes == Array(repeating: 0, count: 15) + [1]
    }

    /// Whether it is a global unicast address: not private, shared (CGNAT), local, multicast, documentation or
    /// reserved, also not hidden in an IPv6 form that carries an IPv4 address (IANA special-purpose registries).
    var isPublic: Bool {
        bytes.count == 4 ? Self.isPublicIPv4(bytes[...]) : Self.isPublicIPv6(bytes)
    }

    private static func isPublicIPv4(_ address: ArraySlice<UInt8>) -> Bool {
        let value = address.reduce(0 as UInt32) { $0 << 8 | UInt32($1) }
        let blocked: [(network: UInt32, prefix: UInt32)] = [
            (0x0000_0000, 8),  // this network
            (0x0A00_0000, 8),  // private
            (0x6440_0000, 10),  // shared address space of carriers
            (0x7F00_0000, 8),  // loopback
            (0xA9FE_0000, 16),  // link local, cloud metadata services
            (0xAC10_0000, 12),  // private
            (0xC000_0000, 24),  // protocol assignments
            (0xC000_0200, 24),  // documentation
            (0xC058_6300, 24),  // 6to4 relays, withdrawn
            (0xC0A8_0000, 16),  // private
            (0xC612_0000, 15),  // benchmarks
            (0xC633_6400, 24),  // documentation
            (0xCB00_7100, 24),  // documentation
            (0xE000_0000, 4),  // multicast
            (0xF000_0000, 4),  // reserved, broadcast
        ]
        return !blocked.contains { value >> (32 - $0.prefix) == $0.network >> (32 - $0.prefix) }
    }

    private static func isPublicIPv6(_ address: [UInt8]) -> Bool {
        // IPv4 through IPv6: mapped (::ffff:0:0/96), compatible (::/96), NAT64 (64:ff9b::/96), 6to4 (2002::/16).
        if address[..<10].allSatisfy({ $0 == 0 }), address[10...11] == [0xFF, 0xFF] {
            return isPublicIPv4(address[12...])
        }
        if address[..<12] == [0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0] {
            return isPublicIPv4(address[12...])
        }
        if address[..<2] == [0x20, 0x02] {
            return isPublicIPv4(address[2..<6])
        }
        // Everything else that is not 2000::/3 is not global unicast: unspecified, loopback, ULA, link local,
        // site local, multicast, discard only, local NAT64.
        guard address[0] >> 5 == 1 else { return false }
        let isProtocolAssignment = address[0] == 0x20 && address[1] == 0x01 && address[2] < 0x02
        let isDocumentation =
            address[..<4] == [0x20, 0x01, 0x0D, 0xB8] || (address[..<2] == [0x3F, 0xFF] && address[2] < 0x10)
        return !isProtocolAssignment && !isDocumentation
    }
}
