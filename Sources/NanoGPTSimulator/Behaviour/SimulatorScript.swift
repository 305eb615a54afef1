import Yams

/// A script file: rules and settings, in YAML or JSON.
public struct SimulatorScript: Sendable {
    /// The rules, in the order of the file.
    public let rules: [SimulatorRule]
    private let settings: JSONValue

    /// Reads a script.
    ///
    /// - Parameter text: YAML or JSON: a list of rules, or an object with `rules` and `settings`.
    /// - Throws: ``SimulatorError`` that says what does not fit.
    public init(parsing text: String) throws {
        let value: JSONValue
        do {
            value = try Yams.compose(yaml: text).map { Self.value(of: $0) } ?? .array([])
        } catch {
            throw SimulatorError(.invalidInput, "The script is not YAML: \(error)")
        }
        switch value {
        case .array(let rules):
            self.rules = try rules.map { try SimulatorRule($0) }
            settings = .object([])
        case .object(let members):
            for member in members where member.name != "rules" && member.name != "settings" {
                throw SimulatorError(.invalidInput, "A script has no member \"\(member.name)\"")
            }
            rules = try (value["rules"] ?? .array([])).elements.map { try SimulatorRule($0) }
            settings = value["settings"] ?? .object([])
        case .null, .bool, .number, .string:
            throw SimulatorError(.invalidInput, "A script is a list of rules or an object with rules")
        }
        var probe = SimulatorSettings()
        try probe.apply(settings)
    }

    /// Applies the script's settings.
    ///
    /// - Parameter target: The settings to change.
    /// - Throws: ``SimulatorError`` for an unknown setting or a bad value.
    func apply(to target: inout SimulatorSettings) throws { try target.apply(settings) }

    private static func value(of node: Node) -> JSONValue {
        switch node {
        case .mapping(let mapping):
            .object(mapping.map { .init(name: $0.key.string ?? "", value: value(of: $0.value)) })
        case .sequence(let sequence): .array(sequence.map { value(of: $0) })
        case .scalar(let scalar): value(of: node, quoted: scalar.style != .plain && scalar.style != .any)
        case .alias: .null
        }
    }

    private static func value(of node: Node, quoted: Bool) -> JSONValue {
        let text = node.string ?? ""
        if quoted { return .string(text) }
        if node.null != nil { return .null }
        if let flag = node.bool { return .bool(flag) }
        return node.float.map { .number($0) } ?? .string(text)
    }
}
