import JSON
import JobCore
import JobEngine
import Testing

/// One row of the table of errors: what the simulator answers to a submission, and what that means.
struct ErrorRow: Sendable, CustomTestStringConvertible {
    enum Outcome: Sendable {
        case rejected, unauthorized, balance, rateLimited, unknown
    }

    let behaviour: String
    let status: Int
    let outcome: Outcome
    let kind: JobFault.Kind
    /// Part of the message.
    let words: String
    /// The words for the end user; the same where there are no others.
    let userMessage: String?
    var model = "hunyuan-video"
    var fields: JSONValue = [:]
    /// How often it costs.
    var charges = 0

    var testDescription: String { "\(status) \(behaviour.isEmpty ? model : behaviour)" }

    func matches(_ outcome: SubmissionOutcome) -> Bool {
        switch (self.outcome, outcome) {
        case (.rejected, .rejected), (.unauthorized, .refused(.unauthorized)),
            (.balance, .refused(.balance)), (.rateLimited, .refused(.rateLimited)), (.unknown, .unknown):
            true
        default: false
        }
    }

    private static let blocked = "Your prompt was blocked due to safety concerns. Please modify your prompt."
    private static let slow = "Rate limit exceeded. Please wait before generating another video."
    private static let poor = "Insufficient balance"

    private static func invalid(_ behaviour: String) -> ErrorRow {
        let words = "Invalid request for hunyuan-video"
        return ErrorRow(
            behaviour: behaviour,
            status: 400,
            outcome: .rejected,
            kind: .providerRejected,
            words: words,
            userMessage: words
        )
    }

    private static func policy(_ behaviour: String, _ words: String) -> ErrorRow {
        ErrorRow(
            behaviour: behaviour,
            status: 400,
            outcome: .rejected,
            kind: .providerContentPolicy,
            words: words,
            userMessage: words
        )
    }

    private static func key(_ behaviour: String, _ status: Int, _ words: String) -> ErrorRow {
        ErrorRow(
            behaviour: behaviour,
            status: status,
            outcome: .unauthorized,
            kind: .providerUnauthorized,
            words: words,
            userMessage: words
        )
    }

    private static func balance(_ behaviour: String, _ words: String) -> ErrorRow {
        ErrorRow(
            behaviour: behaviour,
            status: 402,
            outcome: .balance,
            kind: .balanceInsufficient,
            words: words,
            userMessage: words
        )
    }

    private static func limit(_ behaviour: String, _ words: String) -> ErrorRow {
        ErrorRow(
            behaviour: behaviour,
            status: 429,
            outcome: .rateLimited,
            kind: .providerRateLimited,
            words: words,
            userMessage: words
        )
    }

    private static func unknown(
        _ behaviour: String,
        _ status: Int,
        _ words: String,
        says userMessage: String? = nil,
        charges: Int
    ) -> ErrorRow {
        ErrorRow(
            behaviour: behaviour,
            status: status,
            outcome: .unknown,
            kind: .providerError,
            words: words,
            userMessage: userMessage,
            charges: charges
        )
    }

