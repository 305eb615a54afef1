import JSON
import JobCore

/// Decides what became of a paid request (CONTRACT 5.2): taken, refused, wrong, or unknown.
///
/// Only what certainly was not taken may be called so; every doubt is `.unknown`, since a second request would be
/// a second charge (the provider has no idempotency key, FACTS section 1).
struct SubmissionDecoder: Sendable {
    /// What is needed to read the answer.
    let context: AnswerContext

    /// The outcome of a request without a complete answer.
    ///
    /// - Parameters:
    ///   - failure: Why there is none.
    ///   - connected: Whether a connection was there for the request, so that bytes may have left.
    /// - Returns: Refused or unknown.
    func outcome(of failure: HTTPFailure, connected: Bool) -> SubmissionOutcome {
        guard connected else {
            return .refused(
                .unreachable(
                    context.fault(
                        "the request could not be sent to \(context.origin)",
                        failure: failure,
                        charged: .no
                    )
                )
            )
        }
        return .unknown(
            context.fault(
                "no answer to the submission from \(context.origin)",
                failure: failure,
                charged: .unknown,
                hint: Self.unknownHint
            )
        )
    }

    /// The outcome of a request that was answered.
    ///
    /// - Parameter answer: The answer.
    /// - Returns: Any outcome.
    func outcome(of answer: HTTPAnswer) -> SubmissionOutcome {
        if (200...299).contains(answer.status) {
            return acceptance(answer)
        }
        let envelope = ProviderErrorEnvelope(answer, redactor: context.redactor)
        switch answer.status {
        case 401: return .refused(.unauthorized(keyFault(answer, envelope)))
        case 402: return .refused(.balance(balanceFault(answer, envelope)))
        case 403 where envelope.isAboutKey && !envelope.isAboutPolicy:
            return .refused(.unauthorized(keyFault(answer, envelope)))
        case 429:
            let fault = context.fault(
                .providerRateLimited,
                "NanoGPT asks to slow down",
                answer: answer,
                envelope: envelope,
                charged: .no,
                retryable: true
            )
            return .refused(.rateLimited(fault, retryAfter: context.retryAfter(answer, envelope)))
        case 408, 409, 425, 499: return .unknown(unknownFault(answer, envelope))
        case 400...499: return .rejected(rejection(answer, envelope))
        default: return .unknown(unknownFault(answer, envelope))
        }
    }

    /// The run of a 2xx answer: any with an id counts (C11), whatever its status word says (C12).
    private func acceptance(_ answer: HTTPAnswer) -> SubmissionOutcome {
        let value = JSONValue(tolerant: answer.body) ?? .null
        let layers = [value, value["data"] ?? .null]
        let id = layers.lazy.compactMap { $0.first("runId", "id", "run_id", "taskId")?.identifier }.first
        guard let id else {
            let envelope = ProviderErrorEnvelope(answer, redactor: context.redactor)
            return .unknown(
                context.fault(
                    .providerError,
                    "NanoGPT answered the submission without a run id",
                    answer: answer,
                    envelope: envelope,
                    charged: .unknown,
                    hint: Self.unknownHint
                )
            )
        }
        return .accepted(
            AcceptedRun(
                runID: id,
                cost: PaymentDecoder.cost(in: layers, final: false),
                currency: PaymentDecoder.currency(in: layers),
                remainingBalance: PaymentDecoder.money("remainingBalance", in: layers),
                requestID: context.requestID(of: answer)
            )
        )
    }

    private func keyFault(_ answer: HTTPAnswer, _ envelope: ProviderErrorEnvelope) -> JobFault {
        context.fault(
            .providerUnauthorized,
            "NanoGPT does not accept the API key",
            answer: answer,
            envelope: envelope,
            charged: .no,
            retryable: true,
            hint: "Check the key and reload the daemon."
        )
    }

    private func balanceFault(_ answer: HTTPAnswer, _ envelope: ProviderErrorEnvelope) -> JobFault {
        var hint = "Add money to the account; the job is sent when the balance shows more."
        if let required = envelope.requiredBalance {
            hint = "The provider wants a balance of \(required). " + hint
        }
        if envelope.isPaymentChallenge {
            // FACTS section 7: a keyed daemon needs no x402, and code never pays a challenge.
            hint += " The offered payment challenge is not followed."
        }
        return context.fault(
            .balanceInsufficient,
            "the balance at NanoGPT does not suffice",
            answer: answer,
            envelope: envelope,
            charged: .no,
            retryable: true,
            hint: hint
        )
    }

    private func rejection(_ answer: HTTPAnswer, _ envelope: ProviderErrorEnvelope) -> JobFault {
        let kind = envelope.rejectionKind(status: answer.status)
        let summary: String
        var hint: String?
        switch kind {
        case .mediaInvalid:
            // FACTS section 3, size limits: the edge refuses the body without saying why.
            summary = "the request is too large for NanoGPT"
            hint =
                "Inline files must be 4 MB or smaller; host larger ones elsewhere and pass their https URL."
        case .providerContentPolicy:
            summary = "NanoGPT refuses the content"
            hint = "Change the prompt or the media."
        default:
            summary = "NanoGPT refuses the request"
            if !envelope.isJSON {
                hint = "The answer is not the API's own: a proxy or firewall in between may have sent it."
            }
        }
        return context.fault(
            kind,
            summary,
            answer: answer,
            envelope: envelope,
            charged: .no,
            retryable: !envelope.isJSON && kind == .providerRejected,
            hint: hint
        )
    }

    private func unknownFault(_ answer: HTTPAnswer, _ envelope: ProviderErrorEnvelope) -> JobFault {
        context.fault(
            .providerError,
            "NanoGPT's answer does not tell whether the request was taken",
            answer: answer,
            envelope: envelope,
            charged: .unknown,
            hint: Self.unknownHint
        )
    }

    private static let unknownHint = "The request may have been taken; the daemon looks for the run."
}

extension JSONValue {
    /// An opaque identifier (C10): a string that is not blank, or a number as written.
    var identifier: String? {
        guard let text = filledString ?? numberValue?.text, text.utf8.count <= 512 else { return nil }
        return text
    }
}
