import JSON
import JobCore

/// Reads the lists of recent runs (E4) and the balances (E8).
struct AccountDecoder: Sendable {
    /// What is needed to read the answer.
    let context: AnswerContext

    // MARK: Recent runs

    /// The outcome of a look without a complete answer.
    ///
    /// - Parameter failure: Why there is none.
    /// - Returns: Always `.unavailable`.
    func look(_ failure: HTTPFailure) -> LookOutcome {
        .unavailable(
            context.fault(
                "no list of recent runs from \(context.origin)",
                failure: failure,
                charged: .unknown
            )
        )
    }

    /// The outcome of a look that was answered.
    ///
    /// Only a list counts: an unreadable answer must not be taken for the absence of a run.
    ///
    /// - Parameter answer: The answer.
    /// - Returns: Any outcome.
    func look(_ answer: HTTPAnswer) -> LookOutcome {
        if answer.status == 200, let value = JSONValue(tolerant: answer.body), let entries = entries(value) {
            let runs = entries.compactMap(run)
            if entries.isEmpty || !runs.isEmpty {
                return .runs(runs)
            }
        }
        let envelope = ProviderErrorEnvelope(answer, redactor: context.redactor)
        if isKeyRefused(answer, envelope) {
            return .unauthorized(fault(.providerUnauthorized, Self.keySummary, answer, envelope, .unknown))
        }
        if answer.status == 429 {
            return .rateLimited(
                fault(.providerRateLimited, "NanoGPT asks to slow down", answer, envelope, .unknown),
                retryAfter: context.retryAfter(answer, envelope)
            )
        }
        return .unavailable(
            fault(.providerError, "no usable list of recent runs from NanoGPT", answer, envelope, .unknown)
        )
    }

    /// The list: documented as `data[]`; `runs[]` and a bare array are what clients expect (FACTS section 10).
    private func entries(_ value: JSONValue) -> [JSONValue]? {
        value.arrayValue ?? value["data"]?.arrayValue ?? value["runs"]?.arrayValue
            ?? value["data"]?["runs"]?.arrayValue
    }

    private func run(_ entry: JSONValue) -> RecentRun? {
        guard let id = entry.first("runId", "id", "run_id", "requestId")?.identifier else { return nil }
        let uuid = entry.first("conversationUUID", "conversationUuid", "conversation_uuid")?.filledString
        return RecentRun(
            runID: id,
            model: entry.text("model"),
            status: entry.text("status"),
            createdAt: entry.first("createdAt", "created_at").flatMap(time),
            conversationUUID: uuid.map { AttemptUUID($0.trimmed) }
        )
    }

    /// A time as RFC 3339 text, or as milliseconds or seconds since 1970.
    private func time(_ value: JSONValue) -> Timestamp? {
        if let text = value.filledString, let time = Timestamp(rfc3339: text.trimmed) {
            return time
        }
        guard let number = value.doubleValue ?? value.stringValue.flatMap(Double.init), number > 0,
            number < 1e14
        else { return nil }
        // Milliseconds have had twelve digits since 1973, seconds will have eleven from the year 5138 on.
        return Timestamp(milliseconds: Int64(number < 1e11 ? number * 1000 : number))
    }

    // MARK: Balance

    /// The outcome of a balance request without a complete answer.
    ///
    /// - Parameter failure: Why there is none.
    /// - Returns: Always `.unavailable`.
    func balance(_ failure: HTTPFailure) -> BalanceOutcome {
        .unavailable(context.fault("no balance from \(context.origin)", failure: failure, charged: .no))
    }

    /// The outcome of a balance request that was answered.
    ///
    /// - Parameter answer: The answer.
    /// - Returns: Any outcome.
    func balance(_ answer: HTTPAnswer) -> BalanceOutcome {
        if answer.status == 200, let value = JSONValue(tolerant: answer.body) {
            let balances = [("usd_balance", "USD"), ("nano_balance", "XNO")].compactMap { name, currency in
                value.first(name).flatMap { PaymentDecoder.money($0, currency: currency) }
            }
            if !balances.isEmpty {
                return .balances(balances)
            }
        }
        let envelope = ProviderErrorEnvelope(answer, redactor: context.redactor)
        if isKeyRefused(answer, envelope) {
            return .unauthorized(fault(.providerUnauthorized, Self.keySummary, answer, envelope, .no))
        }
        let kind: JobFault.Kind = answer.status == 429 ? .providerRateLimited : .providerError
        return .unavailable(fault(kind, "no usable balance from NanoGPT", answer, envelope, .no))
    }

    // MARK: Models

    /// Why there is no list of models.
    ///
    /// - Parameter answer: The answer.
    /// - Returns: The fault.
    func modelsFault(_ answer: HTTPAnswer) -> JobFault {
        let envelope = ProviderErrorEnvelope(answer, redactor: context.redactor)
        if isKeyRefused(answer, envelope) {
            return fault(.providerUnauthorized, Self.keySummary, answer, envelope, .no)
        }
        let kind: JobFault.Kind = answer.status == 429 ? .providerRateLimited : .providerError
        return fault(kind, "no list of models from NanoGPT", answer, envelope, .no)
    }

    private static let keySummary = "NanoGPT does not accept the API key"

    private func isKeyRefused(_ answer: HTTPAnswer, _ envelope: ProviderErrorEnvelope) -> Bool {
        answer.status == 401 || answer.status == 403 && envelope.isAboutKey
    }

    private func fault(
        _ kind: JobFault.Kind,
        _ summary: String,
        _ answer: HTTPAnswer,
        _ envelope: ProviderErrorEnvelope,
        _ charged: JobFault.Charged
    ) -> JobFault {
        context.fault(
            kind,
            summary,
            answer: answer,
            envelope: envelope,
            charged: charged,
            retryable: true
        )
    }
}
