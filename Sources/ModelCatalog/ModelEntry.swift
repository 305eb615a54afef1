/// What one model takes.
public struct ModelEntry: Sendable {
    /// The word that goes into `model`.
    public let id: String
    /// Where the entry is known from.
    public let source: ModelSource
    /// The name for people, which only the live catalogue has.
    public internal(set) var name: String?
    /// What the live catalogue says about it.
    public internal(set) var summary: String?
    /// The input types as the directory words them.
    public let inputs: String
    /// The directory's rows, verbatim, to review the entry against.
    public let rows: [String]
    /// What the model does, in words such as `text-to-video`.
    public let modes: [String]
    /// Whether a prompt is needed.
    public let prompt: PromptRule
    /// The media inputs: all required ones have to be there.
    public internal(set) var media: [MediaInput]
    /// The fields besides prompt and media.
    public internal(set) var fields: [ModelField]
    /// Groups of fields that say the same thing, of which one suffices.
    public let alternatives: [[String]]
    /// Values that the model always has.
    public let fixed: [FixedValue]
    /// Values that need others.
    public let requirements: [FieldRequirement]
    /// Limits that cannot be checked before sending, in words.
    public let limits: [String]
    /// What else the documents say.
    public let notes: [String]
    /// Where the documents disagree.
    public let conflicts: [ModelConflict]
    /// Whether the live catalogue lists the model; `nil` while none has been read.
    public internal(set) var isListedLive: Bool?
    /// The price as the catalogue words it.
    public internal(set) var pricing: ModelPricing?

    /// Whether nothing is known about it, so that every field is let through.
    var isOpen = false
    /// What each name that may stand in a request means for this model.
    var slots: [String: Slot] = [:]

    /// What a name in a request means.
    enum Slot: Hashable, Sendable {
        case prompt
        case field(Int)
        case media(Int)
        case fixed(Int)
        /// Not in the model's row, but in a document that speaks of its family or of all models.
        case elsewhere(String, FieldType)
        /// Not in the model's row, but one document gives it to the model.
        case disputed(Int)
    }

    /// Whether the entry answers to a word that a client filters the list with.
    ///
    /// - Parameter modality: A mode (`text-to-video`), an input (`text`, `image`, `audio`, `video`), or a part of
    ///   the input types as the directory words them.
    /// - Returns: Whether it does.
    public func matches(modality: String) -> Bool {
        let word = modality.lowercased()
        switch word {
        case "text": return prompt.need != .unused && !media.contains(where: \.isRequired)
        case "image", "audio", "video": return media.contains { $0.kind.rawValue == word }
        default: return modes.contains(word) || inputs.lowercased().contains(word)
        }
    }

    /// The conflicts about a field or role that matter on an occasion.
    func conflicts(about name: String, _ occasion: ModelConflict.Occasion) -> [ModelConflict] {
        conflicts.filter { $0.about == name && $0.occasion == occasion }
    }

    /// The index of the media input with that role.
    func mediaIndex(role: String) -> Int? {
        media.firstIndex { $0.role == role }
    }
}
