public import JSON

/// A program's options and commands, from the description that its argument parser gives.
public struct ProgramReference {
    private let command: JSONValue

    /// Reads a description.
    ///
    /// - Parameter description: What the program prints for `--experimental-dump-help`.
    public init(_ description: JSONValue) {
        command = description["command"] ?? .null
    }

    /// The program's name.
    public var name: String {
        command["commandName"]?.stringValue ?? ""
    }

    /// Writes how the program is called.
    ///
    /// - Parameter markup: Takes the text.
    public func writeSynopsis(to markup: inout any Markup) {
        markup.example([Self.usage(command, path: name)])
    }

    /// Writes the program's own options.
    ///
    /// - Parameter markup: Takes the text.
    public func writeOptions(to markup: inout any Markup) {
        Self.writeArguments(of: command, to: &markup)
    }

    /// Writes every command with its options, in the groups of the help.
    ///
    /// - Parameter markup: Takes the text.
    public func writeCommands(to markup: inout any Markup) {
        for command in Self.shown(self.command["subcommands"]) {
            let path = command["commandName"]?.stringValue ?? ""
            guard path != "help" else { continue }
            markup.heading(path, level: 2)
            markup.example([Self.usage(command, path: "\(name) \(path)")])
            if let abstract = command["abstract"]?.stringValue {
                markup.paragraph(Self.sentence(abstract))
            }
            for paragraph in Self.paragraphs(command["discussion"]?.stringValue ?? "") {
                if paragraph.hasPrefix("  ") {
                    markup.example(
                        paragraph.split(separator: "\n").map { line in String(line.drop { $0 == " " }) }
                    )
                } else {
                    markup.paragraph(paragraph)
                }
            }
            Self.writeArguments(of: command, to: &markup, withoutCommon: true)
        }
    }

    // MARK: Parts

    private static func shown(_ list: JSONValue?) -> [JSONValue] {
        (list?.arrayValue ?? []).filter { $0["shouldDisplay"]?.boolValue ?? true }
    }

    private static func writeArguments(
        of command: JSONValue,
        to markup: inout any Markup,
        withoutCommon: Bool = false
    ) {
        for argument in shown(command["arguments"]) {
            guard let preferred = term(argument) else { continue }
            let isCommon = argument["sectionTitle"]?.stringValue == "Common" || preferred == "-h, --help"
            guard !(withoutCommon && (isCommon || preferred == "--version")) else { continue }
            var texts: [String] = []
            if let abstract = argument["abstract"]?.stringValue {
                texts.append(sentence(abstract))
            }
            if let discussion = argument["discussion"]?.stringValue {
                texts += paragraphs(discussion)
            }
            if let value = argument["defaultValue"]?.stringValue, !value.isEmpty {
                texts.append("Default: \(value).")
            }
            markup.entry(preferred, kind: valueName(argument), texts.isEmpty ? [""] : texts)
        }
    }

    private static func term(_ argument: JSONValue) -> String? {
        let names = (argument["names"]?.arrayValue ?? []).compactMap(name)
        if argument["kind"]?.stringValue == "positional" {
            return argument["valueName"]?.stringValue.map { "<\($0)>" }
        }
        return names.isEmpty ? nil : names.sorted { $0.utf8.count < $1.utf8.count }.joined(separator: ", ")
    }

    private static func name(_ value: JSONValue) -> String? {
        guard let word = value["name"]?.stringValue else { return nil }
        return value["kind"]?.stringValue == "long" ? "--\(word)" : "-\(word)"
    }

    private static func valueName(_ argument: JSONValue) -> String? {
        guard argument["kind"]?.stringValue == "option" else { return nil }
        return argument["valueName"]?.stringValue
    }

    private static func usage(_ command: JSONValue, path: String) -> String {
        var words = [path]
        for argument in shown(command["arguments"]) {
            guard argument["sectionTitle"]?.stringValue != "Common", let term = term(argument),
                term != "-h, --help", term != "--version"
            else { continue }
            var word = term.split(separator: " ").last.map(String.init) ?? term
            if let value = valueName(argument) {
                word += " <\(value)>"
            }
            if argument["isRepeating"]?.boolValue == true {
                word += " ..."
            }
            words.append(argument["isOptional"]?.boolValue == false ? word : "[\(word)]")
        }
        if !shown(command["subcommands"]).isEmpty {
            words.append("<command> ...")
        }
        return words.joined(separator: " ")
    }

    private static func paragraphs(_ text: String) -> [String] {
        var paragraphs: [String] = []
        var current: [Substring] = []
        let lines: [Substring] = text.split(separator: "\n", omittingEmptySubsequences: false) + [""]
        for line in lines {
            if line.isEmpty {
                if !current.isEmpty { paragraphs.append(current.joined(separator: "\n")) }
                current = []
            } else {
                current.append(line)
            }
        }
        return paragraphs
    }

    private static func sentence(_ text: String) -> String {
        text.last.map { ".!?)".contains($0) } ?? true ? text : text + "."
    }
}
