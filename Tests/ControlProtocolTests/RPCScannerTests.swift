import ControlProtocol
import JSON
import Testing

/// Scans a text.
func scan(_ text: String, limits: ProtocolLimits = .standard) -> RPCMessage {
    scan(Array(text.utf8), limits: limits)
}

/// Scans bytes.
func scan(_ bytes: [UInt8], limits: ProtocolLimits = .standard) -> RPCMessage {
    bytes.withUnsafeBytes { RPCScanner.scan($0, limits: limits) }
}

/// The text of a range.
func text(_ line: String, _ range: Range<Int>?) -> String? {
    range.map { String(decoding: Array(line.utf8)[$0], as: UTF8.self) }
}

@Suite struct RPCScannerTests {
    @Test(arguments: [
        #"{"jsonrpc":"2.0","id":1,"method":"jobs.get","params":{"id":"x"}}"#,
        #" { "params" : {"id":"x"} , "method" : "jobs.get" , "id" : 1 , "jsonrpc" : "2.0" } "#,
        #"{"json\u0072pc":"2.\u0030","i\u0064":1,"method":"jobs\u002eget","params":{"id":"x"}}"#,
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"jobs.get\",\"params\":{\"id\":\"x\"}}\r",
        #"{"extra":[{"method":1}],"jsonrpc":"2.0","id":1,"method":"jobs.get","params":{"id":"x"}}"#,
    ])
    func findsTheParts(_ line: String) throws {
        guard case .call(let call) = scan(line) else {
            Issue.record("no call: \(scan(line))")
            return
        }
        #expect(call.method == .jobsGet)
        #expect(text(line, call.id) == "1")
        #expect(call.parameters == .named)
        #expect(text(line, call.parameterBytes) == #"{"id":"x"}"#)
    }

    @Test(arguments: [
        "1", "-1", "0", "12345678901234567890123", #""a""#, #""a\"b\u00e9""#, #""""#, "null", "-0",
    ])
    func keepsTheIDAsSent(_ id: String) {
        let line = #"{"jsonrpc":"2.0","method":"daemon.info","id":\#(id)}"#
        guard case .call(let call) = scan(line) else {
            Issue.record("no call")
            return
        }
        #expect(text(line, call.id) == id)
    }

    @Test(arguments: ["1.0", "1e2", "true", "false", "{}", "[1]", "1.5"])
    func refusesOtherIDs(_ id: String) {
        #expect(
            scan(#"{"jsonrpc":"2.0","method":"daemon.info","id":\#(id)}"#) == .invalid(.idType, id: nil)
        )
    }

    @Test func knowsANotification() {
        guard case .call(let call) = scan(#"{"jsonrpc":"2.0","method":"daemon.info"}"#) else {
            Issue.record("no call")
            return
        }
        #expect(call.id == nil)
    }

