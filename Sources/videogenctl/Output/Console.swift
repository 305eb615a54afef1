import Glibc
import JSON

/// What a command shows: data on standard output, everything else on standard error.
struct Console {
    let out: TextStream
    let err: TextStream
    let glyphs: Glyphs
    /// Whether results are printed as JSON.
    let json: Bool
    /// How further commands are to be called, so that they reach the same daemon.
    let program: String

    init(_ options: CommonOptions) {
        let environment = Session.environment
        out = TextStream(descriptor: STDOUT_FILENO, color: options.color, environment: environment)
        err = TextStream(descriptor: STDERR_FILENO, color: options.color, environment: environment)
        glyphs = Glyphs.forLocale(environment)
        json = options.json
        program = options.program
    }

    init(
        out: TextStream,
        err: TextStream,
        glyphs: Glyphs = .unicode,
        json: Bool = false,
        program: String = "videogenctl"
    ) {
        self.out = out
        self.err = err
        self.glyphs = glyphs
        self.json = json
        self.program = program
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
