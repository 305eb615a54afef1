import HTTPTypes

extension SimulatorState {
    /// What the behaviours answer instead of making a run; nil makes it.
    mutating func refusal(of order: Order, at now: Int64) -> Reply? {
        let behaviours = order.behaviours
        if behaviours.contains(.balance), let reply = balanceRefusal(of: order) { return reply }
        if takes(.policy, of: order, default: .max) { return policyRefusal(behaviours.value(of: .policy)) }
        if takes(.invalid, of: order, default: .max) {
            return Self.invalidRefusal(order.model, behaviours.value(of: .invalid))
        }
        if takes(.tooLarge, of: order, default: .max) { return Reply(status: .contentTooLarge) }
        if takes(.unauthorized, of: order, default: 1) {
            guard behaviours.value(of: .unauthorized) == "missing" else {
                return .error(.unauthorized, "Invalid session")
            }
            return .typedError(
                .unauthorized,
                "No API key provided",
                type: "invalid_request_error",
                code: "missing_api_key"
            )
        }
        if takes(.forbidden, of: order, default: 1) {
            return .typedError(
                .forbidden,
                "This API key is not allowed from this origin",
                type: "invalid_request_error",
                code: "api_key_origin_not_allowed"
            )
        }
        if let reply = limitRefusal(of: order, at: now) { return reply }
        return ambiguousRefusal(of: order)
    }

    /// Refuses as long as the balance is not more than at the first refusal of the prompt.
    private mutating func balanceRefusal(of order: Order) -> Reply? {
        let form = order.behaviours.value(of: .balance)
        let key = "balance \(order.prompt)"
        let present = Int(clamping: account[.usd])
        if form != "always", let refusedAt = refusals[key], present > refusedAt { return nil }
        refusals[key] = refusals[key] ?? present
        let status = HTTPResponse.Status(code: 402, reasonPhrase: "Payment Required")
        switch form {
        case "required": return Self.insufficientBalance(order.costMicros)
        case "object": return .typedError(status, "Insufficient balance", type: "INSUFFICIENT_BALANCE")
        case "skills":
            let error: JSONValue = [
                "message": "Insufficient balance", "type": "insufficient_balance", "code": 402,
            ]
            return .json(["error": error], status)
        case "challenge": return .json(challenge(of: order), status)
        default: return .error(status, "Insufficient balance")
        }
    }

    /// The offer to pay for one request without an account (x402); what it names is answered by no route here.
    private func challenge(of order: Order) -> JSONValue {
        let offer: JSONValue = [
            "version": "1", "paymentId": .string("pay_\(order.ordinal)"), "requestHash": "0",
            "amountUsd": .number(Double(order.costMicros) / 1_000_000),
            "statusUrl": .string("\(baseURL)/api/x402/status/pay_\(order.ordinal)"),
            "completeUrl": .string("\(baseURL)/api/x402/complete/pay_\(order.ordinal)"),
        ]
        return [
            "error": [
                "message": "Payment required", "type": "insufficient_quota", "code": "insufficient_quota",
            ],
            "payment": offer, "x402Version": 1, "accepts": .array([]),
        ]
    }

    /// The same refusal in the forms of errors that the documents show.
    private static func invalidRefusal(_ model: String, _ form: String?) -> Reply {
        let words = "Invalid request for \(model)"
        switch form {
        case "openai":
            return .typedError(
                .badRequest,
                words,
                type: "invalid_request_error",
                code: "invalid_parameter"
            )
        case "integer": return .statusError(.badRequest, words)
        case "message": return .json(["message": .string(words)], .badRequest)
        case "text": return Reply(status: .badRequest, body: .bytes(Array(words.utf8)))
        default: return .error(.badRequest, words)
        }
    }

    private func policyRefusal(_ form: String?) -> Reply {
        switch form {
        case "refund":
            .typedError(
                .badRequest,
                "Your prompt was blocked due to safety concerns. Please modify your prompt.",
                type: "CONTENT_POLICY_VIOLATION",
                and: [.init(name: "refundMessage", value: "You have not been charged for this request.")]
            )
        case "moderation":
            .typedError(
                .badRequest,
                "Your request was blocked by content moderation.",
                type: "invalid_request_error",
                code: "content_policy_violation",
                and: [.init(name: "moderation", value: ["flagged": true])]
            )
        default:
            .typedError(
                .badRequest,
                "Your prompt was blocked due to safety concerns. Please modify your prompt.",
                type: "CONTENT_POLICY_VIOLATION",
                and: [.init(name: "status", value: 400)]
            )
        }
    }

    private mutating func limitRefusal(of order: Order, at now: Int64) -> Reply? {
        let value = order.behaviours.value(of: .retryAfter)
        let seconds = Int64((value.flatMap { Double($0) } ?? 2).rounded(.up))
        let limit = Reply.error(
            .tooManyRequests,
            "Rate limit exceeded. Please wait before generating another video."
        )
        let daily = Reply.typedError(
            .tooManyRequests,
            "Daily request limit exceeded (1000/1000). Resets at midnight UTC.",
            type: "rate_limit_error",
            code: "daily_rpd_limit_exceeded"
        )
        if takes(.rateLimited, of: order, default: 1) {
            let isTyped = order.behaviours.value(of: .rateLimited) == "typed"
            let reply =
                isTyped
                ? Reply.typedError(.tooManyRequests, "Rate limit exceeded", type: "RATE_LIMITED") : limit
            return value == "none" ? reply : reply.with(.retryAfter, String(seconds))
        }
        if takes(.rateLimitedDate, of: order, default: 1) {
            // A date has whole seconds: one is added so that it never is too early.
            return limit.with(.retryAfter, CalendarText.http(now + seconds * 1000 + 999))
        }
        if takes(.dailyLimit, of: order, default: 1) {
            return value == "none" ? daily : daily.with(.retryAfter, String(seconds))
        }
        return nil
    }

    /// Answers from which a client cannot know that no run was made.
    private mutating func ambiguousRefusal(of order: Order) -> Reply? {
        if takes(.resetBeforeAccept, of: order, default: 1) { return .reset }
        if takes(.errorBeforeAccept, of: order, default: 1) {
            return .error(.serviceUnavailable, "The service is temporarily unavailable")
        }
        if takes(.gatewayBeforeAccept, of: order, default: 1) {
            return .html(.badGateway, title: "502 Bad Gateway")
        }
        if takes(.redirectBeforeAccept, of: order, default: 1) {
            return Reply(status: .temporaryRedirect).with(.location, "\(baseURL)/api/generate-video")
        }
        if let seconds = order.behaviours.number(.timeoutBeforeAccept, default: 120),
            takesOnce(.timeoutBeforeAccept, of: order)
        {
            return Reply.html(.gatewayTimeout, title: "504 Gateway Time-out").after(seconds: seconds)
        }
        return nil
    }

    /// Takes one of the times that a behaviour applies to a prompt.
    mutating func takes(_ behaviour: Behaviour, of order: Order, default count: Int) -> Bool {
        guard let times = order.behaviours.times(behaviour, default: count) else { return false }
        let key = "\(behaviour.rawValue) \(order.prompt)"
        guard refusals[key, default: 0] < times else { return false }
        refusals[key, default: 0] += 1
        return true
    }

    private mutating func takesOnce(_ behaviour: Behaviour, of order: Order) -> Bool {
        let key = "\(behaviour.rawValue) \(order.prompt)"
        guard refusals[key] == nil else { return false }
        refusals[key] = 1
        return true
    }
}
