import JobCore
import Testing

@testable import NanoGPTAPI

@Suite struct ProviderTimeTests {
    @Test(arguments: [
        "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
        "1994-11-06T08:49:37Z",
    ])
    func `every form of an HTTP date`(text: String) {
        #expect(Timestamp(httpDate: text) == Timestamp(milliseconds: 784_111_777_000))
    }

    @Test(arguments: [
        "", "soon", "Sun, 06 Nov 1994", "06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 1994 8:49 GMT",
    ])
    func `what is no date`(text: String) {
        #expect(Timestamp(httpDate: text) == nil)
    }

    static let daily =
        #"{"error":{"message":"Daily request limit exceeded (1000/1000). Resets at midnight UTC.","code":"daily_rpd_limit_exceeded","type":"rate_limit_error"}}"#
    static let usd = #"{"error":{"message":"cap","code":"daily_usd_limit_exceeded"}}"#

    // 1 800 000 000 s is 2027-01-15T08:00:00Z.
    @Test(
        arguments: [
            ("30", "{}", Duration.seconds(30)),
            ("1.5", "{}", .milliseconds(1500)),
            ("-3", "{}", .zero),
            ("99999999999", "{}", .seconds(86_400)),
            // Beyond every integer: neither may end the daemon.
            ("-1e300", "{}", .zero),
            ("1e300", "{}", .seconds(86_400)),
            ("1e999", "{}", nil),
            ("nan", "{}", nil),
            ("Fri, 15 Jan 2027 08:02:00 GMT", "{}", .seconds(120)),
            ("Fri, 15 Jan 2027 07:00:00 GMT", "{}", .zero),
            ("120", daily, .seconds(120)),
            (nil, daily, .seconds(16 * 3600)),
            (nil, usd, .seconds(16 * 3600)),
            ("rubbish", usd, .seconds(16 * 3600)),
            (nil, #"{"error":"Rate limit exceeded"}"#, nil),
        ] as [(String?, String, Duration?)]
    )
    func `how long to wait`(header: String?, body: String, expected: Duration?) throws {
        let answer = makeAnswer(429, body, headers: header.map { [("Retry-After", $0)] } ?? [])
        guard
            case .refused(.rateLimited(let fault, let wait)) =
                SubmissionDecoder(context: try makeContext()).outcome(of: answer)
        else {
            Issue.record("no rate limit")
            return
        }
        #expect(wait == expected)
        #expect(fault.kind == .providerRateLimited)
        #expect(fault.charged == .no)
        #expect(fault.retryable)
    }
}
