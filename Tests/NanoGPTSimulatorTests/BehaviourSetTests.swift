import Testing

@testable import NanoGPTSimulator

@Suite struct BehaviourSetTests {
    @Test func readsNamesAndValues() throws {
        let set = try BehaviourSet(parsing: " slow=30, Truncated ,rate_limited=2 ")
        #expect(set.number(.slow, default: 1) == 30)
        #expect(set.contains(.truncated))
        #expect(set.times(.rateLimited, default: 1) == 2)
        #expect(set.text == "rate-limited=2, slow=30, truncated")
    }

    @Test(arguments: ["nonsense", "slow=fast", "failed=2", "cost", "url-at=nowhere", "trickle=0"])
    func refusesWhatItDoesNotKnow(text: String) {
        #expect(throws: SimulatorError.self) { try BehaviourSet(parsing: text) }
    }

    @Test func readsMarkersInPrompts() throws {
        let prompt = "a cat [[simulate: slow=3]] on [[a mat]] [[Simulate: failed, truncated]] end"
        #expect(try PromptMarker.behaviours(in: prompt).text == "failed, slow=3, truncated")
        #expect(try PromptMarker.behaviours(in: "[[simulate: broken").isEmpty)
        #expect(throws: SimulatorError.self) { try PromptMarker.behaviours(in: "[[simulate: typo]]") }
    }

    @Test(arguments: Behaviour.allCases)
    func everyBehaviourIsFoundByItsName(behaviour: Behaviour) {
        #expect(Behaviour.named(behaviour.rawValue) == behaviour)
        #expect(!behaviour.summary.isEmpty)
    }
}
