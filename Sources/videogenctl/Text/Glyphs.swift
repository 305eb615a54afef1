/// The signs that are drawn, for terminals with and without Unicode.
struct Glyphs: Sendable {
    let ellipsis: String
    let spinner: [String]
    let barFull: String
    let barEmpty: String
    let done: String
    let failed: String
    let alarm: String
    let waiting: String

    static let unicode = Glyphs(
        ellipsis: "…",
        spinner: ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"],
        barFull: "█",
        barEmpty: "░",
        done: "✓",
        failed: "✗",
        alarm: "!",
        waiting: "·"
    )
    static let ascii = Glyphs(
        ellipsis: "...",
        spinner: ["|", "/", "-", "\\"],
        barFull: "#",
        barEmpty: "-",
        done: "+",
        failed: "x",
        alarm: "!",
        waiting: "."
    )

    /// The signs for the locale, by the first of its variables that is set (POSIX, "Environment Variables").
    static func forLocale(_ environment: (String) -> String?) -> Glyphs {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].compactMap { environment($0) }.first { !$0.isEmpty }
        let name = (locale ?? "").lowercased()
        return name.contains("utf-8") || name.contains("utf8") ? unicode : ascii
    }
}
