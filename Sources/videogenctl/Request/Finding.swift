import JSON

/// One warning or error about a request.
struct Finding {
    let field: String?
    let message: String
    let hint: String?

    /// Reads `warnings[]` or `errors[]` of a result.
    static func all(in list: JSONValue?) -> [Finding] {
        (list?.arrayValue ?? []).map { value in
            Finding(
                field: value["field"]?.stringValue,
                message: value["message"]?.stringValue ?? value.stringValue ?? value.text,
                hint: value["hint"]?.stringValue
            )
        }
    }

    /// The finding in one line.
    func line(word: String, _ style: StyledText.Style) -> StyledText {
        let place = field.map { message.contains($0) ? "" : "\($0): " } ?? ""
        let rest = hint.map { " " + $0.asNextSentence } ?? ""
        return StyledText("\(word): ", style) + StyledText(place + message.asSentence + rest)
    }
}
