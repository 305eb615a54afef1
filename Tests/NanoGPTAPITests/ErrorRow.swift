import JobCore
import Testing

@testable import NanoGPTAPI

/// The class of an outcome without what it carries.
enum OutcomeClass: String, Sendable {
    case accepted, unreachable, unauthorized, balance, rateLimited, rejected, unknown

    init(_ outcome: SubmissionOutcome) {
        switch outcome {
        case .accepted: self = .accepted
        case .refused(.unreachable): self = .unreachable
        case .refused(.unauthorized): self = .unauthorized
        case .refused(.balance): self = .balance
        case .refused(.rateLimited): self = .rateLimited
        // Only the engine refuses on account of the output directory.
        case .refused(.output): self = .unknown
        case .rejected, .notSent: self = .rejected
        case .unknown: self = .unknown
        }
    }
}

extension SubmissionOutcome {
    var fault: JobFault? {
        switch self {
        case .accepted: nil
        case .refused(let refusal): refusal.fault
        case .rejected(let fault), .notSent(let fault), .unknown(let fault): fault
        }
    }
}

/// One row of the table of errors in FACTS section 8, or of a conflict about it.
struct ErrorRow: Sendable, CustomTestStringConvertible {
    let name: String
    let status: Int
    let body: String
    let outcome: OutcomeClass
    let kind: JobFault.Kind
    var words: String?
    var userMessage: String?
    var headers: [(String, String)] = []

    var testDescription: String { "\(status) \(name)" }
}

extension ErrorRow {
    static let kling =
        "Kling 2.1 Standard requires an input image. Please select an image to generate a video."
    static let blocked = "Your prompt was blocked due to safety concerns. Please modify your prompt."
    static let html = "<!DOCTYPE html><html><title>502</title></html>"

