public import JSON

/// JSON for people and for comparing versions: one member a line, short values on one.
public enum PrettyJSON {
    /// How long a line may be.
    private static let width = 110

    /// Writes a value.
    ///
    /// - Parameter value: The value.
    /// - Returns: The text with a line feed at its end.
    public static func text(_ value: JSONValue) -> String {
        write(value, indentation: 0, room: width) + "\n"
    }

    private static func write(_ value: JSONValue, indentation: Int, room: Int) -> String {
        let compact = value.text
        let pieces: [(name: String, value: JSONValue)]
        let brackets: (open: String, close: String)
        switch value {
        case .array(let elements):
            pieces = elements.map { ("", $0) }
            brackets = ("[", "]")
        case .object(let object):
            pieces = object.members.map { (JSONValue.string($0.name).text + ": ", $0.value) }
            brackets = ("{", "}")
        default:
            return compact
        }
        guard compact.utf8.count > room, !pieces.isEmpty else { return compact }
        let inner = indentation + 2
        let blanks = String(repeating: " ", count: inner)
        let lines = pieces.map { piece in
            let room = width - inner - piece.name.utf8.count - 1
            return blanks + piece.name + write(piece.value, indentation: inner, room: room)
        }
        return brackets.open + "\n" + lines.joined(separator: ",\n") + "\n"
            + String(repeating: " ", count: indentation) + brackets.close
    }
}
