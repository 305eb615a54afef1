import JSON

/// Models of the catalogue as people read them.
enum ModelText {
    /// The table of `models`.
    static func table(_ models: [JSONValue]) -> Table {
        var table = Table([
            .init(title: "MODEL"), .init(title: "INPUTS", minimum: 12, rank: 1),
            .init(title: "FIELDS", minimum: 16, rank: 2),
        ])
        for model in models {
            let fields = (model["fields"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
            table.add([
                StyledText(model["id"]?.stringValue ?? ""), StyledText(text(model["inputs"]) ?? ""),
                StyledText(fields.filter { $0 != "prompt" }.joined(separator: " "), .faint),
            ])
        }
        return table
    }

    /// The lines of `models ID`.
    static func lines(_ model: JSONValue) -> [StyledText] {
        var lines = [StyledText(model["id"]?.stringValue ?? "", .strong)]
        func line(_ label: String, _ text: String?) {
            guard let text, !text.isEmpty else { return }
            lines.append(StyledText("  ") + StyledText(label, .faint).padded(to: 9) + StyledText(text))
        }
        line("Name", model["name"]?.stringValue)
        line("About", model["summary"]?.stringValue)
        line("Inputs", text(model["inputs"]))
        line("Prompt", text(model["prompt"]?["required"]).map { "required: \($0)" })
        for input in model["media"]?.arrayValue ?? [] {
            let need = input["required"]?.boolValue == true ? "required" : "optional"
            let what = [text(input["role"]), need, text(input["note"])].compactMap(\.self)
            let usage = MediaOption.usage(of: input, in: model).map { ": \($0)" } ?? ""
            line("Media", what.joined(separator: ", ") + usage)
        }
        line("Price", price(model["price"]))
        let fields = model["fields"]?.arrayValue ?? []
        if !fields.isEmpty {
            lines.append("")
            lines += self.fields(fields).lines(width: nil, ellipsis: "")
        }
        for (label, name) in [("Limits", "limits"), ("Notes", "notes")] {
            for (index, note) in (model[name]?.arrayValue ?? []).enumerated() {
                line(index == 0 ? label : "", text(note))
            }
        }
        return lines
    }

    private static func fields(_ fields: [JSONValue]) -> Table {
        var table = Table([
            .init(title: "  FIELD"), .init(title: "TYPE"), .init(title: "VALUES"), .init(title: "DEFAULT"),
            .init(title: "NOTE"),
        ])
        for field in fields {
            let name = field["name"]?.stringValue ?? ""
            let required = field["required"]?.boolValue == true ? " (required)" : ""
            table.add([
                StyledText("  " + name + required), StyledText(text(field["type"]) ?? ""),
                StyledText(values(field)), StyledText(text(field["default"]) ?? ""),
                StyledText(text(field["note"]) ?? "", .faint),
            ])
        }
        return table
    }

    private static func values(_ field: JSONValue) -> String {
        if let allowed = field["allowed"]?.arrayValue {
            return allowed.compactMap(text).joined(separator: " ")
        }
        guard let minimum = text(field["minimum"]) ?? text(field["maximum"]).map({ _ in "" }) else {
            return ""
        }
        return "\(minimum)..\(text(field["maximum"]) ?? "")"
    }

    private static func price(_ price: JSONValue?) -> String? {
        guard let price else { return nil }
        guard price["known"]?.boolValue != false else { return "unknown" }
        return MoneyText.text(price) ?? text(price["rates"]) ?? price.stringValue
    }

    /// A value in words: texts as they are, lists with commas, all else as JSON.
    private static func text(_ value: JSONValue?) -> String? {
        switch value {
        case nil, .null: nil
        case .string(let text): text
        case .array(let elements): elements.compactMap { text($0) }.joined(separator: ", ")
        case let other?: other.text
        }
    }
}
