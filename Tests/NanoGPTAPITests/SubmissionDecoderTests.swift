import JSON
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
        case .rejected: self = .rejected
        case .unknown: self = .unknown
        }
    }
}

extension SubmissionOutcome {
    var fault: JobFault? {
        switch self {
        case .accepted: nil
        case .refused(let refusal): refusal.fault
        case .rejected(let fault), .unknown(let fault): fault
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

@Suite struct SubmissionDecoderTests {
    static let kling =
        "Kling 2.1 Standard requires an input image. Please select an image to generate a video."
    static let blocked = "Your prompt was blocked due to safety concerns. Please modify your prompt."
    static let html = "<!DOCTYPE html><html><title>502</title></html>"

    static let rows: [ErrorRow] = [
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

    @Test(arguments: rows)
    func `every envelope becomes its class and kind`(row: ErrorRow) throws {
        let answer = makeAnswer(row.status, row.body, headers: row.headers + [("X-Request-ID", "req-1")])
        let outcome = SubmissionDecoder(context: try makeContext()).outcome(of: answer)
        #expect(OutcomeClass(outcome) == row.outcome)
        let fault = try #require(outcome.fault)
        #expect(fault.kind == row.kind)
        #expect(fault.httpStatus == row.status)
        #expect(fault.requestID == "req-1")
        #expect(fault.charged == (row.outcome == .unknown ? .unknown : .no))
        if let words = row.words {
            #expect(fault.message.contains(words))
        }
        if let userMessage = row.userMessage {
            #expect(fault.userMessage == userMessage)
        }
        #expect(!fault.message.contains("0f8fad5b"))
        #expect(!fault.message.contains("<html"))
    }

    @Test func `hints say what a person can do`() throws {
        let decoder = SubmissionDecoder(context: try makeContext())
        let hint = { (status: Int, body: String) in
            decoder.outcome(of: makeAnswer(status, body)).fault?.hint ?? ""
        }
        #expect(hint(413, "").contains("4 MB"))
        #expect(hint(402, #"{"error":"x","requiredBalance":0.0035}"#).contains("0.0035"))
        #expect(hint(402, #"{"payment":{}}"#).contains("not followed"))
        #expect(
            hint(400, #"{"error":"x","refundMessage":"You were refunded."}"#).contains("You were refunded.")
        )
        #expect(hint(403, "<html>").contains("proxy or firewall"))
    }

    struct AcceptedRow: Sendable {
        let status: Int
        let body: String
        let run: AcceptedRun
    }

    static func usd(_ micros: Int64) -> Money { Money(micros: micros, currency: "USD") }

    static let accepted: [AcceptedRow] = [
        AcceptedRow(
            status: 202,
            body:
                #"{"runId":"fal-request-abc123xyz","status":"pending","model":"veo2-video","cost":2.5,"paymentSource":"USD","remainingBalance":47.5}"#,
            run: AcceptedRun(
                runID: "fal-request-abc123xyz",
                cost: Cost(charged: usd(2_500_000), final: false),
                remainingBalance: usd(47_500_000)
            )
        ),
        AcceptedRow(
            status: 202,
            body:
                #"{"runId":"vid_m1","id":"vid_m1","status":"pending","cost":0.35,"paymentSource":"XNO","remainingBalance":12.5,"prechargeLabel":"x"}"#,
            run: AcceptedRun(
                runID: "vid_m1",
                cost: Cost(charged: Money(micros: 350_000, currency: "XNO"), final: false),
                remainingBalance: Money(micros: 12_500_000, currency: "XNO")
            )
        ),
        AcceptedRow(
            status: 200,
            body:
                #"{"status":"EXECUTING","runId":"run_7","projectId":"p","isCompleted":false,"isSuccess":false,"cost":0.197,"paymentSource":"XNO","transactionDetails":{}}"#,
            run: AcceptedRun(
                runID: "run_7",
                cost: Cost(charged: Money(micros: 197_000, currency: "XNO"), final: false)
            )
        ),
        AcceptedRow(
            status: 200,
            body: #"{"runId":"abc123","status":"processing"}"#,
            run: AcceptedRun(runID: "abc123")
        ),
        AcceptedRow(status: 201, body: #"{"id":"only-id"}"#, run: AcceptedRun(runID: "only-id")),
        AcceptedRow(status: 202, body: #"{"data":{"runId":"inner"}}"#, run: AcceptedRun(runID: "inner")),
        AcceptedRow(
            status: 202,
            body: #"{"id":12345678901234567890}"#,
            run: AcceptedRun(runID: "12345678901234567890")
        ),
        AcceptedRow(status: 202, body: "\u{FEFF}{\"runId\":\"bom\"}", run: AcceptedRun(runID: "bom")),
        AcceptedRow(status: 202, body: #"{"runId":"a","runId":"b"}"#, run: AcceptedRun(runID: "b")),
        AcceptedRow(
            status: 202,
            body: #"{"runId":"s","cost":"0.35000001"}"#,
            run: AcceptedRun(runID: "s", cost: Cost(charged: usd(350_000), final: false))
        ),
        AcceptedRow(
            status: 202,
            body: #"{"runId":"free","cost":0,"paymentSource":"USD"}"#,
            run: AcceptedRun(runID: "free", cost: Cost(charged: usd(0), final: false))
        ),
        AcceptedRow(status: 202, body: #"{"runId":"neg","cost":-1}"#, run: AcceptedRun(runID: "neg")),
        AcceptedRow(status: 202, body: #"{"runId":"odd","cost":{"usd":1}}"#, run: AcceptedRun(runID: "odd")),
        AcceptedRow(
            status: 202,
            body:
                #"{"success":true,"runId":"vid_e","id":"vid_e","taskId":"vid_e","status":"pending","eta":60}"#,
            run: AcceptedRun(runID: "vid_e")
        ),
        AcceptedRow(
            status: 202,
            body: #"{"runId":"f","status":"failed","error":"x"}"#,
            run: AcceptedRun(runID: "f")
        ),
    ]

    @Test(arguments: accepted)
    func `any 2xx with an id is a run`(row: AcceptedRow) throws {
        let outcome = SubmissionDecoder(context: try makeContext()).outcome(
            of: makeAnswer(row.status, row.body)
        )
        #expect(outcome == .accepted(row.run))
    }

    @Test(arguments: [
        HTTPFailure.broken("reset"), .timedOut(.seconds(1)), .tooLarge(limit: 1), .cancelled,
        .notConnected("x"),
    ])
    func `without an answer it depends on the connection`(failure: HTTPFailure) throws {
        let decoder = SubmissionDecoder(context: try makeContext())
        let sent = decoder.outcome(of: failure, connected: true)
        #expect(OutcomeClass(sent) == .unknown)
        #expect(sent.fault?.charged == .unknown)
        let unsent = decoder.outcome(of: failure, connected: false)
        #expect(OutcomeClass(unsent) == .unreachable)
        #expect(unsent.fault?.charged == .no)
    }

    @Test(arguments: [
        ("{}", #"{"conversationUUID":"U"}"#),
        (" \n{ }", #"{"conversationUUID":"U" }"#),
        (#"{"a":1}"#, #"{"conversationUUID":"U","a":1}"#),
        (#"  { "seed": 1.50 , "x":"ü"}"#, #"{"conversationUUID":"U", "seed": 1.50 , "x":"ü"}"#),
        (#"{"conversationUUID":"mine","a":0.10}"#, #"{"conversationUUID":"U","a":0.10}"#),
        (#"{"conversation\u0055UID":"mine"}"#, #"{"conversationUUID":"U"}"#),
        (
            #"{"a":{"conversationUUID":"inner"}}"#,
            #"{"conversationUUID":"U","a":{"conversationUUID":"inner"}}"#
        ),
    ])
    func `the UUID becomes the first member`(body: String, expected: String) {
        let uuid = AttemptUUID("u-1")
        let made = SubmissionBody.make(Array(body.utf8), uuid: uuid)
        let text = made.map { String(decoding: $0, as: UTF8.self) }
        #expect(text == expected.replacing("\"U\"", with: "\"u-1\""))
        #expect(made.flatMap { JSONValue(tolerant: $0) } != nil)
    }

    @Test(arguments: ["", "[]", "null", "\"x\"", "{", "   "])
    func `what is no object is not sent`(body: String) {
        #expect(SubmissionBody.make(Array(body.utf8), uuid: AttemptUUID("u")) == nil)
    }
}
