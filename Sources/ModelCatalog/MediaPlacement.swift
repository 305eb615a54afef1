public import JSON

/// Finds the field of a request that a media file or URL of the command line goes into.
///
/// Works on the JSON of `models.get` alone, so that a client needs neither the catalogue nor rules per model.
public enum MediaPlacement {
    /// The options of the command line that give media.
    public enum Option: String, CaseIterable, Hashable, Sendable {
        /// A still picture.
        case image
        /// Sound.
        case audio
        /// A video.
        case video
        /// The face of a face swap.
        case swapImage = "swap-image"
        /// A picture that guides the result.
        case referenceImage = "reference-image"

        /// The role in the catalogue that the option means first.
        var role: String {
            switch self {
            case .image, .audio, .video: rawValue
            case .swapImage: "swap_image"
            case .referenceImage: "reference_image"
            }
        }

        /// What has to be in the file.
        public var kind: String {
            switch self {
            case .image, .swapImage, .referenceImage: "image"
            case .audio: "audio"
            case .video: "video"
            }
        }
    }

    /// Why there is no such field.
    public struct Refusal: Error, Hashable, Sendable {
        /// One sentence that names the model and the option.
        public let message: String
        /// What the model takes instead.
        public let hint: String
    }

    /// Finds the field.
    ///
    /// - Parameters:
    ///   - option: The option of the command line.
    ///   - isInline: Whether a file is sent inline; otherwise a URL is passed on.
    ///   - model: The result of `models.get`.
    /// - Returns: The name of the request's field.
    /// - Throws: `Refusal` when the model has no input of that kind, or several that the option could mean.
    public static func field(
        for option: Option,
        isInline: Bool,
        in model: JSONValue
    ) throws(Refusal) -> String {
        let inputs = model["media"]?.arrayValue ?? []
        let fitting = inputs.filter { $0["kind"]?.stringValue == option.kind }
        let named = fitting.filter { input in
            let role = input["role"]?.stringValue ?? ""
            return role == option.role || option == .referenceImage && role.hasPrefix("reference")
        }
        // `--image` may mean the only picture of a model, whatever its role; the special options mean their role.
        let isGeneral = option.rawValue == option.kind
        let chosen = named.count == 1 ? named : isGeneral && fitting.count == 1 ? fitting : []
        let member = isInline ? "inline_field" : "url_field"
        guard let field = chosen.first?[member]?.stringValue else {
            let id = model["id"]?.stringValue ?? "the model"
            let roles = inputs.compactMap { $0["role"]?.stringValue }
            throw Refusal(
                message: fitting.count > 1 && isGeneral
                    ? "--\(option.rawValue) could mean several inputs of \(id)"
                    : "\(id) takes no --\(option.rawValue)",
                hint: roles.isEmpty ? "it takes no media" : "it takes \(roles.joined(separator: ", "))"
            )
        }
        return field
    }
}
