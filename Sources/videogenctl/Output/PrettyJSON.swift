import JSON

/// JSON with line breaks, for a person at a terminal; programs get one line.
enum PrettyJSON {
    /// Prints a value.
    static func print(_ value: JSONValue, to console: Console) {
        guard console.out.isTerminal, !console.json else {
            console.jsonLine(value)
            return
        }
        var text = ""
        write(value, indent: "", to: &text)
        console.out.write(text + "\n")
    }

    private static func write(_ value: JSONValue, indent: String, to text: inout String) {
        let inner = indent + "  "
        switch value {
        case .array(let elements) where !elements.isEmpty:
            text += "[\n"
            for (index, element) in elements.enumerated() {
                text += inner
                write(element, indent: inner, to: &text)
                text += index == elements.count - 1 ? "\n" : ",\n"
            }
            text += indent + "]"
        case .object(let object) where !object.isEmpty:
            text += "{\n"
            for (index, member) in object.members.enumerated() {
                text += inner + safe(.string(member.name)) + ": "
                write(member.value, indent: inner, to: &text)
                text += index == object.members.count - 1 ? "\n" : ",\n"
            }
            text += indent + "}"
        default: text += safe(value)
        }
    }

    /// JSON escapes most control characters itself; the others of Unicode could steer the terminal.
    private static func safe(_ value: JSONValue) -> String {
        TerminalText.lines(value.text).joined()
    }
}
