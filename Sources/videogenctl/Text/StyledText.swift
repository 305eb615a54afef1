/// A piece of text for the terminal whose colours can be left out.
struct StyledText: Hashable, ExpressibleByStringLiteral {
    /// How a piece looks.
    enum Style: String {
        case plain = ""
        case strong = "1"
        case faint = "2"
        case success = "32"
        case failure = "31"
        case warning = "33"
        case active = "36"
        case alarm = "1;35"
    }

    private struct Piece: Hashable {
        var text: String
        var style: Style
    }

    private var pieces: [Piece] = []

    /// Makes a text that is safe to show: on one line, without control characters.
    init(_ text: String, _ style: Style = .plain) {
        // White space at the ends separates pieces and is meant.
        let body = TerminalText.oneLine(text)
        let blanksBefore = body.isEmpty ? "" : String(text.prefix { $0 == " " })
        let blanksAfter = String(text.reversed().prefix { $0 == " " })
        pieces = [Piece(text: blanksBefore + body + blanksAfter, style: style)]
    }

    init(stringLiteral value: String) {
        self.init(value)
    }

    /// The text without styles.
    var plain: String {
        pieces.map(\.text).joined()
    }

    /// How many columns it takes.
    var columns: Int {
        pieces.reduce(0) { $0 + TextWidth.columns(of: $1.text) }
    }

    /// Whether there is nothing to see.
    var isEmpty: Bool {
        pieces.allSatisfy(\.text.isEmpty)
    }

    /// The start that fits, with an ellipsis where something was left out.
    func truncated(to width: Int, ellipsis: String) -> StyledText {
        guard columns > width else { return self }
        var result = self
        result.pieces = []
        var room = width
        for piece in pieces {
            let needed = TextWidth.columns(of: piece.text)
            let isLast = needed >= room
            // The piece that fills the line has to show that others follow.
            let text =
                isLast ? TextWidth.truncated(piece.text + " ", to: room, ellipsis: ellipsis) : piece.text
            result.pieces.append(Piece(text: text, style: piece.style))
            if isLast {
                break
            }
            room -= needed
        }
        return result
    }

    /// The text filled with blanks up to a width.
    func padded(to width: Int, alignsRight: Bool = false) -> StyledText {
        let blanks = max(0, width - columns)
        guard blanks > 0 else { return self }
        var result = self
        let piece = Piece(text: String(repeating: " ", count: blanks), style: .plain)
        result.pieces.insert(piece, at: alignsRight ? 0 : pieces.count)
        return result
    }

    /// What to write to the terminal.
    func rendered(color: Bool) -> String {
        guard color else { return plain }
        return pieces.map { piece in
            piece.style == .plain || piece.text.isEmpty
                ? piece.text : "\u{1B}[\(piece.style.rawValue)m\(piece.text)\u{1B}[0m"
        }.joined()
    }

    static func + (left: StyledText, right: StyledText) -> StyledText {
        var result = left
        result.pieces += right.pieces
        return result
    }

    static func += (left: inout StyledText, right: StyledText) {
        left.pieces += right.pieces
    }
}
