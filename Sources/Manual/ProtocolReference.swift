public import JSON

/// The methods, values and errors of the control protocol, from the OpenRPC document that `rpc.discover` gives.
public struct ProtocolReference {
    private let document: JSONValue

    /// Takes a document.
    ///
    /// - Parameter document: An OpenRPC document.
    public init(_ document: JSONValue) {
        self.document = document
    }

    /// Writes everything.
    ///
    /// - Parameter markup: Takes the text.
    public func write(to markup: inout any Markup) {
        markup.heading("Methods", level: 1)
        for method in document["methods"]?.arrayValue ?? [] {
            write(method: method, to: &markup)
        }
        markup.heading("Notifications", level: 1)
        for notification in document["x-notifications"]?.arrayValue ?? [] {
            markup.entry(
                notification["name"]?.stringValue ?? "",
                kind: notification["params"].map(Self.type),
                [notification["summary"]?.stringValue ?? ""]
            )
        }
        markup.heading("Values", level: 1)
        for value in document["components"]?["schemas"]?.objectValue?.members ?? [] {
            markup.heading(value.name, level: 2)
            write(schema: value.value, to: &markup)
        }
    }

    private func write(method: JSONValue, to markup: inout any Markup) {
        markup.heading(method["name"]?.stringValue ?? "", level: 2)
        markup.paragraph(method["summary"]?.stringValue ?? "")
        var facts: [String] = []
        if method["x-role"]?.stringValue == "admin" { facts.append("For administrators only.") }
        if method["x-costs-money"]?.boolValue == true { facts.append("May cost money.") }
        if method["x-idempotent"]?.boolValue == false {
            facts.append("The same call twice is not the same as once.")
        }
        if !facts.isEmpty {
            markup.paragraph(facts.joined(separator: " "))
        }
        for parameter in method["params"]?.arrayValue ?? [] {
            let required = parameter["required"]?.boolValue == true ? "required" : "optional"
            var texts = [parameter["summary"]?.stringValue ?? ""]
            if let value = parameter["schema"]?["default"] {
                texts.append("Default: \(value.text).")
            }
            markup.entry(
                parameter["name"]?.stringValue ?? "",
                kind: "\(parameter["schema"].map(Self.type) ?? "any"), \(required)",
                texts
            )
        }
        if let result = method["result"]?["schema"] {
            markup.entry("result", kind: Self.type(result), [Self.members(result)])
        }
        let kinds = (method["errors"]?.arrayValue ?? []).compactMap { error -> String? in
            guard let word = error["message"]?.stringValue, let code = error["code"]?.intValue else {
                return nil
            }
            return "\(word) (\(code))"
        }
        markup.entry("errors", kind: nil, [kinds.joined(separator: ", ")])
        for example in method["examples"]?.arrayValue ?? [] {
            markup.example(Self.example(method, example))
        }
    }

    private func write(schema: JSONValue, to markup: inout any Markup) {
        if let summary = schema["description"]?.stringValue {
            markup.paragraph(summary)
        }
        let required = Set((schema["required"]?.arrayValue ?? []).compactMap(\.stringValue))
        let members = schema["properties"]?.objectValue?.members ?? []
        for member in members {
            let presence = required.contains(member.name) ? "" : ", may be absent"
            markup.entry(member.name, kind: Self.type(member.value) + presence, [Self.words(member.value)])
        }
        if members.isEmpty {
            markup.paragraph("\(Self.type(schema)) \(Self.words(schema))")
        }
    }

    // MARK: Words

    /// A schema in a few words: `string`, `list of Job`, `Money`.
    private static func type(_ schema: JSONValue) -> String {
        if let reference = schema["$ref"]?.stringValue {
            return reference.split(separator: "/").last.map(String.init) ?? reference
        }
        if let items = schema["items"] {
            return "list of \(type(items))"
        }
        if let words = schema["type"]?.arrayValue {
            return words.compactMap(\.stringValue).joined(separator: " or ")
        }
        return schema["type"]?.stringValue ?? "any"
    }

    private static func words(_ schema: JSONValue) -> String {
        var parts: [String] = []
        if let summary = schema["description"]?.stringValue {
            parts.append(summary)
        }
        if let values = schema["enum"]?.arrayValue {
            parts.append("One of: \(values.map { $0.stringValue ?? $0.text }.joined(separator: ", ")).")
        }
        if schema["properties"] != nil {
            parts.append(members(schema))
        }
        return parts.joined(separator: " ")
    }

    /// The members of an object in one line, the optional ones with a question mark.
    private static func members(_ schema: JSONValue) -> String {
        guard let members = schema["properties"]?.objectValue?.members, !members.isEmpty else { return "" }
        let required = Set((schema["required"]?.arrayValue ?? []).compactMap(\.stringValue))
        return "Members: "
            + members.map { "\($0.name)\(required.contains($0.name) ? "" : "?") (\(type($0.value)))" }
            .joined(separator: ", ") + "."
    }

    private static func example(_ method: JSONValue, _ example: JSONValue) -> [String] {
        var call = JSONObject()
        call["jsonrpc"] = "2.0"
        call["id"] = 1
        call["method"] = method["name"]
        var params = JSONObject()
        for parameter in example["params"]?.arrayValue ?? [] {
            if let name = parameter["name"]?.stringValue {
                params[name] = parameter["value"]
            }
        }
        if !params.isEmpty {
            call["params"] = .object(params)
        }
        var reply = JSONObject()
        reply["jsonrpc"] = "2.0"
        reply["id"] = 1
        reply["result"] = example["result"]?["value"]
        return [JSONValue.object(call).text, JSONValue.object(reply).text]
    }
}
