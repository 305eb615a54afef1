import Testing

@testable import NanoGPTAPI

@Suite struct WordsRedactorTests {
    @Test(arguments: [
        ("Insufficient balance", "Insufficient balance"),
        ("key \(testKeyText) is bad", "key [key removed] is bad"),
        ("key \(testKeyText.uppercased())!", "key [key removed]!"),
        ("id 0F8FAD5B-D9CB-469F-A165-70867728950E.", "id [key removed]."),
        ("other sk-nano-11111111-2222-3333-4444-555555555555 key", "other [key removed] key"),
        ("openai sk-proj-abcdefghijkl", "openai [key removed]"),
        ("Authorization: Bearer abcdefghijkl", "Authorization: [key removed]"),
        ("a task-force and disk-size-of-something", "a task-force and disk-size-of-something"),
        (
            "see https://r2.example/v.mp4?X-Amz-Signature=abc&b=c now",
            "see https://r2.example/v.mp4?[removed] now"
        ),
        (#"{"u":"https://a/b#c"}"#, #"{"u":"https://a/b?[removed]"}"#),
        ("https://user:pass@host/p", "https://host/p"),
        ("https://a/\(testKeyText)/x", "https://a/[key removed]/x"),
    ])
    func `secrets are removed and the rest stays`(text: String, expected: String) throws {
        #expect(WordsRedactor(key: try APIKey(testKeyText)).clean(text) == expected)
    }

    @Test func `a plain UUID as key is removed too`() throws {
        let redactor = WordsRedactor(key: try APIKey("0f8fad5b-d9cb-469f-a165-70867728950e"))
        #expect(redactor.clean("x 0f8fad5b-d9cb-469f-a165-70867728950e") == "x [key removed]")
    }

    @Test func `at most 1 KiB, cut between characters`() throws {
        let redactor = WordsRedactor(key: try APIKey(testKeyText))
        for filler in ["a", "ä", "€", "😀", testKeyText + " "] {
            for offset in 0..<4 {
                let text = String(repeating: "x", count: offset) + String(repeating: filler, count: 2000)
                let clean = redactor.clean(text)
                #expect(clean.utf8.count <= 1024)
                #expect(clean.utf8.count > 1015)
                #expect(!clean.contains("\u{FFFD}"))
                #expect(!clean.contains("0f8fad5b"))
            }
        }
        #expect(redactor.clean(String(repeating: "a", count: 1024)).utf8.count == 1024)
    }
}
