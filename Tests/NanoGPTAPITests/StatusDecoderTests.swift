import JSON
import JobCore
import Testing

@testable import NanoGPTAPI

@Suite struct StatusDecoderTests {
    private func outcome(
        _ status: Int,
        _ body: String,
        headers: [(String, String)] = []
    ) throws -> StatusOutcome {
        StatusDecoder(context: try makeContext()).outcome(of: makeAnswer(status, body, headers: headers))
    }

    private func report(_ body: String) throws -> RunReport {
        guard case .report(let report) = try outcome(200, body) else {
            Issue.record("no report from \(body)")
            return RunReport(.unknown)
        }
        return report
    }

    // MARK: Words

    static let words: [(String, RunReport.Status)] =
        [
            "IN_QUEUE", "queued", "queue", "pending", "PENDING", "submitted", "NOT_START", "in-queue",
            "In Queue",
        ]
        .map { ($0, .queued) }
        + [
            "IN_PROGRESS", "processing", "running", "EXECUTING", "generating", "delivering", "uploading",
            "finishing", "in progress",
        ].map { ($0, .running) }
        + ["COMPLETED", "completed", "complete", "succeeded", "SUCCEEDED", "success"]
        .map { ($0, .done(urls: [])) }
        + ["CANCELED", "CANCELLED", "cancelled", "canceled"].map { ($0, .canceled) }
        + ["unknown", "UNKNOWN", "warming_up", "???"].map { ($0, .unknown) }

    @Test(arguments: words)
    func `every word, nested and flat`(word: String, expected: RunReport.Status) throws {
        for body in [
            #"{"data":{"status":"\#(word)"}}"#, #"{"status":"\#(word)","videoUrl":null,"error":null}"#,
        ] {
            let report = try report(body)
            #expect(report.status == expected)
            #expect(report.word == word)
        }
    }

