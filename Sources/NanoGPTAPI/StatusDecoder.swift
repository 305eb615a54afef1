import JSON
import JobCore

/// Reads the answer to a status request in every dialect of FACTS sections 4.1 to 4.3.
struct StatusDecoder: Sendable {
    /// What is needed to read the answer.
    let context: AnswerContext

    /// The outcome of a request without a complete answer: the run goes on, and is paid.
    ///
    /// - Parameter failure: Why there is none.
    /// - Returns: Always `.unavailable`.
    func outcome(of failure: HTTPFailure) -> StatusOutcome {
        .unavailable(context.fault("no status from \(context.origin)", failure: failure, charged: .yes))
    }

    /// The outcome of a request that was answered.
    ///
    /// - Parameter answer: The answer.
    /// - Returns: Any outcome.
    func outcome(of answer: HTTPAnswer) -> StatusOutcome {
        if answer.status == 200, let value = JSONValue(tolerant: answer.body), value.objectValue != nil,
            let report = report(value, answer: answer)
        {
            return .report(report)
        }
        let envelope = ProviderErrorEnvelope(answer, redactor: context.redactor)
        switch answer.status {
        case 401,
            403 where envelope.isAboutKey:
            return .unauthorized(
                context.fault(
                    .providerUnauthorized,
                    "NanoGPT does not accept the API key",
                    answer: answer,
                    envelope: envelope,
                    charged: .yes,
                    retryable: true,
                    hint: "Check the key and reload the daemon."
                )
            )
        case 403 where !envelope.isHTML, 404:
            // C16: right after a submission that can be the lag of a replica, later another key's job.
            return .missing(
                context.fault(
                    .providerError,
                    "NanoGPT does not know the run, or not as ours",
                    answer: answer,
                    envelope: envelope,
                    charged: .yes,
                    retryable: true
                )
            )
        case 429:
            let fault = context.fault(
                .providerRateLimited,
                "NanoGPT asks to slow down",
                answer: answer,
                envelope: envelope,
                charged: .yes,
                retryable: true
            )
            return .rateLimited(fault, retryAfter: context.retryAfter(answer, envelope))
        default:
            return .unavailable(
                context.fault(
                    .providerError,
                    "no usable status from NanoGPT",
                    answer: answer,
                    envelope: envelope,
                    charged: .yes,
                    retryable: true
                )
            )
        }
    }

    /// Whether the answer means that the endpoint is not there, rather than the run (C1).
    ///
    /// The API's own 404 reads "Video generation request not found"; frameworks and edges answer with a page, with
    /// nothing, or with a bare "Not Found".
    ///
    /// - Parameter answer: The answer.
    /// - Returns: True when the other endpoint should be asked.
    func isRouteMissing(_ answer: HTTPAnswer) -> Bool {
        guard answer.status != 405 else { return true }
        guard answer.status == 404 else { return false }
        let envelope = ProviderErrorEnvelope(answer, redactor: context.redactor)
        guard envelope.isJSON, let words = envelope.words?.lowercased() else { return true }
        let subjects = [
            "generation", "request not found", "run not found", "job not found", "video not found",
            "task not found",
            "runid", "requestid", "run id", "request id",
        ]
        return !subjects.contains { words.contains($0) }
    }

    // MARK: The report

    private func report(_ root: JSONValue, answer: HTTPAnswer) -> RunReport? {
        let data = root["data"]?.objectValue == nil ? root : root["data"] ?? root
        let layers = [data, root]
        let word = layers.lazy.compactMap { $0.text("status") ?? $0.text("state") }.first
        let urls = VideoURLFinder.urls(data: data, root: root).map(context.origin.absolute)
        let envelope = failureEnvelope(layers)
        let isCompleted = layers.lazy.compactMap { $0["isCompleted"]?.boolValue }.first
        let isSuccess = layers.lazy.compactMap { $0["isSuccess"]?.boolValue }.first
        let isTerminal = layers.contains { $0["terminal"]?.boolValue == true }

        let state: StatusWord
        if let word {
            // Both booleans are E12's; they overrule a word only where nothing was delivered.
            let known = StatusWord(word)
            state =
                known == .done && isCompleted == true && isSuccess == false && urls.isEmpty
                ? .failed : known == .unknown && isTerminal ? (urls.isEmpty ? .failed : .done) : known
        } else if isCompleted == true {
            state = isSuccess == false ? .failed : .done
        } else if isCompleted == false || isTerminal == false && urls.isEmpty && envelope.words == nil {
            state = .unknown
        } else if !urls.isEmpty {
            state = .done
        } else if isTerminal {
            state = .failed
        } else {
            // An error without any state: not the run's, but the status request's.
            return nil
        }
        let cost = state == .done ? PaymentDecoder.cost(in: layers, final: true) : nil
        return RunReport(
            status(state, urls: urls, envelope: envelope, word: word, answer: answer),
            word: word.map { String(context.redactor.clean($0).prefix(64)) },
            progress: progress(layers),
            cost: cost,
            currency: cost == nil ? nil : PaymentDecoder.currency(in: layers)
        )
    }

    private func status(
        _ state: StatusWord,
        urls: [String],
        envelope: ProviderErrorEnvelope,
        word: String?,
        answer: HTTPAnswer
    ) -> RunReport.Status {
        switch state {
        case .queued: return .queued
        case .running: return .running
        case .done: return .done(urls: urls)
        case .canceled: return .canceled
        case .unknown: return .unknown
        case .failed:
            let isPolicy = envelope.isAboutPolicy || word.map { $0.normalisedWord.contains("policy") } == true
            // FACTS section 6: the money was taken at the submission. The provider promises to give it back for a
            // failed job, but that was seen to fail, so the charge counts until the balance shows the refund.
            return .failed(
                context.fault(
                    isPolicy ? .providerContentPolicy : .providerError,
                    isPolicy ? "NanoGPT refused the content" : "the run failed at NanoGPT",
                    answer: answer,
                    envelope: envelope,
                    charged: .yes,
                    hint: "The provider refunds failed runs automatically; check the balance."
                )
            )
        }
    }

    /// What a failed run says about itself, from the inner object and the root (C6).
    private func failureEnvelope(_ layers: [JSONValue]) -> ProviderErrorEnvelope {
        var merged = JSONObject()
        for layer in layers.reversed() {
            for name in ["error", "userFriendlyError", "isNSFWError", "refundMessage", "message", "code"] {
                if let value = layer.first(name) {
                    merged[name] = value
                }
            }
        }
        return ProviderErrorEnvelope(.object(merged), redactor: context.redactor)
    }

    private func progress(_ layers: [JSONValue]) -> Int? {
        let value = layers.lazy.compactMap { $0.first("progress") }.first
        guard
            let number = value?.doubleValue
                ?? value?.stringValue.flatMap({ Double($0.prefix { $0 != "%" }) }),
            number.isFinite
        else { return nil }
        return Int(min(max(number, 0), 100))
    }
}