    static let submissions: [ErrorRow] =
        [
            ErrorRow(
                behaviour: "",
                status: 400,
                outcome: .rejected,
                kind: .providerRejected,
                words:
                    "Kling 2.1 Standard requires an input image. Please select an image to generate a video.",
                userMessage:
                    "Kling 2.1 Standard requires an input image. Please select an image to generate a video.",
                model: "kling-v21-standard"
            ),
            ErrorRow(
                behaviour: "",
                status: 400,
                outcome: .rejected,
                kind: .providerRejected,
                words: proRequired,
                userMessage: proRequired,
                model: "sora-2",
                fields: ["resolution": "1792x1024", "seconds": "4"]
            ),
            invalid("invalid"), invalid("invalid=openai"), invalid("invalid=integer"),
            invalid("invalid=message"),
            invalid("invalid=text"), policy("policy", blocked), policy("policy=refund", blocked),
            policy("policy=moderation", "Your request was blocked by content moderation."),
            key("unauthorized", 401, "Invalid session"),
            key("unauthorized=missing", 401, "No API key provided"),
            key("forbidden", 403, "This API key is not allowed from this origin"),
            balance("balance", poor), balance("balance=required", poor), balance("balance=object", poor),
            balance("balance=skills", poor), balance("balance=challenge", "Payment required"),
            ErrorRow(
                behaviour: "too-large",
                status: 413,
                outcome: .rejected,
                kind: .mediaInvalid,
                words: "too large",
                userMessage: nil
            ),
            limit("rate-limited", slow), limit("rate-limited=typed", "Rate limit exceeded"),
            limit("rate-limited-date", slow),
            limit("daily-limit", "Daily request limit exceeded (1000/1000). Resets at midnight UTC."),
            unknown(
                "error-before-accept",
                503,
                "temporarily unavailable",
                says: "The service is temporarily unavailable",
                charges: 0
            ),
            unknown("gateway-before-accept", 502, "a web page", charges: 0),
            unknown("redirect-before-accept", 307, "HTTP 307", charges: 0),
            unknown("timeout-before-accept", 504, "a web page", charges: 0),
            unknown("error-after-accept", 500, "HTTP 500", says: afterAccept, charges: 1),
            unknown("gateway-after-accept", 504, "a web page", charges: 1),
            unknown("garbled-after-accept", 202, "without a run id", charges: 1),
        ]

    private static let proRequired = "This resolution requires pro mode."
    private static let afterAccept = "Internal server error"
}

/// What the simulator answers to a status request at first, and what that means.
struct StatusFault: Sendable, CustomTestStringConvertible {
    enum Meaning: Sendable {
        case missing, rateLimited, unavailable
    }

    let behaviour: String
    let meaning: Meaning

    var testDescription: String { behaviour }

    func matches(_ outcome: StatusOutcome) -> Bool {
        switch (meaning, outcome) {
        case (.missing, .missing), (.unavailable, .unavailable): true
        case (.rateLimited, .rateLimited(_, let wait)): wait == .seconds(1)
        default: false
        }
    }

    static let all = [
        StatusFault(behaviour: "status-404-first=1", meaning: .missing),
        StatusFault(behaviour: "status-403-first=1", meaning: .missing),
        StatusFault(behaviour: "status-429-first=1", meaning: .rateLimited),
        StatusFault(behaviour: "status-500-first=1", meaning: .unavailable),
        StatusFault(behaviour: "status-502-first=1", meaning: .unavailable),
        StatusFault(behaviour: "status-503-first=1", meaning: .unavailable),
        StatusFault(behaviour: "html-status=1", meaning: .unavailable),
        StatusFault(behaviour: "broken-json-status=1", meaning: .unavailable),
        StatusFault(behaviour: "reset-status=1", meaning: .unavailable),
        StatusFault(behaviour: "timeout-status=1", meaning: .unavailable),
    ]
}

/// A run that fails, and what is said about it.
struct FailedRun: Sendable, CustomTestStringConvertible {
    let behaviour: String
    let kind: JobFault.Kind
    let words: String
    let userMessage: String
    var nsfw: Bool?

    var testDescription: String { behaviour }

    private static let friendly =
        "Content flagged as inappropriate. Please modify your prompt and try again."

    static let all = [
        FailedRun(
            behaviour: "failed",
            kind: .providerError,
            words: "Video generation failed",
            userMessage: "Video generation failed"
        ),
        FailedRun(
            behaviour: "failed, flat",
            kind: .providerError,
            words: "Video generation failed",
            userMessage: "Video generation failed"
        ),
        FailedRun(
            behaviour: "failed-object",
            kind: .providerError,
            words: "The provider could not generate the video",
            userMessage: "The provider could not generate the video"
        ),
        FailedRun(
            behaviour: "failed-silent",
            kind: .providerError,
            words: "Something went wrong. Please try again.",
            userMessage: "Something went wrong. Please try again.",
            nsfw: false
        ),
        FailedRun(
            behaviour: "failed-late",
            kind: .providerError,
            words: "Video generation failed",
            userMessage: "Video generation failed"
        ),
        FailedRun(
            behaviour: "policy-late",
            kind: .providerContentPolicy,
            words: "Content policy violation",
            userMessage: friendly,
            nsfw: true
        ),
    ]
}
