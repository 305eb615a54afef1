import JobCore
import NIOHTTP1

/// What is needed to read an answer, besides the answer.
struct AnswerContext: Sendable {
    /// The API's origin, which relative URLs are relative to.
    let origin: WebOrigin
    /// Cleans the provider's words.
    let redactor: WordsRedactor
    /// The wall clock, for dates in `Retry-After`.
    let now: Timestamp

    /// A fault that an answer tells of.
    ///
    /// - Parameters:
    ///   - kind: The kind of fault.
    ///   - summary: What was refused or failed; the provider's words follow it.
    ///   - answer: The answer.
    ///   - envelope: What the answer says.
    ///   - charged: Whether money may have been taken.
    ///   - retryable: Whether the same call may succeed later.
    ///   - hint: The way out.
    /// - Returns: The fault.
    func fault(
        _ kind: JobFault.Kind,
        _ summary: String,
        answer: HTTPAnswer,
        envelope: ProviderErrorEnvelope,
        charged: JobFault.Charged,
        retryable: Bool = false,
        hint: String? = nil
    ) -> JobFault {
        // 200 is how a status tells of a failed run: nothing to say about HTTP then.
        var message = answer.status == 200 ? summary : "\(summary) (HTTP \(answer.status))"
        if let words = envelope.words ?? envelope.userMessage {
            message += ": \(words)"
        } else if envelope.isHTML {
            message += ": a web page instead of an answer of the API"
        }
        var fault = JobFault(kind, message, charged: charged, retryable: retryable, field: envelope.field)
        let hints = [hint, envelope.refundMessage.map { "The provider says: \($0)" }].compactMap { $0 }
        fault.hint = hints.isEmpty ? nil : hints.joined(separator: " ")
        fault.userMessage = envelope.userMessage ?? envelope.words
        fault.nsfw = envelope.nsfw
        fault.httpStatus = answer.status
        fault.requestID = requestID(of: answer)
        return fault
    }

    /// A fault without an answer.
    ///
    /// - Parameters:
    ///   - summary: What did not work.
    ///   - failure: Why there is no answer.
    ///   - charged: Whether money may have been taken.
    ///   - hint: The way out.
    /// - Returns: The fault.
    func fault(
        _ summary: String,
        failure: HTTPFailure,
        charged: JobFault.Charged,
        hint: String? = nil
    ) -> JobFault {
        let kind: JobFault.Kind =
            if case .tooLarge = failure { .providerError } else { .providerUnreachable }
        let words = redactor.clean(failure.words)
        return JobFault(kind, "\(summary): \(words)", charged: charged, retryable: true, hint: hint)
    }

    /// The `X-Request-ID` of an answer, to be quoted to the provider's support (FACTS section 8).
    func requestID(of answer: HTTPAnswer) -> String? {
        guard let id = answer.headers.first(name: "x-request-id"), !id.isEmpty, id.utf8.count <= 256,
            id.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        return redactor.clean(id)
    }

    /// How long the provider asks to wait (FACTS section 8): seconds or a date; a daily cap ends at midnight UTC.
    func retryAfter(_ answer: HTTPAnswer, _ envelope: ProviderErrorEnvelope) -> Duration? {
        // Nothing documented lasts longer than a day; whoever says more is asked again after one.
        let longest: Duration = .seconds(86_400)
        if let text = answer.headers.first(name: "retry-after")?.trimmed {
            if let seconds = Double(text), seconds.isFinite {
                // Clamped as a number first: what does not fit into an integer would end the daemon.
                return .milliseconds(Int64(min(max(seconds, 0), longest.seconds) * 1000))
            }
            if let date = Timestamp(httpDate: text) {
                return min(max(.zero, date - now), longest)
            }
        }
        return envelope.isDailyCap ? now.untilMidnight : nil
    }
}
