import JSON
import JobCore
import JobEngine
import ModelCatalog
import NanoGPTAPI
import NanoGPTSimulator
import Testing

/// The conflicts between the documents (FACTS) that show on the wire; those about requests are in
/// `ModelCatalogTests`, those about money and time in `EndToEndTests`.
@Suite("Conflicts between the documents, over HTTP")
struct ConflictTests {
    @Test(
        "C1: where the unified status route is missing, the legacy one is asked",
        arguments: ["404", "405"]
    )
    func c1StatusEndpoint(_ status: String) async throws {
        try await RemoteAPI.with({ $0.settings.legacyModelRequired = true }) { api in
            let run = try await api.finished("x [[simulate: legacy-only=\(status)]]")
            #expect(try await api.url(run).isEmpty == false)
            #expect(api.requests(.status) == 1)
            #expect(api.requests(.legacyStatus) == 1)
        }
    }

    @Test("C1: a run that is not there is not a route that is not there")
    func c1MissingRun() async throws {
        try await RemoteAPI.with { api in
            let run = RunReference(runID: "vid_none", model: "hunyuan-video")
            guard case .missing = await api.client.status(of: run) else { throw Unexpected("status") }
            #expect(api.requests(.legacyStatus) == 0)
        }
    }

    @Test(
        "C2: the status body with and without envelope, and with booleans",
        arguments: ["no-cost", "flat", "skills", "booleans", "legacy-only"]
    )
    func c2StatusBody(_ shape: String) async throws {
        try await RemoteAPI.with { api in
            let run = try await api.finished("x [[simulate: \(shape)]]")
            let (outcome, trailer) = await api.download(try await api.url(run))
            #expect(outcome == .finished)
            #expect(trailer.contains("run=\(run.runID) "))
            let failed = try await api.finished("x [[simulate: failed, \(shape)]]")
            guard case .failed(let fault) = try await api.report(failed).status else {
                throw Unexpected("not failed")
            }
            #expect(fault.message.contains("Video generation failed"))
        }
    }

    @Test("C3: the run keeps the name it was submitted with, whatever id a status answer has")
    func c3IDKey() async throws {
        try await RemoteAPI.with { api in
            for shape in ["booleans", "legacy-only", "no-cost"] {
                let run = try await api.finished("x [[simulate: \(shape)]]")
                // In the booleans' shape `requestId` names the HTTP request, in the legacy one it is `request_id`.
                #expect(try await api.url(run).contains(run.runID))
                #expect(try await api.url(run).contains(run.runID))
            }
        }
    }

    @Test(
        "C4: the words in upper and lower case, and succeeded",
        arguments: ["no-cost", "lower-case", "s2-words"]
    )
    func c4Words(_ dialect: String) async throws {
        try await RemoteAPI.with { api in
            let done = try await api.finished("x [[simulate: \(dialect)]]")
            #expect(try await api.url(done).isEmpty == false)
            let failed = try await api.finished("x [[simulate: failed, \(dialect)]]")
            guard case .failed = try await api.report(failed).status else { throw Unexpected("not failed") }
        }
    }

    @Test("C5: canceled in three spellings is the end, and no success")
    func c5Canceled() async throws {
        try await RemoteAPI.with { api in
            for behaviour in [
                "canceled", "canceled, lower-case", "status-word=CANCELLED", "status-word=canceled",
            ] {
                let run = try await api.finished("x [[simulate: \(behaviour)]]")
                #expect(try await api.report(run).status == .canceled)
            }
        }
    }

    @Test("C6: the error of a failed run as text, as object, and as null with friendly words")
    func c6Error() async throws {
        try await RemoteAPI.with { api in
            let expected = [
                ("failed", "Video generation failed", "Video generation failed"),
                (
                    "failed-object", "The provider could not generate the video",
                    "The provider could not generate the video"
                ),
                (
                    "failed-silent", "Something went wrong. Please try again.",
                    "Something went wrong. Please try again."
                ),
                (
                    "policy-late", "Content policy violation",
                    "Content flagged as inappropriate. Please modify your prompt and try again."
                ),
            ]
            for (behaviour, words, friendly) in expected {
                let run = try await api.finished("x [[simulate: \(behaviour)]]")
                guard case .failed(let fault) = try await api.report(run).status else {
                    throw Unexpected(behaviour)
                }
                #expect(fault.message.hasSuffix(words), "\(fault.message)")
                #expect(fault.userMessage == friendly)
            }
        }
    }

    @Test("C7: the same refusal in every envelope")
    func c7Envelope() async throws {
        try await RemoteAPI.with { api in
            for form in ["invalid", "invalid=openai", "invalid=integer", "invalid=message", "invalid=text"] {
                let outcome = await api.submit("x [[simulate: \(form)]]")
                guard case .rejected(let fault) = outcome else { throw Unexpected("\(form): \(outcome)") }
                #expect(fault.kind == .providerRejected)
                #expect(fault.userMessage == "Invalid request for hunyuan-video", "\(form)")
                #expect(fault.httpStatus == 400)
            }
            let refund = await api.submit("x [[simulate: policy=refund]]")
            #expect(refund.fault?.hint?.contains("You have not been charged") == true)
        }
    }

