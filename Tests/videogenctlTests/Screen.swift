/// A terminal that knows the few control sequences that the client uses, to see what a person sees.
struct Screen {
    /// The lines from the top, blanks at their ends and empty lines at the bottom left out.
    var lines: [String] {
        var lines = cells.map { line in
            String(String(line).reversed().drop { $0 == " " }.reversed())
        }
        while lines.last?.isEmpty == true {
            lines.removeLast()
        }
        return lines
    }

    /// Sequences that it does not know.
    private(set) var unknown: [String] = []
    private var cells: [[Character]] = [[]]
    private var row = 0
    private var column = 0

    /// Shows a text.
    init(_ text: String, columns: Int) {
        var rest = Substring(text)
        while let character = rest.popFirst() {
            switch character {
            case "\r": column = 0
            case "\n", "\r\n": down()
            case "\u{1B}":
                rest = rest.dropFirst()
                let argument = rest.prefix { $0.isNumber || $0 == ";" || $0 == "?" }
                rest = rest.dropFirst(argument.count)
                perform(rest.popFirst() ?? " ", String(argument))
            default:
                if column >= columns {
                    down()
                }
                put(character)
            }
        }
    }

    private mutating func down() {
        row += 1
        column = 0
        if row == cells.count {
            cells.append([])
        }
    }

    private mutating func put(_ character: Character) {
        while cells[row].count <= column {
            cells[row].append(" ")
        }
        cells[row][column] = character
        column += 1
    }

    private mutating func perform(_ command: Character, _ argument: String) {
        switch command {
        case "A": row = max(0, row - (Int(argument) ?? 1))
        case "K": cells[row].removeSubrange(min(column, cells[row].count)...)
        case "J":
            cells[row].removeSubrange(min(column, cells[row].count)...)
            cells.removeSubrange((row + 1)...)
        case "m": break
        default: unknown.append("\(argument)\(command)")
        }
    }
}
