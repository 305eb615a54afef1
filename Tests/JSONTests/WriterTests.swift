import JSON
import Testing

/// What is written can be read, and is written the same way each time.
@Suite struct WriterTests {
    /// A small repeatable source of randomness.
    private struct Random: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ (state >> 29)
        }
    }

    private static func value(_ depth: Int, _ random: inout Random) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &random) {
        case 0: .null
        case 1: .bool(.random(using: &random))
        case 2: .number(JSONNumber(Int64.random(in: .min ... .max, using: &random)))
        case 3: .number(JSONNumber(Double.random(in: -1e20...1e20, using: &random)))
        case 4, 5: .string(text(&random))
        case 6: .array((0..<Int.random(in: 0...4, using: &random)).map { _ in value(depth - 1, &random) })
        default: .object(object(depth, &random))
        }
    }

    private static func object(_ depth: Int, _ random: inout Random) -> JSONObject {
        var object = JSONObject()
        for _ in 0..<Int.random(in: 0...5, using: &random) {
            object[text(&random)] = value(depth - 1, &random)
        }
        return object
    }

    private static func text(_ random: inout Random) -> String {
        var scalars = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...6, using: &random) {
            let limit: UInt32 = Bool.random(using: &random) ? 0x80 : 0x11_0000
            scalars.append(Unicode.Scalar(UInt32.random(in: 0..<limit, using: &random)) ?? "\"")
        }
        return String(scalars)
    }

    @Test(arguments: 0..<8)
    func whatIsWrittenIsReadBack(_ seed: UInt64) throws {
        var random = Random(state: seed)
        for _ in 0..<150 {
            let value = Self.value(5, &random)
            let text = value.text
            #expect(try JSONParser.parse(text) == value, "seed \(seed): \(text)")
            #expect(!text.utf8.contains { $0 < 0x20 }, "a line of its own")
            let canonical = value.canonicalBytes
            #expect(try JSONParser.parse(canonical).canonicalBytes == canonical, "seed \(seed)")
        }
    }

    /// Text is looked at in words of eight bytes: each place in a word, and what lies beside it.
    @Test func everyByteAtEveryPlace() throws {
        let specials = (UInt8(0)...0x1F).map { Unicode.Scalar($0) } + ["\"", "\\"]
        for neighbour in ["a", " ", "!", "#", "[", "]", "\u{7F}", "\u{80}", "é", "漢", "🎬"] {
            for place in 0..<18 {
                let around = String(repeating: neighbour, count: place)
                for special in specials {
                    let text = "\(around)\(special)\(around)"
                    let written = JSONValue.string(text).text
                    #expect(written.utf8.count > text.utf8.count + 2)
                    #expect(try JSONParser.parse(written) == .string(text))
                }
                #expect(JSONValue.string(around).text == "\"\(around)\"")
            }
        }
    }

    @Test(arguments: [
        ("\"", #""\"""#), ("\\", #""\\""#), ("/", #""/""#), ("\n\r\t", #""\n\r\t""#),
        ("\u{8}\u{C}\u{0}\u{1F}", #""\u0008\u000c\u0000\u001f""#),
        ("é\u{1F600}", "\"é\u{1F600}\""), ("\u{7F}", "\"\u{7F}\""), ("a\"b\\c", #""a\"b\\c""#),
    ])
    func onlyWhatMustBeIsEscaped(_ text: String, _ expected: String) {
        #expect(JSONValue.string(text).text == expected)
    }

    @Test(arguments: [
        "0.10", "1E400", "-0", "-0.0", "123456789012345678901234567890", "1.0", "5e-324", "0.1e1", "1e+05",
        "3.14159265358979323846264338327950288",
    ])
    func numbersStayAsTheyWereWritten(_ number: String) throws {
        let text = "{\"seed\":\(number),\"list\":[\(number)]}"
        let value = try JSONParser.parse(text)
        #expect(value.text == text)
        #expect(String(decoding: value.canonicalBytes, as: UTF8.self).contains("\"seed\":\(number)"))
    }

    @Test(
        arguments: [
            ("5", 5), ("5.0", 5), ("5e0", 5), ("-0", 0), ("9223372036854775807", Int.max),
            ("-9223372036854775808", Int.min), ("1e3", 1000),
            ("5.5", nil), ("1e400", nil), ("9223372036854775808", nil), ("1e-1", nil),
        ] as [(String, Int?)]
    )
    func integersAreExact(_ text: String, _ expected: Int?) throws {
        #expect(try JSONParser.parse(text).intValue == expected)
    }

    @Test func differentTextsAreDifferentNumbers() throws {
        #expect(try JSONParser.parse("5") != JSONParser.parse("5.0"))
        #expect(try JSONParser.parse("5") == 5)
        #expect(JSONValue.number(JSONNumber(Double.nan)).text == "0")
        #expect(JSONValue.number(JSONNumber(Double.infinity)).text == "0")
    }

    @Test func canonicalFormForgetsOrderAndSpace() throws {
        let one = try JSONParser.parse(#"{ "b" : [ 1 , { "y":1, "x":2 } ], "a":"\u0041", "aa":null }"#)
        let other = try JSONParser.parse(#"{"aa":null,"a":"A","b":[1,{"x":2,"y":1}]}"#)
        #expect(one.canonicalBytes == other.canonicalBytes)
        #expect(
            String(decoding: one.canonicalBytes, as: UTF8.self)
                == #"{"a":"A","aa":null,"b":[1,{"x":2,"y":1}]}"#
        )
        let swapped = try JSONParser.parse(#"{"aa":null,"a":"A","b":[{"x":2,"y":1},1]}"#)
        #expect(swapped.canonicalBytes != one.canonicalBytes, "the order of elements counts")
    }

    @Test func membersKeepTheirOrder() throws {
        let text = #"{"z":1,"a":2,"m":3}"#
        #expect(try JSONParser.parse(text).text == text)
        var object = try #require(JSONParser.parse(text).objectValue)
        object["a"] = nil
        object["z"] = "new"
        object["b"] = true
        object["nothing"] = nil
        #expect(JSONValue.object(object).text == #"{"z":"new","m":3,"b":true}"#)
        #expect(object["a"] == nil && object["m"] == 3)
    }

    @Test func commasAreTheWritersBusiness() {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("a", "x")
            writer.member("none", String?.none)
            writer.member("b", 1)
            writer.member("c", true)
            writer.name("d")
            writer.array { writer in
                writer.null()
                writer.object { _ in }
                writer.array { _ in }
                writer.raw(Array("1.50".utf8))
                writer.integer(Int64.min)
                writer.value(["k": [false]])
            }
            writer.member("e", UInt64.max)
        }
        let expected =
            #"{"a":"x","b":1,"c":true,"d":[null,{},[],1.50,-9223372036854775808,{"k":[false]}],"#
            + #""e":18446744073709551615}"#
        #expect(String(decoding: writer.bytes, as: UTF8.self) == expected)
        writer.removeAll()
        writer.bool(false)
        #expect(String(decoding: writer.bytes, as: UTF8.self) == "false")
    }

    @Test func valuesTellTheirKind() throws {
        let value = try JSONParser.parse(#"[null,true,1,"s",[],{"a":1.5}]"#)
        #expect(
            value.arrayValue?.map(\.kindName) == ["null", "boolean", "number", "string", "array", "object"]
        )
        #expect(value.arrayValue?.last?["a"]?.doubleValue == 1.5)
        #expect(value.arrayValue?[1].boolValue == true && value.arrayValue?[0].isNull == true)
        #expect(
            value["a"] == nil && value.stringValue == nil && value.objectValue == nil && value.intValue == nil
        )
    }
}
