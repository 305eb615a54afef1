import Testing

@testable import JobCore

/// Times, amounts and names.
@Suite struct ValueTests {
    // MARK: Times

    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"), (1_768_653_296_007, "2026-01-17T12:34:56.007Z"),
            (4_107_542_399_999, "2100-02-28T23:59:59.999Z"), (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (-2_208_988_800_000, "1900-01-01T00:00:00.000Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        ] as [(Int64, String)]
    )
    func timesAreWrittenAndRead(_ milliseconds: Int64, _ text: String) {
        #expect(Timestamp(milliseconds: milliseconds).rfc3339 == text)
        #expect(Timestamp(rfc3339: text)?.milliseconds == milliseconds)
    }

    @Test(
        arguments: [
            ("2026-01-17T12:34:56Z", 1_768_653_296_000), ("2026-01-17t12:34:56.5z", 1_768_653_296_500),
            ("2026-01-17T12:34:56.123456789Z", 1_768_653_296_123),
            ("2026-01-17T14:34:56+02:00", 1_768_653_296_000),
            ("2026-01-17T07:04:56.000-05:30", 1_768_653_296_000), ("2016-12-31T23:59:60Z", 1_483_228_800_000),
            ("2026-01-17 12:34:56Z", 1_768_653_296_000),
        ] as [(String, Int64)]
    )
    func otherSpellingsAreRead(_ text: String, _ milliseconds: Int64) {
        #expect(Timestamp(rfc3339: text)?.milliseconds == milliseconds)
    }

    @Test(arguments: [
        "", "2026", "2026-01-17", "2026-01-17T12:34:56", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
        "2026-01-00T00:00:00Z", "2026-01-32T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z",
        "2026-01-01T00:00:61Z", "2026-01-01T00:00:00Zx", "2026-01-01T00:00:00+2:00", "2026-01-01T00:00:00+02",
        "x026-01-01T00:00:00Z", "1900-02-29T00:00:00Z",
    ])
    func brokenTimesAreRefused(_ text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test func timesSurviveARoundTrip() {
        var random = SplitMix64(seed: 1)
        for _ in 0..<5000 {
            let time = Timestamp(
                milliseconds: .random(in: -62_135_596_800_000...253_402_300_799_999, using: &random)
            )
            #expect(Timestamp(rfc3339: time.rfc3339) == time)
        }
    }

    // MARK: Amounts

    @Test(
        arguments: [
            ("0", 0), ("0.35", 350_000), ("-1", -1_000_000), ("1.5e-3", 1500), ("1E2", 100_000_000),
            ("0.0000005", 1), ("0.00000049", 0), ("0.1234565", 123_457), ("1e-7", 0), ("5e-7", 1),
            ("12345.678901", 12_345_678_901),
            ("9223372036854.775807", .max), ("1e+2", 100_000_000), ("-0.0000005", -1),
        ] as [(String, Int64)]
    )
    func amountsAreExact(_ text: String, _ micros: Int64) {
        #expect(Money(decimal: text, currency: "USD")?.micros == micros)
    }

    @Test(arguments: [
        "", "-", ".", "1.2.3", "1e", "e5", "1e99", "abc", "0x10", "9223372036854.775808", "1e13", "٣", "1,5",
        "--1", "1e-9223372036854775808", "1e9223372036854775807", "1e-31",
    ])
    func otherAmountsAreRefused(_ text: String) {
        #expect(Money(decimal: text, currency: "USD") == nil)
    }

    @Test(
        arguments: [
            (350_000, "0.35 XNO"), (0, "0.00 XNO"), (-1, "-0.000001 XNO"), (1_200_000, "1.20 XNO"),
            (.min, "-9223372036854.775808 XNO"),
        ] as [(Int64, String)]
    )
    func amountsAreShown(_ micros: Int64, _ text: String) {
        #expect(Money(micros: micros, currency: "XNO").description == text)
    }

    @Test func amountsSurviveARoundTrip() {
        var random = SplitMix64(seed: 2)
        for _ in 0..<2000 {
            let money = Money(micros: .random(in: (.min + 1)...(.max), using: &random), currency: "USD")
            let text = money.description.split(separator: " ").first.map(String.init) ?? ""
            #expect(Money(decimal: text, currency: "USD") == money)
        }
    }

    // MARK: Names

    @Test func identifiersOnlyGrow() {
        var random = SplitMix64(seed: 3)
        var generator = JobID.Generator(after: nil)
        var last: JobID?
        var time = Timestamp(milliseconds: 1_768_653_296_000)
        for _ in 0..<5000 {
            time = time + .milliseconds(Int64.random(in: -1000...1000, using: &random))
            if random.chance(0.01) {
                // A new start, with the clock anywhere.
                generator = JobID.Generator(after: last)
                time = time + .milliseconds(Int64.random(in: -100_000_000...0, using: &random))
            }
            let id = generator.next(at: time, using: &random)
            #expect(last.map { $0 < id } ?? true)
            #expect(JobID(id.description) == id)
            last = id
        }
    }

    @Test func manyIdentifiersFitIntoOneMillisecond() {
        var random = SplitMix64(seed: 4)
        var generator = JobID.Generator(after: nil)
        let time = Timestamp(milliseconds: 1_768_653_296_000)
        let first = generator.next(at: time, using: &random)
        var last = first
        for _ in 0..<1000 { last = generator.next(at: time, using: &random) }
        #expect(first.description.prefix(10) == last.description.prefix(10))
    }

    @Test(arguments: [
        "", "0", "01kf5x8qtxc7v6p", "01kf5x8qtxc7v6p5x", "01KF5X8QTXC7V6P5", "01kf5x8qtxc7v6pi",
        "01kf5x8qtxc7v6p\u{301}", "../../etc/passwd",
    ])
    func otherIdentifiersAreRefused(_ text: String) {
        #expect(JobID(text) == nil)
    }

    @Test func uuidsAreVersionFour() {
        var random = SplitMix64(seed: 5)
        var seen: Set<AttemptUUID> = []
        for _ in 0..<1000 {
            let uuid = AttemptUUID(using: &random)
            let text = Array(uuid.description)
            #expect(text.count == 36)
            #expect(text[8] == "-" && text[13] == "-" && text[18] == "-" && text[23] == "-")
            #expect(text[14] == "4" && "89ab".contains(text[19]))
            #expect(text.allSatisfy { "0123456789abcdef-".contains($0) })
            #expect(seen.insert(uuid).inserted)
        }
        #expect(AttemptUUID("ABC") == AttemptUUID("abc"))
    }

    @Test(
        arguments: [
            ("{id}.mp4", "ID"), ("{date}-{time}", "2026-01-17-123456"),
            ("{model}/{label}", "kling_v2/my film"),
            ("{owner}.WEBM", "u1000"), ("clip.MP4", "clip"), (".hidden", "_hidden"), ("-rf", "_rf"),
            ("a\"b'c$d`e", "a_b_c_d_e"),
            (".mp4", "_mp4"), ("{label}{label}", "my filmmy film"), ("a:b|c", "a_b_c"),
        ] as [(String, String)]
    )
    func templatesAreFilledIn(_ template: String, _ expected: String) throws {
        var bench = MachineBench()
        let job = Job(
            bench.submission(model: "kling/v2", label: "my film"),
            createdAt: Timestamp(milliseconds: 1_768_653_296_007)
        )
        let name = try FileNameTemplate(template).name(of: job)
        #expect(name == expected.replacing("ID", with: job.id.description))
    }

    @Test(arguments: [
        "", "/a", "a//b", "a/", "../a", "a/..", "./a", "{id", "{nothing}", "a\nb", "{}", "{ID}", "a\0",
    ])
    func otherTemplatesAreRefused(_ template: String) {
        #expect(throws: JobFault.self) { _ = try FileNameTemplate(template) }
    }

    /// Whatever the values are, a name stays inside the directory and can be made.
    @Test func namesAreSafe() throws {
        var random = SplitMix64(seed: 6)
        let parts = [
            "..", "/", "\\", ".", "\0", "\n", "é", "e\u{301}", "👩‍👩‍👧‍👦", "-", " ", "a", "{id}", ".mp4", "~",
            String(repeating: "x", count: 300),
        ]
        var bench = MachineBench()
        for _ in 0..<2000 {
            let label = (0..<Int.random(in: 0...6, using: &random)).map { _ in
                parts.randomElement(using: &random) ?? ""
            }.joined()
            let job = Job(bench.submission(model: label, label: label), createdAt: MachineBench.wallStart)
            let template =
                ["{label}", "{label}/{model}", "x{label}.mp4", "{model}/{label}/{id}"].randomElement(
                    using: &random
                ) ?? ""
            let name = try FileNameTemplate(template).name(of: job, suffix: "-a1-2-3")
            let components = name.split(separator: "/", omittingEmptySubsequences: false)
            for component in components {
                #expect(
                    !component.isEmpty && component != "." && component != ".."
                        && component.utf8.count <= 255,
                    "\(name.debugDescription)"
                )
                #expect(
                    !component.unicodeScalars.contains { $0.value < 0x20 || $0 == "\\" },
                    "\(name.debugDescription)"
                )
            }
            #expect(name.hasSuffix("-a1-2-3"))
            #expect((components.last?.utf8.count ?? 999) + ".json".utf8.count <= 255)
        }
    }
}
