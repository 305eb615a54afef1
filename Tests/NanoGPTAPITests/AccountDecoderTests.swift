import JobCore
import Testing

@testable import NanoGPTAPI

@Suite struct AccountDecoderTests {
    static let entry =
        #"{"runId":"vid_m1","id":"vid_m1","model":"sora-2","status":"completed","createdAt":"2025-01-17T12:34:56.000Z","conversationUUID":"B7C75A5E-0000-4000-8000-000000000001"}"#
    static let run = RecentRun(
        runID: "vid_m1",
        model: "sora-2",
        status: "completed",
        createdAt: Timestamp(milliseconds: 1_737_117_296_000),
        conversationUUID: AttemptUUID("b7c75a5e-0000-4000-8000-000000000001")
    )

    static let lists: [(String, [RecentRun])] = [
        (#"{"data":[\#(entry)]}"#, [run]),
        (#"{"runs":[\#(entry)]}"#, [run]),
        (#"{"data":{"runs":[\#(entry)]}}"#, [run]),
        (#"[\#(entry)]"#, [run]),
        (#"{"data":[]}"#, []),
        (
            #"{"data":[{"id":"a"},{"model":"no id"},{"requestId":"b","createdAt":1737117296000},null]}"#,
            [
                RecentRun(runID: "a"),
                RecentRun(runID: "b", createdAt: Timestamp(milliseconds: 1_737_117_296_000)),
            ]
        ),
        (
            #"{"data":[{"id":"s","createdAt":1737117296}]}"#,
            [RecentRun(runID: "s", createdAt: Timestamp(milliseconds: 1_737_117_296_000))]
        ),
        (
            #"{"data":[{"id":"t","createdAt":"1737117296000"}]}"#,
            [RecentRun(runID: "t", createdAt: Timestamp(milliseconds: 1_737_117_296_000))]
        ),
        (#"{"data":[{"id":"n","createdAt":"yesterday","conversationUUID":null}]}"#, [RecentRun(runID: "n")]),
    ]

    @Test(arguments: lists)
    func `a list of recent runs`(body: String, runs: [RecentRun]) throws {
        #expect(AccountDecoder(context: try makeContext()).look(makeAnswer(200, body)) == .runs(runs))
    }

    @Test(arguments: [
        (200, ""), (200, "{}"), (200, #"{"data":null}"#), (200, "<html>"), (200, #"{"data":{}}"#),
        (200, #"{"data":[{"model":"x"}]}"#), (200, #"{"data":["x"]}"#), (202, #"{"data":[]}"#), (500, "{}"),
        (404, #"{"data":[]}"#), (400, #"{"error":"limit"}"#), (403, "{}"),
    ])
    func `an answer that is no list is no absence`(status: Int, body: String) throws {
        guard
            case .unavailable(let fault) = AccountDecoder(context: try makeContext()).look(
                makeAnswer(status, body)
            )
        else {
            Issue.record("taken for a list")
            return
        }
        #expect(fault.charged == .unknown)
    }

    @Test func `a look that is refused`() throws {
        let decoder = AccountDecoder(context: try makeContext())
        guard case .unauthorized = decoder.look(makeAnswer(401, "")),
            case .rateLimited(_, retryAfter: .seconds(3)) = decoder.look(
                makeAnswer(429, "", headers: [("retry-after", "3")])
            )
        else {
            Issue.record("not told apart")
            return
        }
    }

    @Test(arguments: [
        (
            #"{"usd_balance":"129.46956147","nano_balance":"26.71801147","nanoDepositAddress":"nano_1"}"#,
            [Money(micros: 129_469_561, currency: "USD"), Money(micros: 26_718_011, currency: "XNO")]
        ),
        (#"{"usd_balance":5}"#, [Money(micros: 5_000_000, currency: "USD")]),
        (#"{"usd_balance":"-0.5","nano_balance":null}"#, [Money(micros: -500_000, currency: "USD")]),
    ])
    func `balances`(body: String, expected: [Money]) throws {
        #expect(
            AccountDecoder(context: try makeContext()).balance(makeAnswer(200, body)) == .balances(expected)
        )
    }

    @Test(arguments: [(200, "{}"), (200, #"{"usd_balance":"lots"}"#), (429, "{}"), (500, ""), (405, "")])
    func `no balance`(status: Int, body: String) throws {
        guard
            case .unavailable(let fault) = AccountDecoder(context: try makeContext())
                .balance(makeAnswer(status, body))
        else {
            Issue.record("taken for a balance")
            return
        }
        #expect(fault.kind == (status == 429 ? .providerRateLimited : .providerError))
    }
}