    @Test("C8: the cost of the submission is a charge, that of the status is final")
    func c8BillingMoment() async throws {
        try await RemoteAPI.with { api in
            let run = try await api.accepted("x [[simulate: cost=0.5, final-cost=0.25]]")
            #expect(
                run.cost == Cost(charged: Money(micros: 500_000, currency: "USD"), final: false)
            )
            #expect(api.simulator.ledger.charges.map(\.amountMicros) == [500_000])
            api.advance(.seconds(60))
            let report = try await api.report(RunReference(runID: run.runID, model: "hunyuan-video"))
            #expect(
                report.cost == Cost(charged: Money(micros: 250_000, currency: "USD"), final: true)
            )
            #expect(api.simulator.ledger.charges.map(\.amountMicros) == [250_000])
        }
    }

    @Test("C9: the cost is in the currency of the payment source")
    func c9Currency() async throws {
        try await RemoteAPI.with { api in
            let usd = try await api.accepted("x [[simulate: cost=0.35]]")
            #expect(usd.cost?.charged == Money(micros: 350_000, currency: "USD"))
            #expect(usd.remainingBalance == Money(micros: 99_650_000, currency: "USD"))
            let xno = try await api.accepted("x [[simulate: xno, cost=0.35]]")
            #expect(xno.cost?.charged == Money(micros: 350_000, currency: "XNO"))
            #expect(xno.remainingBalance == Money(micros: 9_650_000, currency: "XNO"))
        }
    }

    @Test("C10: an id is any text", arguments: ["submit-s1", "submit-minimal", "no-cost"])
    func c10OpaqueID(_ form: String) async throws {
        try await RemoteAPI.with { api in
            let run = try await api.finished("x [[simulate: \(form)]]")
            #expect(run.runID.hasPrefix(form == "submit-s1" ? "fal-request-" : "vid_"))
            #expect(try await api.url(run).isEmpty == false)
        }
    }

    @Test(
        "C11: any 2xx with an id is a run",
        arguments: ["no-cost", "submit-200", "submit-s1", "submit-minimal"]
    )
    func c11SubmitCode(_ form: String) async throws {
        try await RemoteAPI.with { api in
            let run = try await api.accepted("x [[simulate: \(form)]]")
            #expect(api.simulator.ledger.charges.map(\.runID) == [run.runID])
            #expect(api.simulator.requests.counts(.submit).statuses == [form == "submit-200" ? 200 : 202: 1])
        }
    }

    @Test(
        "C12: the status in the answer to a submission does not count",
        arguments: ["pending", "processing", "EXECUTING", "completed", "failed"]
    )
    func c12SubmitStatus(_ word: String) async throws {
        try await RemoteAPI.with { api in
            let run = try await api.finished("x [[simulate: submit-status=\(word)]]")
            #expect(try await api.url(run).isEmpty == false)
        }
    }

    @Test("C15: the key goes out as x-api-key to the API's origin, and nowhere else")
    func c15Authentication() async throws {
        try await RemoteAPI.with { api in
            // The simulator takes nothing but the right key, and counts keys that its CDN gets to see.
            let run = try await api.finished("x [[simulate: relative-url, media-redirect]]")
            let (outcome, trailer) = await api.download(try await api.url(run))
            #expect(outcome == .finished)
            #expect(trailer.contains("run=\(run.runID) "))
            #expect(api.simulator.requests.counts(.content).statuses == [302: 1])
            #expect(api.requests(.media) == 2)
            #expect(api.simulator.requests.mediaRequestsWithKey == 0)
        }
    }

    @Test("C16: 403 and 404 of a status are a missing run, not a failed one", arguments: ["403", "404"])
    func c16NotOurs(_ status: String) async throws {
        try await RemoteAPI.with { api in
            let run = try await api.finished("x [[simulate: status-\(status)-first=3]]")
            for _ in 0..<3 {
                guard case .missing(let fault) = await api.client.status(of: run) else {
                    throw Unexpected("not missing")
                }
                #expect(fault.httpStatus == Int(status))
                #expect(fault.charged == .yes)
            }
            #expect(try await api.url(run).isEmpty == false)
        }
    }

    @Test("C25: the list of models comes from the route for videos and is understood")
    func c25Discovery() async throws {
        try await RemoteAPI.with { api in
            let list = try JSONParser.parse(try await api.client.videoModels())
            #expect(api.simulator.requests.counts(.catalogue).statuses == [200: 1])
            let builtIn = try ModelCatalog.builtIn()
            let merged = builtIn.merging(live: list)
            let added = merged.models.filter { $0.source == .live }
            // The simulator knows newer models that no document describes.
            #expect(added.count == 15)
            #expect(merged.models.count == builtIn.models.count + added.count)
            let newer = try #require(added.first)
            let text = #"{"model":"\#(newer.id)","prompt":"a lighthouse"}"#
            let request = try #require(try JSONParser.parse(text).objectValue)
            #expect(merged.validate(request, options: .init()).isValid)
        }
    }

    @Test("C26: an extension names the run in both spellings, and is paid without being told the cost")
    func c26Extend() async throws {
        try await RemoteAPI.with { api in
            let run = try await api.finished(
                "x",
                model: "midjourney-video",
                fields: ["imageUrl": "https://assets.example.com/a.png"]
            )
            let outcome = await api.client.submit(
                SubmissionRequest(
                    operation: .extend,
                    uuid: AttemptUUID("b7c75a5e-0000-4000-8000-000000000002"),
                    body: NanoGPTClient.extensionBody(runID: run.runID, index: 3)
                )
            )
            guard case .accepted(let longer) = outcome else { throw Unexpected("\(outcome)") }
            #expect(longer.runID != run.runID)
            #expect(longer.cost == nil)
            #expect(api.simulator.ledger.charges.map(\.runID) == [run.runID, longer.runID])
            // Found again by its UUID like any other run.
            let look = await api.client.recentRuns(
                uuid: AttemptUUID("b7c75a5e-0000-4000-8000-000000000002"),
                limit: 50
            )
            guard case .runs(let runs) = look else { throw Unexpected("\(look)") }
            #expect(runs.map(\.runID) == [longer.runID])
        }
    }

    @Test("C26: what cannot be extended is refused, and costs nothing")
    func c26Refused() async throws {
        try await RemoteAPI.with { api in
            let run = try await api.finished("x")
            let outcome = await api.client.submit(
                SubmissionRequest(
                    operation: .extend,
                    uuid: AttemptUUID("b7c75a5e-0000-4000-8000-000000000002"),
                    body: NanoGPTClient.extensionBody(runID: run.runID, index: 0)
                )
            )
            guard case .rejected(let fault) = outcome else { throw Unexpected("\(outcome)") }
            #expect(fault.message.contains("Only Midjourney"))
            #expect(api.simulator.ledger.charges.count == 1)
        }
    }

    @Test(
        "C27: the content route of any model, as a redirect and as JSON with a URL",
        arguments: ["relative-url", "relative-url, content-json"]
    )
    func c27Content(_ behaviours: String) async throws {
        try await RemoteAPI.with { api in
            for model in ["hunyuan-video", "kling-video"] {
                let run = try await api.finished("x [[simulate: \(behaviours)]]", model: model)
                let url = try await api.url(run)
                #expect(url.hasPrefix(api.simulator.baseURL + "/api/generate-video/content?"))
                let (outcome, trailer) = await api.download(url)
                #expect(outcome == .finished)
                #expect(trailer.contains("run=\(run.runID) "), "\(trailer)")
            }
            #expect(api.simulator.requests.mediaRequestsWithKey == 0)
        }
    }

    @Test("C29: a failed run counts as charged until the balance shows the refund", arguments: [true, false])
    func c29Refunds(_ isRefunded: Bool) async throws {
        try await RemoteAPI.with { api in
            let run = try await api.finished(
                "x [[simulate: failed, cost=0.5\(isRefunded ? "" : ", refund=never")]]"
            )
            guard case .failed(let fault) = try await api.report(run).status else {
                throw Unexpected("not failed")
            }
            #expect(fault.charged == .yes)
            #expect(fault.hint?.contains("refund") == true)
            let balance = await api.client.balance()
            guard case .balances(let money) = balance else { throw Unexpected("\(balance)") }
            let usd = money.first { $0.currency == "USD" }
            #expect(usd?.micros == (isRefunded ? 100_000_000 : 99_500_000))
        }
    }

    @Test("C30: the API is where the configuration says, and its paths are the same")
    func c30Hosts() async throws {
        try await RemoteAPI.with { first in
            try await RemoteAPI.with { second in
                try second.client.apply(
                    NanoGPTConfiguration(baseURL: first.simulator.baseURL + "/", userAgent: "videogend/test"),
                    key: APIKey(RemoteAPI.key)
                )
                guard case .accepted = await second.submit("x") else { throw Unexpected("submission") }
                #expect(first.simulator.ledger.charges.count == 1)
                #expect(second.simulator.ledger.charges.isEmpty)
            }
        }
        let standard = try NanoGPTConfiguration(baseURL: "https://nano-gpt.com", userAgent: "x")
        #expect(standard.origin == "https://nano-gpt.com")
        #expect(throws: NanoGPTAPIError.self) {
            try NanoGPTConfiguration(baseURL: "http://nano-gpt.com", userAgent: "x")
        }
    }
}
