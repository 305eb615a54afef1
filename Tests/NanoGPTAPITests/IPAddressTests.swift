import Testing

@testable import NanoGPTAPI

@Suite struct IPAddressTests {
    @Test(arguments: [
        "1.1.1.1", "93.184.216.34", "100.63.255.255", "100.128.0.0", "172.15.0.1", "172.32.0.1",
        "192.167.1.1",
        "198.20.0.1", "223.255.255.255", "2606:4700::1111", "2a00:1450:4001::200e", "::ffff:8.8.8.8",
        "64:ff9b::808:808", "2002:808:808::1",
    ])
    func `public addresses`(text: String) throws {
        #expect(try #require(IPAddress(text)).isPublic)
    }

    @Test(arguments: [
        "0.0.0.0", "10.1.2.3", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.0.1", "169.254.169.254",
        "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1",
        "198.19.255.255", "198.51.100.7", "203.0.113.7", "224.0.0.1", "239.255.255.250", "240.0.0.1",
        "255.255.255.255", "::", "::1", "::10.0.0.1", "::ffff:127.0.0.1", "::ffff:a00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:a00:1::", "2002:7f00:1::1", "fc00::1",
        "fd12:3456::1", "fe80::1", "fec0::1", "ff02::1", "3fff::1", "5f00::1",
    ])
    func `addresses that are not public`(text: String) throws {
        #expect(try !#require(IPAddress(text)).isPublic)
    }

    @Test(arguments: ["", "127.1", "0x7f.0.0.1", "2130706433", "1.2.3.4.5", "::1%lo", "[::1]", "localhost"])
    func `only the strict forms are literals`(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test func `text round trip`() {
        #expect(IPAddress("2606:4700:0:0::1111")?.description == "2606:4700::1111")
        #expect(IPAddress("1.2.3.4")?.description == "1.2.3.4")
    }

    @Test(arguments: [
        ("https://a.example/v.mp4?x=1#f", "https://a.example/v.mp4?x=1"),
        ("/api/x?y=1", "https://base.example/api/x?y=1"),
        ("//cdn.example/x", "https://cdn.example/x"),
        ("c.mp4", "https://base.example/dir/c.mp4"),
        ("?q=2", "https://base.example/dir/b?q=2"),
        ("https://exämple.com/x", "https://xn--exmple-cua.com/x"),
    ])
    func `addresses are resolved against the hop before`(text: String, expected: String) throws {
        let base = try #require(WebAddress("https://base.example/dir/b?z=1"))
        #expect(WebAddress(text, relativeTo: base)?.text == expected)
    }

    @Test(arguments: [
        "file:///etc/passwd", "ftp://a/b", "https://user@a/b", "https://a b/c", "https://", "javascript:1",
        "https://a/\u{7f}", "unix:///run/x", "http+unix://x/y", "https://a:0/",
        "https://a:70000/",
        "https://[fe80::1%25eth0]/x",
    ])
    func `what is no plain web address is refused`(text: String) {
        #expect(WebAddress(text) == nil)
    }
}
