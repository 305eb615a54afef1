import JSON
import JobCore
import Testing

@testable import NanoGPTAPI

@Suite struct SubmissionDecoderTests {
    @Test(arguments: ErrorRow.all)
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
                currency: "USD",
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
                currency: "XNO",
                remainingBalance: Money(micros: 12_500_000, currency: "XNO")
            )
        ),
        AcceptedRow(
            status: 200,
            body:
                #"{"status":"EXECUTING","runId":"run_7","projectId":"p","isCompleted":false,"isSuccess":false,"cost":0.197,"paymentSource":"XNO","transactionDetails":{}}"#,
            run: AcceptedRun(
                runID: "run_7",
                cost: Cost(charged: Money(micros: 197_000, currency: "XNO"), final: false),
                currency: "XNO"
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
            run: AcceptedRun(runID: "free", cost: Cost(charged: usd(0), final: false), currency: "USD")
        ),
        // The currency is known before the cost.
        AcceptedRow(
            status: 202,
            body: #"{"runId":"later","paymentSource":"XNO"}"#,
            run: AcceptedRun(runID: "later", currency: "XNO")
        ),
        AcceptedRow(
            status: 202,
            body: #"{"data":{"runId":"later"},"paymentSource":" nano "}"#,
            run: AcceptedRun(runID: "later", currency: "XNO")
        ),
        AcceptedRow(
            status: 202,
            body: #"{"runId":"card","cost":1,"paymentSource":"credit card"}"#,
            run: AcceptedRun(runID: "card", cost: Cost(charged: usd(1_000_000), final: false))
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

    /// It names the request where the provider's billing is asked (FACTS E11).
    @Test(
        arguments: [
            ([("X-Request-ID", "req-7")], "req-7"),
            ([("x-request-id", "req-8"), ("x-request-id", "req-9")], "req-8"),
            ([], nil), ([("X-Request-ID", "")], nil), ([("X-Request-ID", "two words")], nil),
            ([("X-Request-ID", String(repeating: "r", count: 257))], nil),
        ] as [([(String, String)], String?)]
    )
    func `a run carries the id of its request`(headers: [(String, String)], id: String?) throws {
        let outcome = SubmissionDecoder(context: try makeContext()).outcome(
            of: makeAnswer(202, #"{"runId":"r"}"#, headers: headers)
        )
        #expect(outcome == .accepted(AcceptedRun(runID: "r", requestID: id)))
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
