import Glibc
import JSON

/// What a command shows: data on standard output, everything else on standard error.
struct Console {
    let out: TextStream
    let err: TextStream
    let glyphs: Glyphs
    /// Whether results are printed as JSON.
    let json: Bool
    /// The lines of the terminal.
    let rows: Int

    init(json: Bool, color: ColorChoice) {
        let environment = Session.environment
        out = TextStream(descriptor: STDOUT_FILENO, color: color, environment: environment)
        err = TextStream(descriptor: STDERR_FILENO, color: color, environment: environment)
        glyphs = Glyphs.forLocale(environment)
        self.json = json
        rows = environment("LINES").flatMap { Int($0) }.map { max($0, 4) } ?? 24
    }

    init(out: TextStream, err: TextStream, glyphs: Glyphs = .unicode, json: Bool = false, rows: Int = 24) {
        self.out = out
        self.err = err
        self.glyphs = glyphs
        self.json = json
        self.rows = rows
    }

    /// Prints a value as one line of JSON.
    func jsonLine(_ value: JSONValue) {
        out.write(value.text + "\n")
    }

    /// Prints a line of data.
    func data(_ text: String) {
        out.write(text + "\n")
    }

    /// Prints data for people.
    func lines(_ lines: [StyledText]) {
        for line in lines {
            out.line(line)
        }
    }

    /// Prints a table.
    func table(_ table: Table) {
        lines(table.lines(width: out.columns, ellipsis: glyphs.ellipsis))
    }

    /// Says something that is no data.
    func note(_ text: StyledText) {
        err.line(text)
    }
}
