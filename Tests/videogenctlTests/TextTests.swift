import JSON
import Testing

@testable import videogenctl

@Suite("Text")
struct TextTests {
    @Test(
        "what follows a sentence starts with a capital, unless it is a name or a quotation",
        arguments: [
            ("allowed: 5, 10", "Allowed: 5, 10."), ("did you mean m?", "Did you mean m?"),
            ("'videogenctl list' shows them", "'videogenctl list' shows them."),
            ("videogenctl list shows them", "videogenctl list shows them."),
            ("api.base_url is wrong", "api.base_url is wrong."), ("Done.", "Done."), ("", ""),
            ("--set a=b does", "--set a=b does."), ("state.directory, too", "state.directory, too."),
        ]
    )
    func nextSentence(_ text: String, _ wanted: String) {
        #expect(text.asNextSentence == wanted)
    }

    @Test(
        "columns of characters",
        arguments: [
            ("abc", 3), ("é", 1), ("e\u{301}", 1), ("日本", 4), ("한국", 4), ("ｆｕｌｌ", 8), ("👍", 2), ("👨‍👩‍👧", 2),
            ("🇩🇪", 2), ("☂", 1), ("☂️", 2), ("…", 1), ("\u{200B}", 0), ("ﾊﾝｶｸ", 4), ("⌚", 2), ("𠮷", 2), ("", 0),
        ]
    )
    func columns(_ text: String, _ columns: Int) {
        #expect(TextWidth.columns(of: text) == columns)
    }

    @Test("cuts between characters, never through a wide one")
    func truncation() {
        #expect(TextWidth.truncated("日本語です", to: 6, ellipsis: "…") == "日本…")
        #expect(TextWidth.truncated("日本語です", to: 10, ellipsis: "…") == "日本語です")
        #expect(TextWidth.truncated("abcdef", to: 5, ellipsis: "...") == "ab...")
        #expect(TextWidth.truncated("abcdef", to: 2, ellipsis: "...") == "ab")
    }

    @Test("nothing from elsewhere can steer the terminal")
    func cleaning() {
        #expect(TerminalText.oneLine("a\u{1B}[31mb\u{7}\u{9B}c\n\t d\u{202E}e ") == "a[31mbc de")
        #expect(TerminalText.lines("one\r\ntwo\u{1B}]0;x\u{7}\n\tthree") == ["one", "two]0;x", " three"])
        #expect(StyledText("  a\nb ").plain == "  a b ")
        #expect(StyledText("   ").plain == "   ")
    }

    @Test("styled text is cut with its style")
    func styled() {
        let text = StyledText("abc", .success) + StyledText("defgh")
        #expect(text.truncated(to: 5, ellipsis: "…").rendered(color: true) == "\u{1B}[32mabc\u{1B}[0md…")
        #expect(text.truncated(to: 3, ellipsis: "…").rendered(color: true) == "\u{1B}[32mab…\u{1B}[0m")
        #expect(text.truncated(to: 8, ellipsis: "…").plain == "abcdefgh")
        #expect(text.padded(to: 10, alignsRight: true).plain == "  abcdefgh")
        #expect(text.rendered(color: false) == "abcdefgh")
    }

    @Test(
        "money",
        arguments: [
            (350_000, "USD", "$0.35"), (0, "USD", "$0.00"), (1_234_567, "USD", "$1.234567"),
            (-50, "USD", "-$0.00005"),
            (12_500_000, "XNO", "12.50 XNO"), (5_000_000, "USD", "$5.00"),
        ]
    )
    func money(_ micros: Int, _ currency: String, _ text: String) {
        #expect(MoneyText.text(["micros": .integer(micros), "currency": .string(currency)]) == text)
    }

    @Test("what is no money has no text")
    func noMoney() {
        #expect(MoneyText.text(nil) == nil)
        #expect(MoneyText.text("0.35") == nil)
    }

    @Test("sizes")
    func sizes() {
        #expect(ByteText.text(17) == "17 bytes")
        #expect(ByteText.text(2048) == "2.0 KiB")
        #expect(ByteText.text((1 << 20) - 1) == "1.0 MiB")
        #expect(ByteText.text(5 << 30) == "5.0 GiB")
    }

    @Test("reads RFC 3339")
    func times() {
        #expect(TimeText.milliseconds("1970-01-01T00:00:00.000Z") == 0)
        #expect(TimeText.milliseconds("2026-07-01T08:00:00.123Z") == 1_782_892_800_123)
        #expect(TimeText.milliseconds("2026-07-01T10:00:00+02:00") == 1_782_892_800_000)
        #expect(TimeText.milliseconds("2026-07-01") == 1_782_864_000_000)
        for text in ["", "yesterday", "2026-13-01T00:00:00Z", "2026-07-01T08:00:00", "2026-07-01T08:00:00Zx"]
        {
            #expect(TimeText.milliseconds(text) == nil, "\(text)")
        }
    }

    @Test("ages and stopwatches")
    func durations() {
        #expect(TimeText.age(0, now: 59_999) == "59s")
        #expect(TimeText.age(0, now: 60_000) == "1m")
        #expect(TimeText.age(0, now: 7_200_000) == "2h")
        #expect(TimeText.age(0, now: 200_000_000) == "2d")
        #expect(TimeText.age(10_000, now: 0) == "0s")
        #expect(TimeText.stopwatch(milliseconds: 7_900) == "0:07")
        #expect(TimeText.stopwatch(milliseconds: 3_723_000) == "1:02:03")
        #expect(TimeText.stopwatch(milliseconds: 183_600_000) == "2d3h")
    }

    @Test("signs follow the locale, the first variable that is set counts")
    func glyphs() {
        func ellipsis(_ environment: [String: String]) -> String {
            Glyphs.forLocale { environment[$0] }.ellipsis
        }
        #expect(ellipsis(["LANG": "de_DE.UTF-8"]) == "…")
        #expect(ellipsis(["LC_ALL": "C", "LANG": "de_DE.UTF-8"]) == "...")
        #expect(ellipsis(["LC_ALL": "", "LC_CTYPE": "C.utf8"]) == "…")
        #expect(ellipsis([:]) == "...")
    }

    @Test(
        "durations of the command line",
        arguments: [
            ("90", 90_000), ("90s", 90_000), ("1.5m", 90_000), ("1h30m", 5_400_000), ("500ms", 500), ("0", 0),
            ("2d", 172_800_000),
        ]
    )
    func durationArgument(_ text: String, _ milliseconds: Int) {
        #expect(DurationArgument(argument: text)?.duration == .milliseconds(milliseconds))
    }

    @Test("what is no duration", arguments: ["", "m", "5x", "-3", "1h30", "nan", "inf", "1e99"])
    func noDuration(_ text: String) {
        #expect(DurationArgument(argument: text) == nil)
    }
}
