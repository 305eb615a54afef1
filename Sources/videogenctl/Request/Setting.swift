import JSON

/// One `--set KEY=VALUE`.
struct Setting {
    /// The field of the request.
    let name: String
    /// Its value.
    let value: JSONValue

    /// Reads a setting: numbers, true, false, null, arrays and objects as JSON, a text in double quotes as just
    /// that text, `@FILE` as the media file inline, anything else as text.
    init(_ text: String) throws(CommandFailure) {
        guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
            throw CommandFailure(
                .usage,
                "--set \(text) is not KEY=VALUE.",
                hint: "For example: --set duration=5"
            )
        }
        name = String(text[..<equals])
        let word = String(text[text.index(after: equals)...])
        if word.hasPrefix("@") {
            value = .string(try MediaSource(String(word.dropFirst()), kind: nil).url)
        } else {
            value = Self.parse(word) ?? .string(word)
        }
    }

    private static func parse(_ word: String) -> JSONValue? {
        do throws(JSONError) {
            return try JSONParser.parse(word)
        } catch {
            // Not JSON, so it is a text without quotes: `--set style=noir`.
            return nil
        }
    }
}
