/// One model: what a request for it must and may contain, and what it costs.
struct DirectoryModel: Sendable {
    /// When a prompt is needed.
    enum PromptNeed: Sendable {
        /// Always, unless a script stands in for it.
        case always
        /// Unless one of the optional media is sent.
        case withoutMedia
        /// One of these members must be there.
        case oneOf([String])
        /// Never.
        case never
    }

    /// A medium that may be sent under any of several names.
    struct Medium: Sendable {
        let role: String
        let names: [String]
    }

    /// A plain field.
    struct Field: Sendable {
        let name: String
        let type: String
        let isRequired: Bool
        let allowed: [JSONValue]
        let range: ClosedRange<Double>?
        let unit: String?
        let standard: JSONValue?
    }

    let id: String
    /// The name in messages for people.
    let name: String
    let modes: [String]
    let prompt: PromptNeed
    let requiredMedia: [Medium]
    let optionalMedia: [Medium]
    let fields: [Field]
    let pricing: JSONValue?

    /// Reads one entry; nil without an id.
    init?(_ value: JSONValue) {
        guard let id = value["id"]?.string else { return nil }
        self.id = id
        name = value["name"]?.string ?? id
        modes = (value["modes"]?.elements ?? []).compactMap(\.string)
        prompt = Self.promptNeed(value["prompt"])
        requiredMedia = Self.media(value["required_media"])
        optionalMedia = Self.media(value["optional_media"])
        fields = (value["fields"]?.members ?? []).map { Field(name: $0.name, $0.value) }
        pricing = value["pricing"]
    }

    private static func promptNeed(_ value: JSONValue?) -> PromptNeed {
        switch value {
        case .bool(true): return .always
        case .string(let text):
            guard text.hasPrefix("one of ") else { return .withoutMedia }
            return .oneOf(text.dropFirst("one of ".count).split(separator: "|").map(String.init))
        default: return .never
        }
    }

    private static func media(_ value: JSONValue?) -> [Medium] {
        (value?.elements ?? []).map { entry in
            Medium(
                role: entry["role"]?.string ?? "medium",
                names: (entry["names"]?.elements ?? []).compactMap(\.string)
            )
        }
    }
}

extension DirectoryModel.Field {
    /// Reads one field.
    init(name: String, _ value: JSONValue) {
        self.name = name
        type = value["type"]?.string ?? "string"
        isRequired = value["required"]?.bool ?? false
        allowed = value["allowed"]?.elements ?? []
        standard = value["default"]
        if let low = value["range"]?["min"]?.number, let high = value["range"]?["max"]?.number, low <= high {
            range = low...high
        } else {
            range = nil
        }
        unit = value["range"]?["unit"]?.string
    }

    /// The spellings of one field that the documents use side by side.
    private static let spellings: [[String]] = [
        ["voice_id", "voiceId"], ["camera_fix", "camera_fixed", "cameraFixed"], ["pro", "pro_mode"],
        ["aspect_ratio", "aspectRatio"],
    ]

    /// The value of the field in a request, in whatever spelling; null is none.
    func value(in request: JSONValue) -> JSONValue? {
        let names = Self.spellings.first { $0.contains(name) } ?? [name]
        return ([name] + names).lazy.compactMap { request[$0] }.first { !$0.isNull }
    }

    /// Whether a value fits; numbers and their texts are the same, a trailing `s` is seconds.
    func accepts(_ value: JSONValue) -> Bool {
        if !allowed.isEmpty {
            return allowed.contains { $0.fieldText == value.fieldText && value.fieldText != nil }
        }
        if let range {
            guard var text = value.fieldText else { return false }
            if unit != nil, text.hasSuffix("s") { text.removeLast() }
            return Double(text).map { range.contains($0) } ?? false
        }
        switch type {
        case "boolean": return value.bool != nil
        case "integer", "number": return value.fieldText.flatMap { Double($0) } != nil
        case "object": return !value.members.isEmpty || value == .object([])
        case "string", "number|string": return value.fieldText != nil
        default: return true
        }
    }

    /// What fits, in words.
    var expectation: String {
        if !allowed.isEmpty { return "one of " + allowed.compactMap(\.fieldText).joined(separator: ", ") }
        if let range {
            return "from \(JSONValue.text(of: range.lowerBound)) to \(JSONValue.text(of: range.upperBound))"
        }
        return "a value of type \(type)"
    }
}
