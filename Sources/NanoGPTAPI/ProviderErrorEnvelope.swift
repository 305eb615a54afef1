import JSON
import JobCore

/// What an error answer says, whichever of the envelopes of FACTS section 8 it comes in.
///
/// message = `error.message` ?? `error` as a string ?? `message` ?? the text; code = `error.code` ?? `error.type`;
/// the status is HTTP's, never the body's (C7).
struct ProviderErrorEnvelope: Hashable, Sendable {
    /// The provider's words, redacted.
    private(set) var words: String?
    /// Codes and types, lower case with underscores, the most telling first.
    private(set) var codes: [String] = []
    /// The field that is at fault (`error.param` of the OpenAI envelope).
    private(set) var field: String?
    /// `userFriendlyError`, redacted.
    private(set) var userMessage: String?
    /// `isNSFWError`.
    private(set) var nsfw: Bool?
    /// `refundMessage`, redacted.
    private(set) var refundMessage: String?
    /// `requiredBalance` as written.
    private(set) var requiredBalance: String?
    /// Whether the body is an x402 payment challenge (FACTS section 7).
    private(set) var isPaymentChallenge = false
    /// Whether the body is JSON, so that it is the API that speaks and not something in front of it.
    private(set) var isJSON = false
    /// Whether the body is a web page.
    private(set) var isHTML = false

    /// Reads the body of an answer.
    ///
    /// - Parameters:
    ///   - answer: The answer.
    ///   - redactor: Cleans the provider's words.
    init(_ answer: HTTPAnswer, redactor: WordsRedactor) {
        if let value = JSONValue(tolerant: answer.body) {
            self.init(value, redactor: redactor)
            isJSON = true
            return
        }
        self.init(.null, redactor: redactor)
        let text = String(decoding: answer.body, as: UTF8.self).trimmed
        isHTML = answer.mediaType?.contains("html") == true || text.hasPrefix("<")
        // JSON that breaks off is for machines, and nothing that a person could read as an answer.
        if !text.isEmpty, !isHTML, !text.hasPrefix("{"), !text.hasPrefix("[") {
            words = redactor.clean(text)
        }
    }

    /// Reads a JSON value: an error body, or the part of a status that tells of a failure.
    ///
    /// - Parameters:
    ///   - value: The value.
    ///   - redactor: Cleans the provider's words.
    init(_ value: JSONValue, redactor: WordsRedactor) {
        let root = value.arrayValue?.first ?? value
        let error = root["error"]
        let detail = error?.objectValue == nil ? nil : error
        let message =
            detail?.text("message") ?? detail?.text("error") ?? detail?.text("detail") ?? error?.filledString
            ?? root.text("message") ?? root.text("detail") ?? root.filledString
        words = message.map(redactor.clean)
        codes = [detail?["code"], detail?["type"], root["code"], root["type"]]
            .compactMap { $0?.filledString?.normalisedWord }
        field = detail?.text("param").map(redactor.clean)
        userMessage = (root.text("userFriendlyError") ?? detail?.text("userFriendlyError")).map(
            redactor.clean
        )
        nsfw = root["isNSFWError"]?.boolValue ?? detail?["isNSFWError"]?.boolValue
        refundMessage = root.text("refundMessage").map(redactor.clean)
        requiredBalance = (root["requiredBalance"] ?? detail?["requiredBalance"]).flatMap {
            $0.numberValue?.text ?? $0.filledString.map(redactor.clean)
        }
        isPaymentChallenge = root["payment"]?.objectValue != nil || root["x402Version"] != nil
    }

    // MARK: What it is about

    /// Whether the content is refused: the flag, a code, or the words (FACTS sections 8 and 10).
    var isAboutPolicy: Bool {
        if nsfw == true || codes.contains(where: { code in Self.policyCodes.contains { code.contains($0) } })
        {
            return true
        }
        return wordsContain(Self.policyWords)
    }

    /// Whether the key is refused, so that every job is concerned (FACTS section 2).
    var isAboutKey: Bool {
        if codes.contains(where: { $0.contains("api_key") || Self.keyCodes.contains($0) }) {
            return true
        }
        return wordsContain(["api key", "api_key", "apikey", "invalid session", "origin is not allowed"])
    }

    /// Whether a daily cap is reached, which ends at midnight UTC (FACTS section 6).
    var isDailyCap: Bool {
        codes.contains("daily_rpd_limit_exceeded") || codes.contains("daily_usd_limit_exceeded")
            || wordsContain(["midnight utc"])
    }

    /// The kind of fault for a definite "no" that is neither 401, 402 nor 429.
    func rejectionKind(status: Int) -> JobFault.Kind {
        if status == 413 {
            return .mediaInvalid
        }
        if isAboutPolicy {
            return .providerContentPolicy
        }
        if codes.contains("insufficient_balance") || codes.contains("insufficient_quota") {
            return .balanceInsufficient
        }
        if codes.contains("rate_limited") || codes.contains("rate_limit_error") {
            return .providerRateLimited
        }
        return .providerRejected
    }

    private func wordsContain(_ phrases: [String]) -> Bool {
        let said = [words, userMessage].compactMap { $0?.lowercased() }
        return said.contains { text in phrases.contains { text.contains($0) } }
    }

    private static let policyCodes = ["content_policy", "moderation", "nsfw", "safety", "content_filter"]
    private static let policyWords = [
        "content policy", "content policies", "policy violation", "violates our", "usage polic", "nsfw",
        "safety concern", "safety system", "safety filter", "moderation", "flagged", "inappropriate",
        "prohibited content", "sensitive content",
    ]
    private static let keyCodes: Set<String> = [
        "unauthorized", "unauthenticated", "authentication_error", "invalid_session",
    ]
}

extension JSONValue {
    /// Parses what the provider sent: a byte order mark is skipped, of repeated members the last one counts.
    init?(tolerant bytes: [UInt8]) {
        let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        let parsed = bytes.withUnsafeBytes { buffer in
            Result { () throws(JSONError) in
                try JSONParser.parse(
                    UnsafeRawBufferPointer(rebasing: buffer[start...]),
                    maximumDepth: 64,
                    duplicates: .keepLast
                )
            }
        }
        guard case .success(let value) = parsed else { return nil }
        self = value
    }

    /// The string, if it is one and not blank.
    var filledString: String? {
        stringValue.flatMap { $0.trimmed.isEmpty ? nil : $0 }
    }

    /// A member that is a string and not blank.
    func text(_ name: String) -> String? {
        self[name]?.filledString
    }

    /// The first of several members that is there and not `null`.
    func first(_ names: String...) -> JSONValue? {
        for name in names {
            if let value = self[name], !value.isNull {
                return value
            }
        }
        return nil
    }
}

extension String {
    /// The text without white space around it.
    var trimmed: String {
        guard let start = firstIndex(where: { !$0.isWhitespace }),
            let end = lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return String(self[start...end])
    }

    /// Lower case, with `_` for spaces and hyphens (FACTS 4.4).
    var normalisedWord: String {
        String(trimmed.lowercased().map { $0 == " " || $0 == "-" ? "_" : $0 })
    }
}
