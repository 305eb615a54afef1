import Testing

@testable import NanoGPTSimulator

@Suite struct JSONReaderTests {
    @Test func readsAndWrites() throws {
        let text = #"{"a":[1,-2.5,1e3,true,false,null],"b":"\u00e9\ud83d\ude00\n\"\\/","c":{}}"#
        let value = try JSONReader.value(of: text.utf8)
        #expect(value["a"] == [1, -2.5, 1000, true, false, .null])
        #expect(value["b"] == "é😀\n\"\\/")
        #expect(try JSONReader.value(of: value.bytes) == value)
        #expect(String(decoding: JSONValue.string("\u{1}\t").bytes, as: UTF8.self) == #""\u0001\t""#)
    }

    @Test(arguments: [
        "", "{", "[1,]", "{\"a\":}", "{a:1}", "01", "1.", "--1", "\"\n\"", "\"\\x\"", "tru", "nul", "1 2",
        "\"\\u12\"", "+1",
        "\"abc", "[1 2]", ".5",
    ])
    func refuses(text: String) {
        #expect(throws: JSONReader.Failure.self) { try JSONReader.value(of: text.utf8) }
    }

    @Test func refusesEndlessNesting() {
        #expect(throws: JSONReader.Failure.self) {
            try JSONReader.value(of: Array(repeating: UInt8(ascii: "["), count: 100_000))
        }
    }
}
