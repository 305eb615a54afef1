import Testing

@testable import JobCore

/// Values that come from a provider or a client and are made to hurt.
@Suite struct UntrustedValueTests {
    @Test func amountThatRoundsBeyondTheLargestIsRefused() async {
        await #expect(processExitsWith: .success) {
            _ = Money(decimal: "9223372036854.7758079", currency: "USD")
        }
    }

    @Test(arguments: ["{label}/{id}.mp4", "a/{label}/{id}.mp4"])
    func emptyPlaceholderMakesNoEmptyComponent(_ template: String) throws {
        var bench = MachineBench()
        let job = Job(bench.submission(label: nil), createdAt: MachineBench.wallStart)
        let name = try FileNameTemplate(template).name(of: job)
        #expect(!name.split(separator: "/", omittingEmptySubsequences: false).contains(""), "\(name)")
    }

    @Test func oneLongGraphemeLeavesAName() throws {
        var bench = MachineBench()
        let label = "a" + String(repeating: "\u{301}", count: 300)
        let job = Job(bench.submission(label: label), createdAt: MachineBench.wallStart)
        for template in ["{label}", "{label}/{id}"] {
            let name = try FileNameTemplate(template).name(of: job)
            for component in name.split(separator: "/", omittingEmptySubsequences: false) {
                #expect(!component.isEmpty && component.utf8.count <= 255)
            }
        }
    }

    @Test func valuesAreNotExpandedAgain() throws {
        var bench = MachineBench()
        let job = Job(
            bench.submission(model: "{owner}{time}", label: "{id}{model}{date}"),
            createdAt: MachineBench.wallStart
        )
        #expect(try FileNameTemplate("{label}-{model}").name(of: job) == "{id}{model}{date}-{owner}{time}")
    }

    @Test(arguments: ["2025-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026x01x02y03z04z05Z"])
    func datesThatDoNotExistAreRefused(_ text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }
}
