import JSON
import Testing

/// What RFC 8259 allows, and nothing else.
@Suite struct ParserTests {
    @Test(arguments: [
        "null", "true", "false", "0", "-0", "1", "-1", "10", "0.5", "-0.5", "1e5", "1E5", "1e+5", "1e-5",
        "1.25e-10",
        "123456789012345678901234567890", "\"\"", "\"a\"", "\"é\"", "\"\u{1F600}\"", "\"\u{7F}\"",
        "\"\u{2028}\"",
        "[]", "[1]", "[1,2]", "[[]]", "{}", "{\"a\":1}", "{\"\":{}}", "{\"a\":[{\"b\":null}]}",
    ])
    func compactTextsComeBackAsTheyWere(_ text: String) throws {
        #expect(try JSONParser.parse(text).text == text)
    }

    @Test(arguments: [
        (" 1 ", "1"), ("\t\r\n[ 1 , 2 ]\n", "[1,2]"), ("{ \"a\" : 1 }", "{\"a\":1}"), ("[ ]", "[]"),
        ("{ }", "{}"),
    ])
    func whiteSpaceIsAllowedAround(_ text: String, _ compact: String) throws {
        #expect(try JSONParser.parse(text).text == compact)
    }

    @Test(arguments: [
        "", " ", "nul", "nullx", "True", "TRUE", "tru", "undefined", "NaN", "Infinity", "-Infinity", "-",
        "+1", "01", "-01", "00",
        "1.", ".5", "-.5", "1e", "1e+", "1.e5", "0x10", "1_000", "1,", "1 2", "[", "]", "[1", "[1,", "[1,]",
        "[,1]", "[1 2]",
        "[,]", "{", "}", "{,}", "{\"a\"", "{\"a\":", "{\"a\":}", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}",
        "{a:1}", "{'a':1}",
        "{1:1}", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{\"a\":1}}", "[1]]", "\"", "\"a", "'a'", "\"\\\"",
        "\"\n\"", "\"\t\"",
        "\"\u{0}\"", "\"\u{1F}\"", "\"\\x\"", "\"\\a\"", "\"\\u\"", "\"\\u12\"", "\"\\u12G4\"", "\"\\U0041\"",
        "\"\\u 041\"", "/**/1",
        "// a\n1", "\u{FEFF}1", "\u{A0}1", "[1\u{B}]", "\u{C}1", "1\0", "[\"a\" \"b\"]", "{\"a\"::1}", "١",
    ])
    func otherTextsAreRefused(_ text: String) {
        #expect(throws: JSONError.self, "\(text.debugDescription)") { _ = try JSONParser.parse(text) }
    }

    @Test(arguments: [
        ("\\\"", "\""), ("\\\\", "\\"), ("\\/", "/"), ("\\b", "\u{8}"), ("\\f", "\u{C}"), ("\\n", "\n"),
        ("\\r", "\r"),
        ("\\t", "\t"), ("\\u0041", "A"), ("\\u00e9", "\u{E9}"), ("\\u00E9", "\u{E9}"), ("\\u0000", "\0"),
        ("\\uFFFF", "\u{FFFF}"),
        ("\\ud83d\\ude00", "\u{1F600}"), ("\\uD834\\uDD1E", "\u{1D11E}"), ("\\uDBFF\\uDFFF", "\u{10FFFF}"),
        ("\\ud800", "\u{FFFD}"), ("\\udc00", "\u{FFFD}"), ("\\ud800x", "\u{FFFD}x"),
        ("\\ud800\\n", "\u{FFFD}\n"),
        ("\\ud800\\u0041", "\u{FFFD}A"), ("\\ud800\\ud83d\\ude00", "\u{FFFD}\u{1F600}"),
        ("\\udc00\\ud800", "\u{FFFD}\u{FFFD}"),
        ("a\\u0301", "a\u{301}"), ("é\\né", "é\né"),
    ])
    func escapesAreResolved(_ text: String, _ expected: String) throws {
        let value = try JSONParser.parse("\"\(text)\"").stringValue
        #expect(value.map { Array($0.unicodeScalars) } == Array(expected.unicodeScalars))
    }

    @Test(
        arguments: [
            [0x80], [0xC3], [0xC3, 0x28], [0xC0, 0xAF], [0xE2, 0x82], [0xE0, 0x80, 0xAF], [0xED, 0xA0, 0x80],
            [0xF0, 0x9F, 0x98],
            [0xF4, 0x90, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80], [0xFE], [0xFF],
        ] as [[UInt8]]
    )
    func invalidUTF8IsRefused(_ bytes: [UInt8]) {
        let quote = UInt8(ascii: "\"")
        for text in [[quote] + bytes + [quote], [quote] + Array("\\n".utf8) + bytes + [quote], bytes] {
            #expect(throws: JSONError.self) { _ = try JSONParser.parse(text) }
        }
    }

    @Test func faultsNameTheirPlace() {
        for (text, offset) in [("[1,x]", 3), ("{\"a\":1,}", 7), ("nul", 0), ("[1] 2", 4), ("{\"a\" 1}", 5)] {
            do {
                _ = try JSONParser.parse(text)
                Issue.record("\(text) was read")
            } catch {
                #expect(error.code == .syntax && error.offset == offset, "\(text): \(error)")
            }
        }
    }

    @Test(arguments: [1, 2, 64])
    func depthIsLimited(_ limit: Int) throws {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            func text(_ depth: Int) -> [UInt8] {
                Array(
                    (String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth))
                        .utf8
                )
            }
            _ = try JSONParser.parse(text(limit), maximumDepth: limit)
            do {
                _ = try JSONParser.parse(text(limit + 1), maximumDepth: limit)
                Issue.record("deeper than \(limit) was read")
            } catch {
                #expect(error.code == .tooDeep)
            }
        }
        // Neighbours are not deeper.
        _ = try JSONParser.parse(Array("[[],[],[[]]]".utf8), maximumDepth: 3)
    }

    @Test func millionsOfBracketsAreRefusedWithoutHarm() {
        #expect(throws: JSONError.self) {
            _ = try JSONParser.parse([UInt8](repeating: UInt8(ascii: "["), count: 2_000_000))
        }
    }

    @Test(arguments: [2, 31, 32, 33, 100])
    func duplicateMembersFollowThePolicy(_ members: Int) throws {
        var parts = (0..<members).map { "\"m\($0)\":\($0)" }
        parts.append("\"m1\":\"again\"")
        let text = Array("{\(parts.joined(separator: ","))}".utf8)
        let kept = try JSONParser.parse(text, duplicates: .keepLast)
        #expect(kept["m1"] == "again" && kept.objectValue?.names.count == members)
        #expect(kept.objectValue?.names[1] == "m1", "the first place, the last value")
        do {
            _ = try JSONParser.parse(text, duplicates: .reject)
            Issue.record("a duplicate was read")
        } catch {
            #expect(error.code == .duplicateMember)
        }
    }

    @Test func namesInDifferentObjectsAreNoDuplicates() throws {
        let text = Array(#"{"a":{"a":1},"b":[{"a":1},{"a":2}]}"#.utf8)
        _ = try JSONParser.parse(text, duplicates: .reject)
    }

    @Test func escapedNamesAreTheSameName() {
        #expect(throws: JSONError.self) {
            _ = try JSONParser.parse(Array(#"{"a":1,"\u0061":2}"#.utf8), duplicates: .reject)
        }
    }
}
