/// The markup of documents that are read in a browser or as they are.
public struct MarkdownMarkup: Markup {
    /// What has been written so far.
    public private(set) var text = ""

    /// Begins with nothing.
    public init() {}

    /// Begins a section.
    ///
    /// - Parameters:
    ///   - title: Its title.
    ///   - level: 1 for a section below the document's title, and so on.
    public mutating func heading(_ title: String, level: Int) {
        separate()
        text += String(repeating: "#", count: level + 1) + " " + title + "\n"
    }

    /// Adds a paragraph.
    ///
    /// - Parameter text: Plain text.
    public mutating func paragraph(_ text: String) {
        separate()
        self.text += Self.escaped(text) + "\n"
    }

    /// Adds an entry of a list.
    ///
    /// - Parameters:
    ///   - term: The term, literally.
    ///   - kind: What comes behind the term.
    ///   - texts: What is said about it.
    public mutating func entry(_ term: String, kind: String?, _ texts: [String]) {
        if !text.hasSuffix("\n\n"), !isInList { separate() }
        text += "- `\(term)`" + (kind.map { " (\(Self.escaped($0)))" } ?? "")
        let words = texts.filter { !$0.isEmpty }.map(Self.escaped).joined(separator: " ")
        text += words.isEmpty ? "\n" : ": \(words)\n"
        isInList = true
    }

    /// Adds lines that are shown as they are.
    ///
    /// - Parameter lines: The lines.
    public mutating func example(_ lines: [String]) {
        separate()
        text += "```\n" + lines.map { $0 + "\n" }.joined() + "```\n"
    }

    /// Whether the last thing written was an entry of a list.
    private var isInList = false

    private mutating func separate() {
        isInList = false
        if !text.isEmpty {
            text += "\n"
        }
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        var isCode = false
        for character in text {
            if character == "`" { isCode.toggle() }
            if !isCode, "*_<>".contains(character) { result.append("\\") }
            result.append(character == "\n" ? " " : character)
        }
        return result
    }
}
