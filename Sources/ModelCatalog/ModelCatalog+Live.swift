public import JSON

extension ModelCatalog {
    /// This catalogue together with the provider's live one (`GET /api/v1/video-models?detailed=true`, FACTS
    /// section 9).
    ///
    /// What the documents say stays: the live catalogue adds models, fields, values, missing defaults, and prices.
    /// Entries that cannot be read are left out, the others count.
    ///
    /// - Parameter live: The answer, or its `data` alone.
    /// - Returns: The merged catalogue; this one when the answer lists no model.
    public func merging(live: JSONValue) -> ModelCatalog {
        let entries = (live["data"] ?? live).arrayValue ?? []
        let models = entries.prefix(Self.mostLiveModels).compactMap { LiveModel($0, rules: rules) }
        guard !models.isEmpty else { return self }
        // From the documents anew: what an earlier answer listed counts no more.
        var merged = ModelCatalog(models: documented, rules: rules)
        merged.hasLiveModels = true
        for position in merged.models.indices {
            merged.models[position].isListedLive = false
        }
        for model in models where rules.removed[model.id] == nil {
            if let position = merged.index[model.id], merged.models[position].source == .builtIn {
                merged.models[position] = model.merged(into: merged.models[position])
            } else if merged.index[model.id] == nil {
                merged.append(model.entry)
            }
        }
        return merged
    }

    /// How many models of a live catalogue count; it lists a few hundred.
    static let mostLiveModels = 5000

    /// An entry that lets everything through, for a model that only the client knows.
    ///
    /// - Parameter id: The model's name.
    /// - Returns: The entry.
    func entryWithoutRules(_ id: String) -> ModelEntry {
        var entry = ModelEntry(
            id: id,
            source: .live,
            inputs: "",
            rows: [],
            modes: [],
            prompt: PromptRule(need: .optional, fields: ["prompt"], basis: nil),
            media: [],
            fields: [],
            alternatives: [],
            fixed: [],
            requirements: [],
            limits: [],
            notes: [],
            conflicts: []
        )
        entry.isOpen = true
        return entry
    }
}
