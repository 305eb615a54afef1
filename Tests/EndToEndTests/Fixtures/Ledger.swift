import JSON

/// What the simulator was paid.
struct Ledger {
    struct Charge {
        let prompt: String
        let conversation: String
    }

    let charges: [Charge]
    let repeatedConversations: [String]
    let refundedMicros: Int

    init(_ json: JSONValue) {
        charges = (json["charges"]?.arrayValue ?? []).map {
            Charge(
                prompt: $0["prompt"]?.stringValue ?? "",
                conversation: $0["conversation_uuid"]?.stringValue ?? ""
            )
        }
        repeatedConversations = json["repeated_conversations"]?.objectValue?.names ?? ["missing"]
        refundedMicros = json["refunded_micros"]?.intValue ?? -1
    }

    /// How often a prompt was paid.
    func count(_ prompt: String) -> Int {
        charges.count { $0.prompt == prompt }
    }
}
