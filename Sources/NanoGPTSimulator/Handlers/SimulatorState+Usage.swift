import HTTPTypes

extension SimulatorState {
    /// The subscription: there is none.
    func subscription() -> Reply {
        let none: JSONValue = ["used": 0, "remaining": 0, "percentUsed": 0, "resetAt": 0]
        return .json([
            "active": false, "limits": ["daily": 0, "monthly": 0], "enforceDailyLimit": false, "daily": none,
            "monthly": none, "period": ["currentPeriodEnd": .null], "state": "inactive", "graceUntil": .null,
        ])
    }

    /// What was spent so far.
    mutating func usage(at now: Int64) -> Reply {
        settle(at: now)
        let charges = ledger.charges.filter { $0.currency == .usd }
        let total = charges.reduce(0) { $0 + $1.amountMicros }
        let refunded = total - ledger.netMicros
        return .json([
            "totals": [
                "requests": .integer(charges.count),
                "costUsd": .number(Double(total) / 1_000_000),
                "refundedUsd": .number(Double(refunded) / 1_000_000),
                "netCostUsd": .number(Double(ledger.netMicros) / 1_000_000),
            ],
            "byDay": [], "byModel": [], "byDayModel": [],
        ])
    }

    /// What one request cost, by its `X-Request-ID`, within a day.
    mutating func billing(_ request: APIRequest, at now: Int64) -> Reply {
        settle(at: now)
        let id = String(request.path.dropFirst("/api/v1/usage/requests/".count))
        let day: Int64 = 86_400_000
        let charges = ledger.charges.filter { $0.requestID == id && $0.chargedAt > now - day }
        guard let charge = charges.first else {
            return Reply.typedError(.notFound, "No billing record for this request", type: "not_found_error")
                .with(.retryAfter, "30")
        }
        guard charges.count == 1 else {
            return .typedError(
                .conflict,
                "The request id is ambiguous",
                type: "invalid_request_error",
                code: "ambiguous_request_id"
            )
        }
        return .json([
            "object": "request_billing",
            "request_id": .string(id),
            "created_at": .string(CalendarText.rfc3339(charge.chargedAt)),
            "expires_at": .string(CalendarText.rfc3339(charge.chargedAt + day)),
            "as_of": .string(CalendarText.rfc3339(now)),
            "cost": .string(Account(micros: [charge.currency: charge.amountMicros]).text(charge.currency)),
            "currency": .string(charge.currency.rawValue),
            "cost_scope": "primary_charge",
        ])
    }
}