    @Test(arguments: ["FAILED", "failed", "failure", "error", "ERROR", "content_policy_violation"])
    func `every word for failed`(word: String) throws {
        guard
            case .failed(let fault) = try report(#"{"data":{"status":"\#(word)","error":"out of luck"}}"#)
                .status
        else {
            Issue.record("not failed")
            return
        }
        #expect(fault.charged == .yes)
        #expect(fault.hint?.contains("refund") == true)
        #expect(fault.kind == (word == "content_policy_violation" ? .providerContentPolicy : .providerError))
    }

    @Test func `missing, odd and terminal states`() throws {
        #expect(try report(#"{"data":{}}"#).status == .unknown)
        #expect(try report(#"{"data":{"status":null}}"#).status == .unknown)
        #expect(try report(#"{"data":{"status":7}}"#).status == .unknown)
        #expect(try report(#"{"data":{"status":"weird","videoUrl":"https://a/v"}}"#).status == .unknown)
        #expect(
            try report(#"{"data":{"status":"weird","terminal":true,"videoUrl":"https://a/v"}}"#).status
                == .done(urls: ["https://a/v"])
        )
        guard case .failed = try report(#"{"status":"weird","terminal":true}"#).status else {
            Issue.record("terminal goes on")
            return
        }
        #expect(try report(#"{"status":"processing","terminal":false}"#).status == .running)
        #expect(try report(#"{"videoUrl":"https://a/v"}"#).status == .done(urls: ["https://a/v"]))
    }

    // MARK: Dialects

    @Test func `shape A`() throws {
        #expect(
            try report(
                #"{"requestId":"vid_m1","model":"sora-2","data":{"status":"IN_PROGRESS","requestId":"vid_m1","details":"Video is being generated"}}"#
            ) == RunReport(.running, word: "IN_PROGRESS")
        )
        #expect(
            try report(
                #"{"requestId":"vid_m1","model":"sora-2","data":{"status":"COMPLETED","requestId":"vid_m1","output":{"video":{"url":"https://storage.example.com/video.mp4"}},"cost":0.35}}"#
            )
                == RunReport(
                    .done(urls: ["https://storage.example.com/video.mp4"]),
                    word: "COMPLETED",
                    cost: Cost(charged: Money(micros: 350_000, currency: "USD"), final: true)
                )
        )
    }

    @Test func `a failed run by content`() throws {
        let body =
            #"{"requestId":"vid_m1","data":{"status":"FAILED","error":"Content policy violation","isNSFWError":true,"userFriendlyError":"Content flagged as inappropriate. Please modify your prompt and try again."}}"#
        let answer = makeAnswer(200, body, headers: [("x-request-id", "req-9")])
        guard case .report(let report) = StatusDecoder(context: try makeContext()).outcome(of: answer),
            case .failed(let fault) = report.status
        else {
            Issue.record("not failed")
            return
        }
        #expect(fault.kind == .providerContentPolicy)
        #expect(fault.message == "NanoGPT refused the content: Content policy violation")
        #expect(
            fault.userMessage == "Content flagged as inappropriate. Please modify your prompt and try again."
        )
        #expect(fault.nsfw == true)
        #expect(fault.requestID == "req-9")
        #expect(!fault.retryable)
    }

    @Test(arguments: [
        (#""error":"boom""#, "boom"), (#""error":{"message":"upstream","code":"x"}"#, "upstream"),
        (#""error":null,"userFriendlyError":"sorry""#, "sorry"), (#""message":"m""#, "m"),
        (#""error":{"error":"nested"}"#, "nested"),
    ])
    func `every shape of a failure's error`(member: String, words: String) throws {
        for body in [#"{"data":{"status":"FAILED",\#(member)}}"#, #"{"status":"failed",\#(member)}"#] {
            guard case .failed(let fault) = try report(body).status else {
                Issue.record("not failed")
                return
            }
            #expect(fault.kind == .providerError)
            #expect(fault.userMessage == words)
            #expect(fault.message.hasSuffix(words))
        }
    }

    @Test func `shape B`() throws {
        #expect(
            try report(
                #"{"requestId":"r","status":"processing","progress":42.7,"estimatedTimeRemaining":9,"videoUrl":null,"error":null,"createdAt":null,"completedAt":null}"#
            ) == RunReport(.running, word: "processing", progress: 42)
        )
        #expect(
            try report(#"{"status":"completed","progress":100,"videoUrl":"https://a/v.mp4","error":null}"#)
                == RunReport(.done(urls: ["https://a/v.mp4"]), word: "completed", progress: 100)
        )
    }

    @Test func `E12 with booleans`() throws {
        let inner = { (rest: String) in
            #"{"data":{\#(rest),"projectId":"p"},"requestId":"u","paymentSource":"XNO"}"#
        }
        #expect(
            try report(inner(#""status":"QUEUED","isCompleted":false,"isSuccess":false,"output":null"#))
                .status
                == .queued
        )
        #expect(
            try report(
                inner(
                    #""status":"COMPLETED","isCompleted":true,"isSuccess":true,"cost":1.5,"output":{"url":"https://a/v","size":1}"#
                )
            )
                == RunReport(
                    .done(urls: ["https://a/v"]),
                    word: "COMPLETED",
                    cost: Cost(charged: Money(micros: 1_500_000, currency: "XNO"), final: true),
                    currency: "XNO"
                )
        )
        guard
            case .failed = try report(inner(#""status":"COMPLETED","isCompleted":true,"isSuccess":false"#))
                .status,
            case .failed = try report(inner(#""isCompleted":true,"isSuccess":false"#)).status
        else {
            Issue.record("success")
            return
        }
        #expect(try report(inner(#""isCompleted":false,"error":"transient""#)).status == .unknown)
        #expect(try report(#"{"status":"PROCESSING","data":{"isCompleted":false}}"#).status == .running)
    }

    /// Members beside a completed run's status and URL, and the currency that they name (C9, FACTS 4.1 and 4.3).
    static let sources: [(String, String, String?)] = [
        (#","cost":1.25,"paymentSource":"XNO""#, "", "XNO"),
        (#","cost":1.25"#, #","paymentSource":"XNO""#, "XNO"),
        (#","cost":1.25,"paymentSource":"USD""#, #","paymentSource":"XNO""#, "USD"),
        ("", #","cost":"1.25","paymentSource":"nano""#, "XNO"),
        (#","cost":1.25"#, "", nil), (#","cost":1.25,"paymentSource":null"#, "", nil),
        (#","cost":1.25,"paymentSource":"credit card""#, "", nil),
    ]

    @Test(arguments: sources)
    func `a currency that is named is told from one that is not`(
        inner: String,
        outer: String,
        currency: String?
    ) throws {
        let report = try report(
            #"{"data":{"status":"COMPLETED","videoUrl":"https://a/v"\#(inner)}\#(outer)}"#
        )
        #expect(report.currency == currency)
        #expect(
            report.cost == Cost(charged: Money(micros: 1_250_000, currency: currency ?? "USD"), final: true)
        )
    }

    @Test func `a currency without a final cost says nothing`() throws {
        let running = try report(#"{"data":{"status":"processing","cost":1,"paymentSource":"XNO"}}"#)
        #expect(running.cost == nil && running.currency == nil)
    }

    @Test(arguments: [(#""55%""#, 55), ("-3", 0), ("250", 100), ("0.4", 0), (#""12""#, 12)])
    func `progress`(text: String, expected: Int) throws {
        #expect(try report(#"{"data":{"status":"processing","progress":\#(text)}}"#).progress == expected)
    }

    @Test func `no progress`() throws {
        #expect(try report(#"{"data":{"status":"processing","progress":null}}"#).progress == nil)
        #expect(try report(#"{"data":{"status":"processing","progress":"soon"}}"#).progress == nil)
    }

    // MARK: URLs

    static let places: [(String, [String])] = [
        (#"{"data":{"status":"COMPLETED","output":{"video":{"url":"https://a/1"}}}}"#, ["https://a/1"]),
        (#"{"data":{"status":"COMPLETED","output":{"url":"https://a/2"}}}"#, ["https://a/2"]),
        (#"{"data":{"status":"COMPLETED","output":{"video":"https://a/3"}}}"#, ["https://a/3"]),
        (#"{"data":{"status":"COMPLETED","output":{"video":[{"url":"https://a/4"}]}}}"#, ["https://a/4"]),
        (#"{"data":{"status":"COMPLETED","output":{"videos":[{"url":"https://a/5"}]}}}"#, ["https://a/5"]),
        (#"{"data":{"status":"COMPLETED","output":{"video_url":"https://a/6"}}}"#, ["https://a/6"]),
        (#"{"data":{"status":"COMPLETED","output":{"videoUrl":"https://a/7"}}}"#, ["https://a/7"]),
        (#"{"data":{"status":"COMPLETED","videoUrl":"https://a/8"}}"#, ["https://a/8"]),
        (#"{"data":{"status":"COMPLETED","video_url":"https://a/9"}}"#, ["https://a/9"]),
        (#"{"data":{"status":"COMPLETED","url":"https://a/10"}}"#, ["https://a/10"]),
        (#"{"data":{"status":"COMPLETED"},"videoUrl":"https://a/11"}"#, ["https://a/11"]),
        (#"{"data":{"status":"COMPLETED"},"video_url":"https://a/12"}"#, ["https://a/12"]),
        (#"{"data":{"status":"COMPLETED"},"url":"https://a/13"}"#, ["https://a/13"]),
        (#"{"data":{"status":"COMPLETED"},"output":{"video":{"url":"https://a/14"}}}"#, ["https://a/14"]),
        (#"{"data":{"status":"COMPLETED"},"output":{"url":"https://a/15"}}"#, ["https://a/15"]),
        (#"{"data":{"status":"COMPLETED","assets":[{"url":"https://a/16"}]}}"#, ["https://a/16"]),
        (#"{"status":"completed","assets":["https://a/17"]}"#, ["https://a/17"]),
        (#"{"status":"completed","videoUrl":"https://a/18"}"#, ["https://a/18"]),
        (
            #"{"status":"completed","output":["https://a/19","https://a/20"]}"#,
            ["https://a/19", "https://a/20"]
        ),
        (#"{"status":"completed","output":"https://a/21"}"#, ["https://a/21"]),
        // Several videos, repeated ones once, and one of them at the single place too.
        (
            #"{"data":{"status":"COMPLETED","output":{"video":{"url":"https://a/m0"},"videos":[{"url":"https://a/m0"},{"url":"https://a/m1"},{"url":"https://a/m1"},{"url":"https://a/m2"},"https://a/m3"]}}}"#,
            ["https://a/m0", "https://a/m1", "https://a/m2", "https://a/m3"]
        ),
        // Previews in a list are no videos.
        (
            #"{"data":{"status":"COMPLETED","assets":[{"type":"thumbnail","url":"https://a/t.jpg"},{"type":"video/mp4","url":"https://a/v"},{"contentType":"image/png","url":"https://a/p"}]}}"#,
            ["https://a/v"]
        ),
        // The first place in the documented order wins over others with one URL.
        (
            #"{"data":{"status":"COMPLETED","output":{"url":"https://a/second","video":{"url":"https://a/first"}}},"videoUrl":"https://a/third"}"#,
            ["https://a/first"]
        ),
        (
            #"{"data":{"status":"COMPLETED","output":{"video":{"url":"/api/generate-video/content?model=g&runId=r1&variant=video"}}}}"#,
            ["https://nano-gpt.com/api/generate-video/content?model=g&runId=r1&variant=video"]
        ),
        (#"{"status":"completed","videoUrl":"api/content/1"}"#, ["https://nano-gpt.com/api/content/1"]),
        (#"{"status":"completed","videoUrl":"//cdn.example/v"}"#, ["https://cdn.example/v"]),
        (#"{"status":"completed","videoUrl":" https://a/space "}"#, ["https://a/space"]),
        // No URLs.
        (#"{"status":"completed","videoUrl":""}"#, []),
        (#"{"status":"completed","videoUrl":null}"#, []),
        (#"{"status":"completed","videoUrl":"data:video/mp4;base64,AAAA"}"#, []),
        (#"{"status":"completed","video":"vid_m1"}"#, []),
        (#"{"status":"completed","output":{"video":{"url":{"x":1}}}}"#, []),
    ]

    @Test(arguments: places)
    func `every place of the URL`(body: String, urls: [String]) throws {
        #expect(try report(body).status == .done(urls: urls))
    }

    @Test func `a failed run has no URLs and no cost`() throws {
        let report = try report(#"{"data":{"status":"FAILED","cost":1,"output":{"url":"https://a/v"}}}"#)
        #expect(report.cost == nil)
    }

    // MARK: Errors

    enum Kind: String, Sendable { case report, missing, unauthorized, rateLimited, unavailable }

    static let errors: [(Int, String, Kind)] = [
        (401, #"{"error":"Invalid session"}"#, .unauthorized),
        (403, #"{"error":{"code":"api_key_origin_not_allowed"}}"#, .unauthorized),
        (403, #"{"error":"not yours"}"#, .missing),
        (403, "", .missing),
        (403, "<html>", .unavailable),
        (404, #"{"error":404,"message":"Video generation request not found"}"#, .missing),
        (404, "<html>", .missing),
        (429, #"{"error":"slow"}"#, .rateLimited),
        (400, #"{"error":"Missing requestId parameter"}"#, .unavailable),
        (302, "", .unavailable),
        (410, "", .unavailable),
        (500, #"{"error":500,"message":"Failed to check video generation status"}"#, .unavailable),
        (502, "<html>", .unavailable),
        (503, "", .unavailable),
        (200, "", .unavailable),
        (200, "<html>hello</html>", .unavailable),
        (200, #"{"data":{"status":"COMP"#, .unavailable),
        (200, "[]", .unavailable),
        (200, "\"COMPLETED\"", .unavailable),
        (200, #"{"error":"hiccup"}"#, .unavailable),
        (204, "", .unavailable),
    ]

    @Test(arguments: errors)
    func `no error ends a run`(status: Int, body: String, expected: Kind) throws {
        let outcome = try outcome(status, body, headers: [("retry-after", "7"), ("x-request-id", "q")])
        let fault: JobFault?
        let kind: Kind
        switch outcome {
        case .report: (kind, fault) = (.report, nil)
        case .missing(let found): (kind, fault) = (.missing, found)
        case .unauthorized(let found): (kind, fault) = (.unauthorized, found)
        case .unavailable(let found): (kind, fault) = (.unavailable, found)
        case .rateLimited(let found, let wait):
            (kind, fault) = (.rateLimited, found)
            #expect(wait == .seconds(7))
        }
        #expect(kind == expected)
        #expect(fault?.charged == .yes)
        #expect(fault?.requestID == "q")
    }

    @Test(arguments: [
        (404, #"{"error":404,"message":"Video generation request not found"}"#, false),
        (404, #"{"error":"Run not found"}"#, false),
        (404, #"{"error":{"message":"No generation with that id"}}"#, false),
        (404, "<!DOCTYPE html><title>404</title>", true),
        (404, "", true),
        (404, #"{"error":"Not Found"}"#, true),
        (404, #"{"message":"Not Found","statusCode":404}"#, true),
        (404, "Cannot GET /api/video/status", true),
        (405, #"{"error":"Method not allowed"}"#, true),
        (400, "", false), (403, "", false), (500, "", false),
    ])
    func `a missing route is told from a missing run`(status: Int, body: String, expected: Bool) throws {
        #expect(
            StatusDecoder(context: try makeContext()).isRouteMissing(makeAnswer(status, body)) == expected
        )
    }
}
