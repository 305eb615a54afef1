/// What the data file says about all models or whole families of them.
struct CatalogueRules: Sendable {
    /// A field that a document gives to a family of models without every row naming it.
    struct TableField: Sendable {
        let field: String
        let type: FieldType
        /// Model ids, `*` stands for any text.
        let patterns: [String]
        let text: String
    }

    /// Groups of spellings of the same field (C19).
    var spellings: [[String]] = []
    /// Fields whose value decides the price.
    var costDriving: Set<String> = []
    /// The media fields of the API and what has to be in them.
    var mediaFields: [String: MediaKind] = [:]
    /// Media fields that hold an id instead of data or a URL.
    var attachmentFields: Set<String> = []
    /// Fields that a document names without saying for which models.
    var everywhere: [TableField] = []
    /// Fields that a document gives to families of models.
    var tables: [TableField] = []
    /// Better fields for a field that a model does not take.
    var instead: [String: [String]] = [:]
    /// Models that are gone, and why.
    var removed: [String: String] = [:]
    /// All fields of the endpoint, for models that only the live catalogue knows.
    var endpointFields: [String: FieldType] = [:]

    /// The other spellings of a field.
    func otherSpellings(of name: String) -> [String] {
        spellings.first { $0.contains(name) }?.filter { $0 != name } ?? []
    }

    /// Fills in what each name means for an entry, once all its fields and inputs are known.
    func completed(_ entry: ModelEntry) -> ModelEntry {
        var entry = entry
        var slots: [String: ModelEntry.Slot] = [:]
        for (index, field) in entry.fields.enumerated() {
            slots[field.name] = .field(index)
        }
        slots["prompt", default: .prompt] = .prompt
        for (index, input) in entry.media.enumerated() {
            for name in input.spellings where slots[name] == nil {
                slots[name] = .media(index)
            }
        }
        for (index, fixed) in entry.fixed.enumerated() {
            for name in [fixed.field] + otherSpellings(of: fixed.field) where slots[name] == nil {
                slots[name] = .fixed(index)
            }
        }
        for index in entry.fields.indices {
            let aliases = otherSpellings(of: entry.fields[index].name).filter { slots[$0] == nil }
            entry.fields[index].aliases = aliases
            for alias in aliases {
                slots[alias] = .field(index)
            }
        }
        for (index, conflict) in entry.conflicts.enumerated() where conflict.occasion == .given {
            let isRole = MediaKind(rawValue: conflict.about)
            let names =
                isRole.map { kind in mediaFields.keys.filter { mediaFields[$0] == kind } } ?? [conflict.about]
            for name in names where slots[name] == nil {
                slots[name] = .disputed(index)
            }
        }
        for table in tables + everywhere
        where slots[table.field] == nil && table.patterns.contains(where: { matches(entry.id, $0) }) {
            slots[table.field] = .elsewhere(table.text, table.type)
        }
        if entry.source == .live {
            for (name, type) in endpointFields where slots[name] == nil {
                slots[name] = .elsewhere("the documents name it, the live catalogue does not list it", type)
            }
        }
        entry.slots = slots
        return entry
    }

    private func matches(_ id: String, _ pattern: String) -> Bool {
        switch (pattern.hasPrefix("*"), pattern.hasSuffix("*")) {
        case (false, false): return id == pattern
        case (false, true): return id.hasPrefix(pattern.dropLast())
        case (true, false): return id.hasSuffix(pattern.dropFirst())
        case (true, true):
            let part = pattern.dropFirst().dropLast()
            return part.isEmpty || id.indices.contains { id[$0...].hasPrefix(part) }
        }
    }
}
