import Testing

@testable import NanoGPTAPI

@Suite struct ConfigurationTests {
    @Test(arguments: [
        ("https://nano-gpt.com", "https://nano-gpt.com"),
        ("https://Nano-GPT.com/", "https://nano-gpt.com"),
        ("https://api.nano-gpt.com:443", "https://api.nano-gpt.com"),
        ("https://api.nano-gpt.com:8443", "https://api.nano-gpt.com:8443"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://localhost:1", "http://localhost:1"),
        ("http://[::1]:8080/", "http://[::1]:8080"),
    ])
    func `an origin is taken`(text: String, origin: String) throws {
        #expect(try NanoGPTConfiguration(baseURL: text, userAgent: "videogend/1").origin == origin)
    }

    @Test(arguments: [
        "", "nano-gpt.com", "ftp://nano-gpt.com", "https://", "https://nano-gpt.com/api", "https://a/?x=1",
        "https://user:secret@nano-gpt.com", "http://nano-gpt.com", "http://127.evil.example",
        "http://10.0.0.1",
        "https://nano gpt.com", "https://nano-gpt.com/#x",
    ])
    func `what is no origin is refused by name`(text: String) throws {
        let error = #expect(throws: NanoGPTAPIError.self) {
            try NanoGPTConfiguration(baseURL: text, userAgent: "videogend/1")
        }
        #expect(error?.code == .baseURLInvalid)
        #expect(error?.message.contains("'\(text)'") == true)
    }

    @Test func `settings out of range are refused`() {
        #expect(throws: NanoGPTAPIError.self) {
            try NanoGPTConfiguration(baseURL: "https://a", userAgent: "x", requestTimeout: .zero)
        }
        #expect(throws: NanoGPTAPIError.self) {
            try NanoGPTConfiguration(baseURL: "https://a", userAgent: "x\r\ny: z")
        }
        #expect(throws: NanoGPTAPIError.self) {
            try NanoGPTConfiguration(baseURL: "https://a", userAgent: "x", connectionsPerHost: 0)
        }
    }

    @Test func `a CA file that cannot be used is named`() throws {
        let configuration = try NanoGPTConfiguration(
            baseURL: "https://a",
            userAgent: "x",
            caFile: "/nonexistent/ca.pem"
        )
        let error = #expect(throws: NanoGPTAPIError.self) {
            try NanoGPTClient(configuration: configuration, key: APIKey("k-1234"), now: { testNow })
        }
        #expect(error?.code == .caFileUnusable)
        #expect(error?.message.contains("/nonexistent/ca.pem") == true)
    }

    @Test func `the key prints as a placeholder`() throws {
        let key = try APIKey("  \(testKeyText)\n")
        #expect(key.text == testKeyText)
        var dumped = ""
        dump(key, to: &dumped)
        dump([key], to: &dumped)
        for text in ["\(key)", String(reflecting: key), dumped, "\([key])", "\(Optional(key) as Any)"] {
            #expect(!text.contains("0f8fad5b"))
        }
    }

    @Test(arguments: ["", " \n", "a b", "a\r\nx: y", "ä", "a\u{0}b", String(repeating: "k", count: 5000)])
    func `an unusable key is refused without showing it`(text: String) {
        let error = #expect(throws: NanoGPTAPIError.self) { try APIKey(text) }
        #expect(error?.code == .keyInvalid)
        if text.count > 2 {
            #expect(error?.description.contains(text) == false)
        }
    }
}
