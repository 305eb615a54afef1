import FoundationEssentials
import JSON
import Testing

/// What is written in one pass is what Foundation's encoder writes, but for the order of members.
@Suite struct StreamEncoderTests {
    private enum Choice: Hashable, Codable {
        case bare
        case labelled(name: String?, count: Int)
        case wrapped(Inner)
    }

    private struct Inner: Hashable, Codable {
        var list: [Int8]
        var nested: [[String]]
        var table: [String: Bool]
        var missing: Double?
        var there: Float?
    }

    private struct Outer: Hashable, Codable {
        var text: String
        var flag: Bool
        var smallest: Int64
        var largest: UInt64
        var number: Double
        var choices: [Choice]
        var inner: Inner?
        var byKey: [Int: String]
        var optionals: [Int?]
    }

    /// Interleaves what it writes into containers that are open at the same time, as an encoder may.
    private struct Interleaved: Encodable {
        enum Key: String, CodingKey {
            case first, second, third, `super`
        }

        func encode(to encoder: any Encoder) throws {
            var object = encoder.container(keyedBy: Key.self)
            var nested = object.nestedContainer(keyedBy: Key.self, forKey: .first)
            try nested.encode("a", forKey: .first)
            var deeper = nested.nestedUnkeyedContainer(forKey: .second)
            try deeper.encode(1)
            try deeper.encodeNil()
            var deepest = deeper.nestedContainer(keyedBy: Key.self)
            try deepest.encode(true, forKey: .third)
            try deeper.encode("b")
            try nested.encodeNil(forKey: .third)
            try object.encode([1.5, -2e-9], forKey: .second)
            try Inner(list: [], nested: [[]], table: [:]).encode(to: object.superEncoder(forKey: .third))
            try "s".encode(to: object.superEncoder())
        }
    }

    private func canonical(_ bytes: some Sequence<UInt8>) throws -> String {
        var writer = JSONWriter()
        writer.canonicalValue(try JSONParser.parse(String(decoding: Array(bytes), as: UTF8.self)))
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private func expectAlike(_ value: some Encodable) throws {
        let expected = try canonical(JSONEncoder().encode(value))
        #expect(try canonical(JSONStreamEncoder.encode(value)) == expected)
    }

    @Test func valuesOfEveryKind() throws {
        let inner = Inner(
            list: [.min, 0, .max],
            nested: [["a"], [], ["b", ""]],
            table: ["yes": true, "no": false],
            there: 0.5
        )
        let outer = Outer(
            text: "quote \" backslash \\ slash / line \n tab \t bell \u{7} é 漢字 🎬",
            flag: true,
            smallest: .min,
            largest: .max,
            number: 1.0e21,
            choices: [
                .bare, .labelled(name: nil, count: 1), .labelled(name: "x", count: -1), .wrapped(inner),
            ],
            inner: inner,
            byKey: [7: "seven"],
            optionals: [1, nil]
        )
        try expectAlike(outer)
        let bytes = try JSONStreamEncoder.encode(outer)
        #expect(try JSONDecoder().decode(Outer.self, from: Data(bytes)) == outer)
        try expectAlike([outer, outer])
        try expectAlike(Interleaved())
    }

    @Test func topLevelValues() throws {
        #expect(try JSONStreamEncoder.encode("a/b") == Array(#""a/b""#.utf8))
        #expect(try JSONStreamEncoder.encode([Int]()) == Array("[]".utf8))
        #expect(try JSONStreamEncoder.encode(Int?.none) == Array("null".utf8))
        #expect(try JSONStreamEncoder.encode(0.25) == Array("0.25".utf8))
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity])
    func numbersThatJSONCannotSay(_ number: Double) {
        #expect(throws: EncodingError.self) { try JSONStreamEncoder.encode([number]) }
        #expect(throws: EncodingError.self) { try JSONStreamEncoder.encode(["a": Float(number)]) }
    }

    private struct Silent: Encodable {
        func encode(to encoder: any Encoder) {}
    }

    private struct Twofold: Encodable {
        func encode(to encoder: any Encoder) throws {
            var first = encoder.container(keyedBy: Interleaved.Key.self)
            try first.encode(1, forKey: .first)
            var second = encoder.container(keyedBy: Interleaved.Key.self)
            try second.encode(2, forKey: .second)
        }
    }

    /// What would come out as no JSON is an error, not a record that nobody can read.
    @Test func valuesThatDoNotWriteThemselvesOnce() {
        #expect(throws: EncodingError.self) { try JSONStreamEncoder.encode(["a": Silent()]) }
        #expect(throws: EncodingError.self) { try JSONStreamEncoder.encode([Silent(), Silent()]) }
        #expect(throws: EncodingError.self) { try JSONStreamEncoder.encode(Silent()) }
        #expect(throws: EncodingError.self) { try JSONStreamEncoder.encode([Twofold()]) }
    }
}
