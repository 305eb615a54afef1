/// The markup of manual pages (`man(7)`).
public struct ManualPageMarkup: Markup {
    /// What has been written so far.
    public private(set) var text = ""

    /// Begins with nothing.
    public init() {}

    /// Begins a section.
    ///
    /// - Parameters:
    ///   - title: Its title.
    ///   - level: 1 for a section, else one below it.
    public mutating func heading(_ title: String, level: Int) {
        if level == 1 {
            text += ".SH \(Self.escaped(title.uppercased()))\n"
        } else {
            text += ".SS \(Self.escaped(title))\n"
        }
    }

    /// Adds a paragraph.
    ///
    /// - Parameter text: Plain text.
    public mutating func paragraph(_ text: String) {
        self.text += ".PP\n\(Self.line(text))\n"
    }

    /// Adds an entry of a list.
    ///
    /// - Parameters:
    ///   - term: The term, literally.
    ///   - kind: What comes behind the term.
    ///   - texts: What is said about it.
    public mutating func entry(_ term: String, kind: String?, _ texts: [String]) {
        text += ".TP\n\\fB\(Self.escaped(term))\\fR"
        if let kind {
            text += " \\fI\(Self.escaped(kind))\\fR"
        }
        text += "\n" + texts.map(Self.line).joined(separator: "\n.IP\n") + "\n"
    }

    /// Adds lines that are shown as they are.
    ///
    /// - Parameter lines: The lines.
    public mutating func example(_ lines: [String]) {
        text += ".PP\n.in +4n\n.nf\n" + lines.map { Self.line($0) + "\n" }.joined() + ".fi\n.in\n"
    }

    /// Text of which nothing is a command: also at the start of a line.
    static func line(_ text: String) -> String {
        let escaped = escaped(text)
        return escaped.hasPrefix(".") || escaped.hasPrefix("'") ? "\\&" + escaped : escaped
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "\\": result += "\\e"
            case "-": result += "\\-"
            case "\n": result += " "
            case "…": result += "..."
            case "“", "”": result += "\""
            case "~": result += "\\(ti"
            case "^": result += "\\(ha"
            case "`": result += "\\(ga"
            case "≤": result += "<="
            default: result.append(character)
            }
        }
        return result
    }
}
