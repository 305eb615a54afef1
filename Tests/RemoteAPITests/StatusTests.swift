import JobCore
import JobEngine
import NanoGPTAPI
import NanoGPTSimulator
import Testing

/// Every word and every place of FACTS section 4, over HTTP.
@Suite("Status words and places of the URL, over HTTP")
struct StatusTests {
    enum State: Sendable {
        case queued, running, done, failed, canceled, unknown
    }

    static let words: [(String, State)] =
        ["IN_QUEUE", "queued", "queue", "pending", "PENDING", "submitted", "NOT_START"].map { ($0, .queued) }
        + [
            "IN_PROGRESS", "processing", "running", "EXECUTING", "generating", "delivering", "uploading",
            "finishing",
        ].map { ($0, .running) }
        + ["COMPLETED", "completed", "complete", "succeeded", "SUCCEEDED", "success"].map { ($0, .done) }
        + ["FAILED", "failed", "failure", "error", "ERROR", "content_policy_violation"].map { ($0, .failed) }
        + ["CANCELED", "CANCELLED", "cancelled"].map { ($0, .canceled) }
        + ["unknown", "UNKNOWN", "warming up", "on the moon"].map { ($0, .unknown) }

    @Test("every status word, with and without envelope", arguments: words)
    func word(_ word: String, _ expected: State) async throws {
        try await RemoteAPI.with { api in
            for shape in ["", ", flat", ", skills", ", legacy-only"] {
                let run = try await api.finished("x [[simulate: status-word=\(word)\(shape)]]")
                let report = try await api.report(run)
                let isAsExpected =
                    switch (expected, report.status) {
                    case (.queued, .queued), (.running, .running), (.failed, .failed),
                        (.canceled, .canceled), (.unknown, .unknown):
                        true
                    case (.done, .done(let urls)): urls.count == 1
                    default: false
                    }
                #expect(isAsExpected, "\(word)\(shape): \(report)")
                #expect(report.word == word)
            }
        }
    }

    @Test("a run's whole course in the words of a dialect", arguments: dialects)
    func course(_ behaviours: String, _ expected: [String]) async throws {
        try await RemoteAPI.with({ $0.settings.processingSeconds = 100 }) { api in
            let accepted = try await api.accepted("x [[simulate: \(behaviours)]]")
            let run = RunReference(runID: accepted.runID, model: "hunyuan-video")
            var seen: [String] = []
            for _ in 0...10 {
                let word = try await api.report(run).word ?? "none"
                if seen.last != word { seen.append(word) }
                api.advance(.seconds(10))
            }
            #expect(seen == expected)
            guard case .done = try await api.report(run).status else { throw Unexpected("not done") }
        }
    }

    static let dialects: [(String, [String])] = [
        ("no-cost", ["IN_QUEUE", "IN_PROGRESS", "COMPLETED"]),
        ("lower-case", ["queued", "processing", "completed"]),
        ("s2-words", ["queued", "processing", "generating", "delivering", "succeeded"]),
        ("odd-states", ["IN_QUEUE", "generating", "unknown", "none", "delivering", "COMPLETED"]),
        ("flat", ["queued", "processing", "completed"]),
        ("skills", ["queued", "processing", "completed"]),
        ("booleans", ["QUEUED", "IN_PROGRESS", "COMPLETED"]),
        ("legacy-only", ["IN_QUEUE", "IN_PROGRESS", "COMPLETED"]),
        ("legacy-only=405", ["IN_QUEUE", "IN_PROGRESS", "COMPLETED"]),
    ]

    static let places = [
        "output.video.url", "output.url", "output.video", "output.video[0].url", "output.videos[0].url",
        "output.video_url", "output.videoUrl", "videoUrl", "video_url", "url", "root.videoUrl",
        "root.video_url", "root.url", "root.output.video.url", "assets[0].url",
    ]

    @Test("every place of the URL, and the video behind it", arguments: places)
    func place(_ place: String) async throws {
        try await RemoteAPI.with { api in
            let run = try await api.finished("x [[simulate: url-at=\(place)]]")
            let (outcome, trailer) = await api.download(try await api.url(run))
            #expect(outcome == .finished)
            #expect(trailer.contains("run=\(run.runID) index=0"), "\(trailer)")
            #expect(api.simulator.requests.mediaRequestsWithKey == 0)
        }
    }

    @Test("several videos of one run, in their order")
    func several() async throws {
        try await RemoteAPI.with { api in
            let run = try await api.finished("x [[simulate: multi=4]]", model: "hunyuan-video")
            guard case .done(let urls) = try await api.report(run).status else {
                throw Unexpected("not done")
            }
            #expect(urls.count == 4)
            for (index, url) in urls.enumerated() {
                let (outcome, trailer) = await api.download(url)
                #expect(outcome == .finished)
                #expect(trailer.contains("run=\(run.runID) index=\(index)"), "\(trailer)")
            }
        }
    }

    @Test("done, but the URL comes later: done without URLs, which is asked again")
    func urlComesLater() async throws {
        try await RemoteAPI.with { api in
            let run = try await api.finished("x [[simulate: no-url-first=1]]")
            #expect(try await api.report(run).status == .done(urls: []))
            #expect(try await api.url(run).isEmpty == false)
        }
    }
}
