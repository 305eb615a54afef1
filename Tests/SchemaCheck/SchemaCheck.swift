public import JSON

/// Checks values against the JSON Schemas of an OpenRPC document: the words of draft 7 that such a document uses.
///
/// A word that is not known here is a finding, so that nothing passes because it was not looked at.
public struct SchemaCheck {
    private let document: JSONValue
    private static let remarks: Set = ["description", "default", "title"]

    /// Takes a document.
    ///
    /// - Parameter document: An OpenRPC document, whose `components.schemas` are what `$ref` names.
    public init(_ document: JSONValue) {
        self.document = document
    }

    /// The description of a method.
    ///
    /// - Parameter method: Its name.
    /// - Returns: The description, nil for an unknown method.
    public func description(of method: String) -> JSONValue? {
        document["methods"]?.arrayValue?.first { $0["name"]?.stringValue == method }
    }

    /// What is wrong with a method's result.
    ///
    /// - Parameters:
    ///   - result: The result.
    ///   - method: The method's name.
    /// - Returns: Findings; none when all is well.
    public func findings(inResult result: JSONValue, of method: String) -> [String] {
        guard let schema = description(of: method)?["result"]?["schema"] else {
            return ["no method \(method)"]
        }
        return findings(in: result, schema, at: method)
    }

    /// What is wrong with parameters.
    ///
    /// - Parameters:
    ///   - params: The parameters by name.
    ///   - method: The method's name.
    /// - Returns: Findings; none when all is well.
    public func findings(inParams params: JSONValue, of method: String) -> [String] {
        let descriptions = description(of: method)?["params"]?.arrayValue ?? []
        var findings: [String] = []
        for parameter in descriptions {
            let name = parameter["name"]?.stringValue ?? ""
            if let value = params[name], let schema = parameter["schema"] {
                findings += self.findings(in: value, schema, at: name)
            } else if parameter["required"] == true {
                findings.append("\(method): parameter \(name) is missing")
            }
        }
        let names = Set(descriptions.compactMap { $0["name"]?.stringValue })
        for name in params.objectValue?.names ?? [] where !names.contains(name) {
            findings.append("\(method): parameter \(name) is not described")
        }
        return findings
    }

    /// What is wrong with a value.
    ///
    /// - Parameters:
    ///   - value: The value.
    ///   - name: The name of its shape among the document's components.
    /// - Returns: Findings; none when all is well.
    public func findings(in value: JSONValue, as name: String) -> [String] {
        findings(in: value, ["$ref": .string("#/components/schemas/\(name)")], at: name)
    }

    private func findings(in value: JSONValue, _ schema: JSONValue, at place: String) -> [String] {
        if let reference = schema["$ref"]?.stringValue {
            let name = reference.split(separator: "/").last.map(String.init) ?? ""
            guard let target = document["components"]?["schemas"]?[name] else {
                return ["\(place): \(reference) leads nowhere"]
            }
            return findings(in: value, target, at: place)
        }
        var found: [String] = []
        for word in schema.objectValue?.members ?? [] where !Self.remarks.contains(word.name) {
            found += findings(in: value, word.name, word.value, schema, at: place)
        }
        return found
    }

    private func findings(
        in value: JSONValue,
        _ word: String,
        _ argument: JSONValue,
        _ schema: JSONValue,
        at place: String
    ) -> [String] {
        func check(_ isGood: Bool) -> [String] {
            isGood ? [] : ["\(place): \(value.text.prefix(100)) breaks \(word): \(argument.text)"]
        }
        switch word {
        case "type": return check(Self.isType(value, argument.stringValue ?? ""))
        case "enum": return check(argument.arrayValue?.contains(value) == true)
        case "minimum": return check(value.doubleValue.map { $0 >= argument.doubleValue ?? 0 } ?? true)
        case "maximum": return check(value.doubleValue.map { $0 <= argument.doubleValue ?? 0 } ?? true)
        case "maxLength":
            return check((value.stringValue?.unicodeScalars.count ?? 0) <= argument.intValue ?? 0)
        case "maxItems": return check((value.arrayValue?.count ?? 0) <= argument.intValue ?? 0)
        case "format": return check(argument == "date-time" && Self.isTime(value.stringValue ?? ""))
        case "items":
            return (value.arrayValue ?? []).enumerated().flatMap { index, element in
                findings(in: element, argument, at: "\(place)[\(index)]")
            }
        case "oneOf":
            let matching = (argument.arrayValue ?? []).filter { findings(in: value, $0, at: place).isEmpty }
            return check(matching.count == 1)
        case "required":
            return check((argument.arrayValue ?? []).allSatisfy { value[$0.stringValue ?? ""] != nil })
        case "properties":
            return membersFindings(value, argument, schema, at: place)
        case "additionalProperties":
            // Beside `properties` it is looked at there.
            guard schema["properties"] == nil else { return [] }
            return (value.objectValue?.members ?? []).flatMap { member in
                findings(in: member.value, argument, at: "\(place).\(member.name)")
            }
        default: return ["\(place): the word \(word) is not known to this check"]
        }
    }

    /// Members have to be described, although clients have to live with others: a newer daemon may have more.
    private func membersFindings(
        _ value: JSONValue,
        _ properties: JSONValue,
        _ schema: JSONValue,
        at place: String
    ) -> [String] {
        (value.objectValue?.members ?? []).flatMap { member in
            guard let described = properties[member.name] else {
                return ["\(place).\(member.name) is not described"]
            }
            return findings(in: member.value, described, at: "\(place).\(member.name)")
        }
    }

    private static func isType(_ value: JSONValue, _ type: String) -> Bool {
        switch type {
        case "integer": value.intValue != nil
        case "number": value.numberValue != nil
        default: value.kindName == type
        }
    }

    /// RFC 3339 in UTC with milliseconds: `2026-07-01T08:00:00.000Z`.
    private static func isTime(_ text: String) -> Bool {
        let pattern = Array("0000-00-00T00:00:00.000Z".utf8)
        let bytes = Array(text.utf8)
        return bytes.count == pattern.count
            && zip(bytes, pattern).allSatisfy { byte, form in
                form == UInt8(ascii: "0")
                    ? (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) : byte == form
            }
    }
}
