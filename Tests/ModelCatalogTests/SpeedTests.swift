import JSON
import ModelCatalog
import Testing

/// Budgets that hold for optimised code; a debug build is measured only so far that it cannot hang.
struct SpeedTests {
    #if DEBUG
    private let slack = 40
    #else
    private let slack = 1
    #endif

    @Test func aTypicalRequest() throws {
        let catalog = try ModelCatalog.builtIn()
        let request = try #require(
            try JSONParser.parse(
                #"{"model":"veo2-video","prompt":"An eagle over a lake","duration":"5s","aspect_ratio":"16:9"}"#
            ).objectValue
        )
        let best = best(of: 200) { #expect(catalog.validate(request, options: .init()).isValid) }
        #expect(best <= .microseconds(50 * slack))
    }

    @Test func threeMegabytesInline() throws {
        let catalog = try ModelCatalog.builtIn()
        let url =
            "data:image/png;base64," + Sample.base64(Sample.png + [0, 0])
            + String(repeating: "AbCd", count: 750_000)
        let request = try members(["model": "kling-v21-standard", "imageDataUrl": .string(url)])
        let best = best(of: 5) { #expect(catalog.validate(request, options: .init()).isValid) }
        #expect(best <= .milliseconds(20 * slack))
    }

    /// The shortest of several runs: what the code needs when nothing else disturbs it.
    private func best(of runs: Int, _ body: () -> Void) -> Duration {
        let clock = ContinuousClock()
        return (0..<runs).map { _ in clock.measure(body) }.min() ?? .zero
    }
}
