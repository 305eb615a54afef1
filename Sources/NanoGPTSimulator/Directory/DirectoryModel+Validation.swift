extension DirectoryModel {
    /// Why a request is refused with 400.
    struct Refusal: Equatable {
        let message: String
        /// The type of the newer error envelope; nil answers in the older form.
        var type: String?
    }

    /// Checks a request; the wording of all messages but the one about Kling is our own.
    ///
    /// - Parameters:
    ///   - request: The body of the submission.
    ///   - foreignMedia: Members that carry media in other models; sent, they are refused.
    /// - Returns: The first reason to refuse, or nil.
    func refusal(of request: JSONValue, foreignMedia: Set<String> = []) -> Refusal? {
        for medium in requiredMedia where !medium.names.contains(where: { request.has($0) }) {
            let noun = medium.role.split(separator: "_").joined(separator: " ")
            let article = noun.first.map { "aeiou".contains($0) } == true ? "an" : "a"
            return Refusal(
                message:
                    "\(name) requires an input \(noun). Please select \(article) \(noun) to generate a video."
            )
        }
        if let missing = missingPrompt(in: request) { return missing }
        for field in fields {
            guard let value = field.value(in: request) else {
                if field.isRequired, field.name != "prompt" {
                    return Refusal(message: "Missing field \(field.name) for \(id)")
                }
                continue
            }
            guard field.accepts(value) else {
                return Refusal(message: "Invalid \(field.name) for \(id): must be \(field.expectation)")
            }
        }
        if needsPro(request) {
            return Refusal(message: "This resolution requires pro mode.", type: "PRO_REQUIRED")
        }
        return refusalOfMedia(in: request, foreignMedia: foreignMedia)
    }

    private func missingPrompt(in request: JSONValue) -> Refusal? {
        let hasText: (String) -> Bool = { name in
            guard let value = request[name] else { return false }
            return value.string.map { !$0.trimmed.isEmpty } ?? !value.isNull
        }
        switch prompt {
        case .never: return nil
        case .always:
            return ["prompt", "script", "storyConfig"].contains(where: hasText)
                ? nil : Refusal(message: "Prompt is required")
        case .withoutMedia:
            let media = optionalMedia.flatMap(\.names)
            return hasText("prompt") || media.contains { request.has($0) }
                ? nil : Refusal(message: "Prompt is required")
        case .oneOf(let names):
            return names.contains(where: hasText)
                ? nil : Refusal(message: "One of \(names.joined(separator: ", ")) is required")
        }
    }

    /// Whether the resolution is one that only the pro prices have.
    private func needsPro(_ request: JSONValue) -> Bool {
        guard let resolution = request["resolution"]?.string, let pro = pricing?["pro_prices_per_second"]
        else {
            return false
        }
        let isPro = request["pro_mode"]?.bool ?? request["pro"]?.bool ?? false
        return !isPro && pro.has(resolution)
            && pricing?["standard_prices_per_second"]?.has(resolution) != true
    }

    private func refusalOfMedia(in request: JSONValue, foreignMedia: Set<String>) -> Refusal? {
        let own = Set((requiredMedia + optionalMedia).flatMap(\.names))
        for member in request.members {
            if foreignMedia.contains(member.name), !own.contains(member.name), !member.value.isNull {
                return Refusal(message: "\(id) does not accept \(member.name)")
            }
            guard let text = member.value.string, text.utf8.count > 4_000_000, text.hasPrefix("data:") else {
                continue
            }
            let encoded =
                text.utf8.count
                - (text.utf8.firstIndex(of: UInt8(ascii: ",")).map {
                    text.utf8.distance(from: text.utf8.startIndex, to: $0) + 1
                } ?? 0)
            if encoded / 4 * 3 > 4 * 1024 * 1024 {
                return Refusal(message: "Uploads must be 4 MB or smaller: \(member.name)")
            }
        }
        return nil
    }
}
