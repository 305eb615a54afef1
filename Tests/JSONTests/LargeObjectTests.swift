import JSON
import Testing

/// What a client or a provider may send must cost time in proportion to its length.
@Suite struct LargeObjectTests {
    @Test(.timeLimit(.minutes(1)))
    func manyMembersAreReadInLinearTime() throws {
        func text(_ count: Int) -> [UInt8] {
            var text: [UInt8] = [UInt8(ascii: "{")]
            for index in 0..<count {
                text += Array("\(index == 0 ? "" : ",")\"member-\(index)\":0".utf8)
            }
            return text + [UInt8(ascii: "}")]
        }
        let clock = ContinuousClock()
        let small = text(1000)
        let large = text(8000)
        // The best of several, since other tests run beside this one.
        func best(_ text: [UInt8]) throws -> Duration {
            var best = Duration.seconds(60)
            for _ in 0..<5 {
                best = min(best, try clock.measure { _ = try JSONParser.parse(text) })
            }
            return best
        }
        let few = try best(small)
        let many = try best(large)
        // Eight times the text; a quadratic reader takes 64 times as long.
        #expect(many < few * 32)
    }

    @Test func namesThatDifferInTheirBytesAreTwoMembers() throws {
        let value = try JSONParser.parse(#"{"\u00e9":1,"e\u0301":2}"#)
        #expect(value.objectValue?.members.count == 2)
    }
}
