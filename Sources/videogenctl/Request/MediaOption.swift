import JSON

/// The options that give media, and the field of the request that each goes into.
enum MediaOption: String, CaseIterable {
    case image
    case video
    case audio
    case swapImage = "swap-image"
    case referenceImage = "reference-image"

    /// What the file has to be.
    var kind: String {
        switch self {
        case .image, .swapImage, .referenceImage: "image"
        case .video: "video"
        case .audio: "audio"
        }
    }

    /// The input of the model that the option means first.
    private var role: String {
        switch self {
        case .image, .video, .audio: rawValue
        case .swapImage: "swap_image"
        case .referenceImage: "reference_image"
        }
    }

    /// Whether it may mean the only input of its kind, whatever its role.
    private var isGeneral: Bool {
        rawValue == kind
    }

    /// Finds the field by what `models.get` says of the model.
    ///
    /// The daemon, not the client, refuses what the model does not take: here only the usual name is chosen.
    ///
    /// - Parameters:
    ///   - isInline: Whether the bytes themselves are sent.
    ///   - model: The model's entry, `nil` where the daemon knows none.
    /// - Returns: The name of the request's field.
    /// - Throws: `CommandFailure` when the option could mean several inputs.
    func field(isInline: Bool, model: JSONValue?) throws(CommandFailure) -> String {
        let member = isInline ? "inline_field" : "url_field"
        if let field = input(of: model)?[member]?.stringValue {
            return field
        }
        let fitting = inputs(of: model)
        if isGeneral, fitting.count > 1 {
            let fields = fitting.compactMap { $0[member]?.stringValue }
            throw CommandFailure(
                .usage,
                "--\(rawValue) could mean several inputs of this model.",
                hint: "Name the field: " + fields.map { "--set \($0)=@FILE" }.joined(separator: " or ")
            )
        }
        switch self {
        case .image: return isInline ? "imageDataUrl" : "imageUrl"
        case .video: return isInline ? "videoDataUrl" : "videoUrl"
        case .audio: return isInline ? "audioDataUrl" : "audioUrl"
        case .swapImage: return "swapImage"
        case .referenceImage: return "reference_image"
        }
    }

    /// What to write on the command line for an input of a model.
    ///
    /// - Parameters:
    ///   - input: One of the model's inputs.
    ///   - model: The model's entry.
    /// - Returns: The option, and the field of the request behind it; nothing where the entry names none.
    static func usage(of input: JSONValue, in model: JSONValue) -> String? {
        guard let inline = input["inline_field"]?.stringValue, let url = input["url_field"]?.stringValue
        else {
            return nil
        }
        let fields = inline == url ? inline : "\(inline) for a file, \(url) for a URL"
        guard let option = allCases.first(where: { $0.input(of: model) == input }) else {
            return "--set \(inline)=@FILE" + (inline == url ? "" : " or --set \(url)=URL")
        }
        return "--\(option.rawValue) FILE|URL (\(fields))"
    }

    /// The model's inputs of the right kind.
    private func inputs(of model: JSONValue?) -> [JSONValue] {
        (model?["media"]?.arrayValue ?? []).filter { ($0["kind"]?.stringValue ?? kind) == kind }
    }

    /// The input that the option means: the one of its name, else the only one of its kind.
    private func input(of model: JSONValue?) -> JSONValue? {
        let fitting = inputs(of: model)
        let named = fitting.first { input in
            let role = input["role"]?.stringValue ?? ""
            return role == self.role || self == .referenceImage && role.hasPrefix("reference")
        }
        return named ?? (isGeneral && fitting.count == 1 ? fitting.first : nil)
    }
}