    @Test(arguments: [
        ("", RPCEnvelope.Parameters.none), (#","params":{}"#, .none), (#","params":[ ]"#, .none),
        (#","params":{"a":1}"#, .named), (#","params":[1]"#, .positional),
    ])
    func tellsKindsOfParameters(_ params: String, _ kind: RPCEnvelope.Parameters) {
        guard case .call(let call) = scan(#"{"jsonrpc":"2.0","method":"daemon.info"\#(params)}"#) else {
            Issue.record("no call")
            return
        }
        #expect(call.parameters == kind)
    }

    @Test(arguments: [
        (#"1"#, RPCFault.noObject), (#""x""#, .noObject), ("null", .noObject),
        ("[]", .emptyBatch), ("{}", .version),
        (#"{"jsonrpc":"1.0","method":"daemon.info"}"#, .version),
        (#"{"jsonrpc":2.0,"method":"daemon.info"}"#, .version),
        (#"{"jsonrpc":"2.0"}"#, .methodType),
        (#"{"jsonrpc":"2.0","method":1}"#, .methodType),
        (#"{"jsonrpc":"2.0","method":"daemon.info","params":"bar"}"#, .paramsType),
        (#"{"jsonrpc":"2.0","method":"daemon.info","params":null}"#, .paramsType),
        (#"{"jsonrpc":"2.0","method":"daemon.info","method":"jobs.get"}"#, .duplicateMember),
        (#"{"jsonrpc":"2.0","method":"daemon.info","meth\u006fd":"jobs.get"}"#, .duplicateMember),
    ])
    func refusesOtherShapes(_ line: String, _ fault: RPCFault) {
        #expect(scan(line) == .invalid(fault, id: nil))
    }

    @Test func echoesTheIDOfAWrongVersion() {
        let line = #"{"jsonrpc":"1.0","id":7,"method":"daemon.info"}"#
        guard case .invalid(.version, let id) = scan(line) else {
            Issue.record("not refused")
            return
        }
        #expect(text(line, id) == "7")
    }

    @Test func boundsTheID() {
        func line(_ count: Int) -> String {
            #"{"jsonrpc":"2.0","method":"daemon.info","id":"\#(String(repeating: "a", count: count - 2))"}"#
        }
        guard case .call = scan(line(4096)) else {
            Issue.record("refused")
            return
        }
        #expect(scan(line(4097)) == .invalid(.idTooLong, id: nil))
    }

    @Test func boundsNesting() {
        func line(_ depth: Int) -> String {
            // The envelope is one level.
            let opened = String(repeating: "[", count: depth - 1)
            let closed = String(repeating: "]", count: depth - 1)
            return #"{"jsonrpc":"2.0","method":"daemon.info","x":\#(opened)\#(closed)}"#
        }
        guard case .call = scan(line(64)) else {
            Issue.record("refused")
            return
        }
        #expect(scan(line(65)) == .invalid(.tooDeep, id: nil))
        #expect(scan(String(repeating: "[", count: 1_000_000)) == .invalid(.tooDeep, id: nil))
    }

    @Test func boundsABatch() {
        func line(_ count: Int, _ tail: String = "") -> String {
            let call = #"{"jsonrpc":"2.0","method":"daemon.info"}"#
            return "[" + Array(repeating: call, count: count).joined(separator: ",") + tail + "]"
        }
        guard case .batch(let members) = scan(line(64)) else {
            Issue.record("refused")
            return
        }
        #expect(members.count == 64)
        #expect(scan(line(65)) == .invalid(.batchTooLarge, id: nil))
        guard case .invalid(.syntax, nil) = scan(line(70, ",")) else {
            Issue.record("a broken line is a broken line")
            return
        }
    }

    @Test func keepsFaultsOfMembersApart() {
        let line = #"[1,{"jsonrpc":"2.0","method":"daemon.info","id":2},{"foo":"boo"},[]]"#
        guard case .batch(let members) = scan(line) else {
            Issue.record("no batch")
            return
        }
        #expect(members.count == 4)
        #expect(members[0] == .invalid(.noObject, id: nil))
        guard case .call = members[1] else {
            Issue.record("no call")
            return
        }
        #expect(members[2] == .invalid(.version, id: nil))
        #expect(members[3] == .invalid(.noObject, id: nil))
    }

    /// Every prefix of a line is a syntax error, never a crash or a call.
    @Test func refusesEveryPrefix() {
        let line = Array(
            #"[{"jsonrpc":"2.0","id":"é\u00e9😀","method":"jobs.get","params":{"a":[-1.5e+3,true,null]}}]"#
                .utf8
        )
        for count in 0..<line.count {
            guard case .invalid(.syntax, nil) = scan(Array(line[..<count])) else {
                Issue.record("prefix of \(count) bytes: \(scan(Array(line[..<count])))")
                return
            }
        }
    }

    /// The scanner and the parser are two programs for one grammar; on mangled lines they have to agree.
    @Test func agreesWithTheParser() {
        let seeds = [
            #"{"jsonrpc":"2.0","id":1,"method":"jobs.get","params":{"id":"0123456789abcdef"}}"#,
            #"{"jsonrpc":"2.0","id":"é\n\u00e9\ud83d\ude00","method":"x","params":{"a":[-0.5e-7,1E+2,{}]}}"#,
            #"[{"jsonrpc":"2.0","method":"é😀日本"},[],"\\\"/\b\f\n\r\t",true,false,null,-12]"#,
        ]
        let interesting: [UInt8] =
            Array(#"{}[]":,\/u0aE+-.etfn 19"#.utf8) + [
                0x00, 0x1F, 0x7F, 0x80, 0xBF, 0xC0, 0xC3, 0xE0, 0xED, 0xF0, 0xF4, 0xF5, 0xFF,
            ]
        var random = SplitMix(state: 42)
        var accepted = 0
        for _ in 0..<60_000 {
            var line = Array(seeds[Int(random.next() % UInt64(seeds.count))].utf8)
            for _ in 0..<(1 + Int(random.next() % 3)) {
                let place = Int(random.next() % UInt64(line.count))
                let byte = interesting[Int(random.next() % UInt64(interesting.count))]
                switch random.next() % 4 {
                case 0: line[place] = byte
                case 1: line.insert(byte, at: place)
                case 2: line.remove(at: place)
                default: line.swapAt(place, Int(random.next() % UInt64(line.count)))
                }
            }
            let isGood: Bool
            do {
                _ = try JSONParser.parse(line)
                isGood = true
                accepted += 1
            } catch {
                isGood = false
            }
            var isSyntax = false
            if case .invalid(.syntax, _) = scan(line) {
                isSyntax = true
            }
            guard isSyntax != isGood else {
                Issue.record("disagree on \(String(decoding: line, as: UTF8.self)) \(line)")
                return
            }
        }
        #expect(accepted > 1000)
    }
}

/// A small seeded generator, so that a failure can be repeated.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
