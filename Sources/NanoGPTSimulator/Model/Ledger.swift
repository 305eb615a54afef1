/// All charges, and what they come to.
public struct Ledger: Hashable, Sendable {
    /// The charges, in the order in which they were made.
    public internal(set) var charges: [Charge] = []

    /// What was taken and not given back, in millionths of a USD; XNO is left out.
    public var netMicros: Int64 {
        charges.filter { $0.currency == .usd && !$0.isRefunded }.reduce(0) { $0 + $1.amountMicros }
    }

    /// The charges for one prompt.
    ///
    /// - Parameter prompt: The prompt as it was sent.
    /// - Returns: The charges, refunded ones too.
    public func charges(forPrompt prompt: String) -> [Charge] { charges.filter { $0.prompt == prompt } }

    /// The prompts that were charged more than once, with the number of charges.
    public var repeatedPrompts: [String: Int] { repeated { $0.prompt } }

    /// The `conversationUUID`s that were charged more than once, with the number of charges.
    public var repeatedConversations: [String: Int] { repeated { $0.conversationUUID } }

    private func repeated(by key: (Charge) -> String?) -> [String: Int] {
        var counts: [String: Int] = [:]
        for name in charges.compactMap(key) { counts[name, default: 0] += 1 }
        return counts.filter { $0.value > 1 }
    }
}

extension Ledger {
    /// The ledger as JSON.
    var json: JSONValue {
        let dollars = charges.filter { $0.currency == .usd }
        return [
            "count": .integer(charges.count),
            "charged_micros": .integer(dollars.reduce(0) { $0 + $1.amountMicros }),
            "refunded_micros": .integer(dollars.filter(\.isRefunded).reduce(0) { $0 + $1.amountMicros }),
            "net_micros": .integer(netMicros),
            "repeated_prompts": Self.json(repeatedPrompts),
            "repeated_conversations": Self.json(repeatedConversations),
            "charges": .array(charges.map(\.json)),
        ]
    }

    private static func json(_ counts: [String: Int]) -> JSONValue {
        .object(counts.sorted { $0.key < $1.key }.map { .init(name: $0.key, value: .integer($0.value)) })
    }
}
