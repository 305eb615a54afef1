/// Lines up rows in columns, and gives up columns where the terminal is narrow.
struct Table {
    /// One column.
    struct Column {
        let title: String
        var alignsRight = false
        /// The least width that it is shrunk to; `nil` if it is never shrunk.
        var minimum: Int?
        /// Columns with a higher rank are left out first; 0 is never left out.
        var rank = 0
    }

    private static let gap = "  "
    private let columns: [Column]
    private var rows: [[StyledText]] = []

    init(_ columns: [Column]) {
        self.columns = columns
    }

    /// Adds a row with one cell for each column.
    mutating func add(_ cells: [StyledText]) {
        rows.append(cells)
    }

    /// The lines with the titles first.
    ///
    /// - Parameters:
    ///   - width: The columns of the terminal; `nil` where nothing is cut.
    ///   - ellipsis: Shows where something was cut.
    /// - Returns: The lines.
    func lines(width: Int?, ellipsis: String) -> [StyledText] {
        let header = columns.map { StyledText($0.title, .faint) }
        let all = [header] + rows
        var widths = columns.indices.map { column in all.map { $0[column].columns }.max() ?? 0 }
        var shown = Array(columns.indices)
        if let width {
            fit(&widths, &shown, into: width)
        }
        return all.map { row in
            var line = StyledText("")
            // Blanks at the end of a line would only make it wrap.
            let last = shown.last { !row[$0].isEmpty }
            for column in shown.prefix(while: { $0 <= last ?? 0 }) {
                let cell = row[column].truncated(to: widths[column], ellipsis: ellipsis)
                let isLast = column == last
                let alignsRight = columns[column].alignsRight
                line +=
                    isLast && !alignsRight
                    ? cell : cell.padded(to: widths[column], alignsRight: alignsRight)
                if !isLast {
                    line += StyledText(Self.gap)
                }
            }
            return line
        }
    }

    /// Shrinks columns, then leaves out the least important ones, until the line fits.
    private func fit(_ widths: inout [Int], _ shown: inout [Int], into width: Int) {
        let natural = widths
        while true {
            widths = natural
            var excess = shown.reduce(0) { $0 + widths[$1] } + Self.gap.count * (shown.count - 1) - width
            // The least important column gives first.
            for column in shown.sorted(by: { columns[$0].rank > columns[$1].rank }) where excess > 0 {
                guard let minimum = columns[column].minimum else { continue }
                let given = min(excess, max(0, widths[column] - minimum))
                widths[column] -= given
                excess -= given
            }
            guard excess > 0,
                let least = shown.filter({ columns[$0].rank > 0 }).max(by: {
                    columns[$0].rank < columns[$1].rank
                })
            else { return }
            shown.removeAll { $0 == least }
        }
    }
}
