/// One entry of the ledger: money that a submission took.
public struct Charge: Hashable, Sendable {
    /// The number of the charge, from 1.
    public let sequence: Int
    /// The run that was paid for.
    public let runID: String
    /// The model of the run.
    public let model: String
    /// The prompt as it was sent.
    public let prompt: String
    /// The `conversationUUID` as it was sent.
    public let conversationUUID: String?
    /// The `X-Request-ID` of the submission.
    public let requestID: String
    /// What was taken, in millionths of the currency; a final cost corrects it.
    public internal(set) var amountMicros: Int64
    /// The currency.
    public let currency: Currency
    /// When it was taken, in milliseconds since the epoch.
    public let chargedAt: Int64
    /// When it was given back, in milliseconds since the epoch.
    public internal(set) var refundedAt: Int64?

    /// Whether the charge was given back.
    public var isRefunded: Bool { refundedAt != nil }
}

extension Charge {
    /// The charge as JSON.
    var json: JSONValue {
        [
            "sequence": .integer(sequence),
            "run_id": .string(runID),
            "model": .string(model),
            "prompt": .string(prompt),
            "conversation_uuid": .stringOrNull(conversationUUID),
            "request_id": .string(requestID),
            "cost_micros": .integer(amountMicros),
            "currency": .string(currency.rawValue),
            "charged_at": .string(CalendarText.rfc3339(chargedAt)),
            "refunded": .bool(isRefunded),
            "refunded_at": .stringOrNull(refundedAt.map { CalendarText.rfc3339($0) }),
        ]
    }
}
