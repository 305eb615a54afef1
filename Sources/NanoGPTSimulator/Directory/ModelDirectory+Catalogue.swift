extension ModelDirectory {
    /// The answer of the catalogue route.
    ///
    /// - Parameters:
    ///   - detailed: Whether entries are complete, or only ids.
    ///   - now: Milliseconds since the epoch.
    /// - Returns: The list.
    func catalogue(detailed: Bool, now: Int64) -> JSONValue {
        [
            "object": "list",
            "data": .array(models.map { detailed ? $0.catalogueEntry : $0.shortEntry }),
            "meta": ["count": .integer(models.count), "generated_at": .string(CalendarText.rfc3339(now))],
        ]
    }
}

extension DirectoryModel {
    /// When the catalogue says that models were made, in seconds since the epoch.
    private static let created = 1_735_689_600

    fileprivate var shortEntry: JSONValue {
        ["id": .string(id), "object": "model", "created": .integer(Self.created), "owned_by": "nanogpt"]
    }

    fileprivate var catalogueEntry: JSONValue {
        let roles = (requiredMedia + optionalMedia).map(\.role)
        let inputs: [String] =
            ["text"] + ["image", "video", "audio"].filter { kind in roles.contains { $0.hasSuffix(kind) } }
        var pricing: [JSONValue.Member] = [.init(name: "currency", value: "USD")]
        pricing += self.pricing?.members ?? []
        return [
            "id": .string(id),
            "object": "model",
            "created": .integer(Self.created),
            "owned_by": "nanogpt",
            "name": .string(name),
            "description": .string("\(name), simulated"),
            "architecture": [
                "modality": .string(inputs.joined(separator: "+") + "->video"),
                "input_modalities": .array(inputs.map { .string($0) }),
                "output_modalities": ["video"],
            ],
            "pricing": .object(pricing),
            "capabilities": [
                "video_generation": true,
                "text_to_video": .bool(modes.contains("t2v")),
                "image_to_video": .bool(modes.contains { $0.hasPrefix("i") }),
                "video_to_video": .bool(modes.contains { $0.contains("v2v") || $0 == "upscale" }),
                "audio_generation": .bool(fields.contains { $0.name == "generateAudio" }),
                "audio_input": .bool(roles.contains("audio")),
            ],
            "supported_parameters": [
                "parameters": .object(parameters.map { .init(name: $0.name, value: $0.catalogueParameter) }),
                "defaults": .object(parameters.compactMap { $0.catalogueDefault }),
            ],
        ]
    }

    private var parameters: [Field] { fields.filter { $0.name != "prompt" } }
}

extension DirectoryModel.Field {
    fileprivate var catalogueDefault: JSONValue.Member? {
        standard.map { .init(name: name, value: $0) }
    }

    fileprivate var catalogueParameter: JSONValue {
        let options = allowed.compactMap(\.fieldText).map { JSONValue.string($0) }
        let kind: JSONValue =
            switch type {
            case _ where !options.isEmpty: "select"
            case "boolean": "switch"
            case "integer", "number": "number"
            default: "string"
            }
        return .members([
            "type": kind,
            "label": .string(name),
            "default": standard,
            "options": options.isEmpty ? nil : .array(options.map { ["value": $0, "label": $0] }),
            "min": range.map { .number($0.lowerBound) },
            "max": range.map { .number($0.upperBound) },
            "step": type == "integer" ? 1 : nil,
        ])
    }
}

extension JSONValue: ExpressibleByArrayLiteral {
    init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
}