    static let all: [ErrorRow] = [
        ErrorRow(
            name: "validation, string",
            status: 400,
            body: #"{"error":"\#(kling)","status":400}"#,
            outcome: .rejected,
            kind: .providerRejected,
            words: kling
        ),
        ErrorRow(
            name: "policy, object",
            status: 400,
            body: #"{"error":{"message":"\#(blocked)","type":"CONTENT_POLICY_VIOLATION"},"status":400}"#,
            outcome: .rejected,
            kind: .providerContentPolicy,
            words: blocked
        ),
        ErrorRow(
            name: "policy, inline moderation",
            status: 400,
            body:
                #"{"error":{"message":"Your request was blocked by content moderation.","type":"invalid_request_error","code":"content_policy_violation"},"moderation":{}}"#,
            outcome: .rejected,
            kind: .providerContentPolicy,
            words: "content moderation"
        ),
        ErrorRow(
            name: "policy, refundMessage",
            status: 400,
            body:
                #"{"error":{"message":"no","type":"CONTENT_POLICY_VIOLATION"},"refundMessage":"You were refunded."}"#,
            outcome: .rejected,
            kind: .providerContentPolicy,
            words: "no"
        ),
        ErrorRow(
            name: "policy, flag and friendly words",
            status: 422,
            body: #"{"error":"x","isNSFWError":true,"userFriendlyError":"Please change the prompt."}"#,
            outcome: .rejected,
            kind: .providerContentPolicy,
            words: "x",
            userMessage: "Please change the prompt."
        ),
        ErrorRow(
            name: "policy, words only",
            status: 403,
            body: #"{"message":"Content policy violation"}"#,
            outcome: .rejected,
            kind: .providerContentPolicy,
            words: "Content policy violation"
        ),
        ErrorRow(
            name: "the body's status does not count",
            status: 400,
            body: #"{"error":"bad","status":500}"#,
            outcome: .rejected,
            kind: .providerRejected,
            words: "bad"
        ),
        ErrorRow(
            name: "PRO_REQUIRED",
            status: 400,
            body: #"{"error":{"message":"pro only","type":"PRO_REQUIRED"}}"#,
            outcome: .rejected,
            kind: .providerRejected,
            words: "pro only"
        ),
        ErrorRow(
            name: "INSUFFICIENT_BALANCE without 402",
            status: 400,
            body: #"{"error":{"message":"low","type":"INSUFFICIENT_BALANCE"}}"#,
            outcome: .rejected,
            kind: .balanceInsufficient,
            words: "low"
        ),
        ErrorRow(
            name: "safety in a field name",
            status: 400,
            body: #"{"error":"enable_safety_checker must be boolean"}"#,
            outcome: .rejected,
            kind: .providerRejected
        ),
        ErrorRow(
            name: "openapi Error",
            status: 400,
            body: #"{"error":400,"message":"bad input"}"#,
            outcome: .rejected,
            kind: .providerRejected,
            words: "bad input"
        ),
        ErrorRow(
            name: "bare message",
            status: 400,
            body: #"{"message":"bare"}"#,
            outcome: .rejected,
            kind: .providerRejected,
            words: "bare"
        ),
        ErrorRow(
            name: "plain text",
            status: 400,
            body: "just words",
            outcome: .rejected,
            kind: .providerRejected,
            words: "just words"
        ),
        ErrorRow(name: "empty", status: 400, body: "", outcome: .rejected, kind: .providerRejected),
        ErrorRow(
            name: "null",
            status: 400,
            body: #"{"error":null}"#,
            outcome: .rejected,
            kind: .providerRejected
        ),
        ErrorRow(
            name: "invalid session",
            status: 401,
            body: #"{"error":"Invalid session","status":401}"#,
            outcome: .unauthorized,
            kind: .providerUnauthorized,
            words: "Invalid session"
        ),
        ErrorRow(
            name: "invalid key",
            status: 401,
            body:
                #"{"error":{"message":"bad key \#(testKeyText)","type":"invalid_request_error","code":"invalid_api_key"}}"#,
            outcome: .unauthorized,
            kind: .providerUnauthorized,
            words: "bad key [key removed]"
        ),
        ErrorRow(name: "page", status: 401, body: html, outcome: .unauthorized, kind: .providerUnauthorized),
        ErrorRow(
            name: "balance",
            status: 402,
            body: #"{"error":"Insufficient balance","status":402,"requiredBalance":0.0035}"#,
            outcome: .balance,
            kind: .balanceInsufficient,
            words: "Insufficient balance"
        ),
        ErrorRow(
            name: "balance, skills",
            status: 402,
            body: #"{"error":{"message":"low","type":"insufficient_balance","code":402}}"#,
            outcome: .balance,
            kind: .balanceInsufficient,
            words: "low"
        ),
        ErrorRow(
            name: "payment challenge",
            status: 402,
            body:
                #"{"error":{"code":"insufficient_quota","message":"pay"},"payment":{"amountUsd":1},"x402Version":1,"accepts":[]}"#,
            outcome: .balance,
            kind: .balanceInsufficient,
            words: "pay"
        ),
        ErrorRow(
            name: "key's origin",
            status: 403,
            body: #"{"error":{"message":"not from here","code":"api_key_origin_not_allowed"}}"#,
            outcome: .unauthorized,
            kind: .providerUnauthorized,
            words: "not from here"
        ),
        ErrorRow(
            name: "not owner",
            status: 403,
            body: #"{"error":"You do not own this run"}"#,
            outcome: .rejected,
            kind: .providerRejected
        ),
        ErrorRow(name: "firewall", status: 403, body: html, outcome: .rejected, kind: .providerRejected),
        ErrorRow(name: "route", status: 404, body: html, outcome: .rejected, kind: .providerRejected),
        ErrorRow(name: "method", status: 405, body: "", outcome: .rejected, kind: .providerRejected),
        ErrorRow(name: "too large, empty", status: 413, body: "", outcome: .rejected, kind: .mediaInvalid),
        ErrorRow(
            name: "too large, text",
            status: 413,
            body: "Request Entity Too Large",
            outcome: .rejected,
            kind: .mediaInvalid
        ),
        ErrorRow(
            name: "rate",
            status: 429,
            body:
                #"{"error":"Rate limit exceeded. Please wait before generating another video.","status":429}"#,
            outcome: .rateLimited,
            kind: .providerRateLimited,
            words: "Rate limit exceeded"
        ),
        ErrorRow(
            name: "rate, typed",
            status: 429,
            body: #"{"error":{"message":"slow","type":"RATE_LIMITED"}}"#,
            outcome: .rateLimited,
            kind: .providerRateLimited,
            words: "slow"
        ),
        ErrorRow(
            name: "server",
            status: 500,
            body: #"{"error":500,"message":"boom"}"#,
            outcome: .unknown,
            kind: .providerError,
            words: "boom"
        ),
        ErrorRow(
            name: "server, policy words",
            status: 500,
            body: #"{"error":{"message":"no","type":"CONTENT_POLICY_VIOLATION"}}"#,
            outcome: .unknown,
            kind: .providerError
        ),
        ErrorRow(name: "gateway page", status: 502, body: html, outcome: .unknown, kind: .providerError),
        ErrorRow(name: "unavailable", status: 503, body: "", outcome: .unknown, kind: .providerError),
        ErrorRow(
            name: "redirect",
            status: 302,
            body: "",
            outcome: .unknown,
            kind: .providerError,
            headers: [("location", "https://elsewhere.example/")]
        ),
        ErrorRow(
            name: "redirect that repeats POSTs",
            status: 307,
            body: "",
            outcome: .unknown,
            kind: .providerError
        ),
        ErrorRow(name: "not modified", status: 304, body: "", outcome: .unknown, kind: .providerError),
        ErrorRow(name: "timeout", status: 408, body: "{}", outcome: .unknown, kind: .providerError),
        ErrorRow(name: "conflict", status: 409, body: "{}", outcome: .unknown, kind: .providerError),
        ErrorRow(name: "too early", status: 425, body: "{}", outcome: .unknown, kind: .providerError),
        ErrorRow(name: "client closed", status: 499, body: "{}", outcome: .unknown, kind: .providerError),
        ErrorRow(name: "beyond HTTP", status: 600, body: "{}", outcome: .unknown, kind: .providerError),
        ErrorRow(
            name: "no id",
            status: 202,
            body: #"{"status":"pending"}"#,
            outcome: .unknown,
            kind: .providerError
        ),
        ErrorRow(
            name: "blank id",
            status: 202,
            body: #"{"runId":" "}"#,
            outcome: .unknown,
            kind: .providerError
        ),
        ErrorRow(
            name: "null id",
            status: 202,
            body: #"{"runId":null,"id":null}"#,
            outcome: .unknown,
            kind: .providerError
        ),
        ErrorRow(
            name: "broken JSON",
            status: 202,
            body: #"{"runId":"vid_1"#,
            outcome: .unknown,
            kind: .providerError
        ),
        ErrorRow(name: "page", status: 200, body: html, outcome: .unknown, kind: .providerError),
        ErrorRow(name: "empty", status: 204, body: "", outcome: .unknown, kind: .providerError),
        ErrorRow(
            name: "an error with 200",
            status: 200,
            body: #"{"error":"Something"}"#,
            outcome: .unknown,
            kind: .providerError,
            words: "Something"
        ),
    ]
}
