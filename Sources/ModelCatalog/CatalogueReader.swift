import JSON

/// Reads the data file; what it cannot read it names.
struct CatalogueReader {
    private(set) var rules = CatalogueRules()
    private(set) var models: [ModelEntry] = []

    /// Reads the file.
    ///
    /// - Parameter bytes: The file's text.
    /// - Throws: `CatalogueError` that names the place.
    init(_ bytes: [UInt8]) throws(CatalogueError) {
        let root: JSONValue
        do throws(JSONError) {
            root = try JSONParser.parse(bytes, duplicates: .reject)
        } catch {
            throw CatalogueError("the model data are no JSON: \(error)")
        }
        guard root["format"]?.stringValue == "videogend-models/1" else {
            throw CatalogueError("the model data have an unknown format")
        }
        try readRules(root)
        for value in root["models"]?.arrayValue ?? [] {
            let place = Place(name: value["id"]?.stringValue ?? "a model without id", value: value)
            models.append(rules.completed(try entry(place)))
        }
        guard Set(models.map(\.id)).count == models.count else {
            throw CatalogueError("the model data name a model twice")
        }
    }

    // MARK: What is said about many models

    private mutating func readRules(_ root: JSONValue) throws(CatalogueError) {
        let place = Place(name: "model data", value: root)
        rules.spellings = (root["spellings"]?.arrayValue ?? []).map(Self.strings)
        rules.costDriving = Set(place.strings("cost_driving"))
        rules.attachmentFields = Set(place.strings("attachment_fields"))
        for (kind, names) in place.members("media_fields") {
            guard let kind = MediaKind(rawValue: kind) else { throw place.error("media_fields has \(kind)") }
            for name in Self.strings(names) {
                rules.mediaFields[name] = kind
            }
        }
        for (name, value) in place.members("everywhere") {
            let field = Place(name: name, value: value)
            rules.everywhere.append(
                .init(field: name, type: try field.type(), patterns: ["*"], text: try field.string("note"))
            )
        }
        for value in root["tables"]?.arrayValue ?? [] {
            let table = Place(name: "tables", value: value)
            rules.tables.append(
                .init(
                    field: try table.string("field"),
                    type: try table.type(),
                    patterns: table.strings("models"),
                    text: try table.string("text")
                )
            )
        }
        for (name, value) in place.members("instead") {
            rules.instead[name] = Self.strings(value)
        }
        for (id, reason) in place.members("removed") {
            rules.removed[id] = reason.stringValue
        }
        for (words, names) in place.members("endpoint_fields") {
            guard let type = FieldType(words: words) else {
                throw place.error("endpoint_fields has \(words)")
            }
            for name in Self.strings(names) {
                rules.endpointFields[name] = type
            }
        }
    }

    // MARK: One model

    private func entry(_ place: Place) throws(CatalogueError) -> ModelEntry {
        let value = place.value
        var media: [MediaInput] = []
        for input in value["media"]?.arrayValue ?? [] {
            media.append(try mediaInput(place.inner("media", input)))
        }
        var fields: [ModelField] = []
        for (name, field) in place.members("fields") {
            fields.append(try self.field(name, place.inner(name, field)))
        }
        var fixed: [FixedValue] = []
        for (name, constant) in place.members("fixed") {
            fixed.append(FixedValue(field: name, value: try place.inner(name, constant).required("value")))
        }
        var conflicts: [ModelConflict] = []
        for conflict in value["conflicts"]?.arrayValue ?? [] {
            conflicts.append(try self.conflict(place.inner("conflicts", conflict)))
        }
        var requirements: [FieldRequirement] = []
        for requirement in value["requirements"]?.arrayValue ?? [] {
            requirements.append(try self.requirement(place.inner("requirements", requirement)))
        }
        let prompt = place.inner("prompt", try place.required("prompt"))
        guard let need = PromptRule.Need(rawValue: try prompt.string("rule")) else {
            throw prompt.error("unknown rule")
        }
        let promptFields = prompt.strings("fields")
        return ModelEntry(
            id: try place.string("id"),
            source: .builtIn,
            inputs: try place.string("inputs"),
            rows: place.strings("rows"),
            modes: place.strings("modes"),
            prompt: PromptRule(
                need: need,
                fields: promptFields.isEmpty ? ["prompt"] : promptFields,
                basis: prompt.value["basis"]?.stringValue
            ),
            media: media,
            fields: fields,
            alternatives: (value["alternatives"]?.arrayValue ?? []).map(Self.strings),
            fixed: fixed,
            requirements: requirements,
            limits: place.strings("limits"),
            notes: place.strings("notes"),
            conflicts: conflicts,
            pricing: value["price"]?.objectValue.map { ModelPricing($0, source: .builtIn) }
        )
    }

    private func mediaInput(_ place: Place) throws(CatalogueError) -> MediaInput {
        guard let kind = MediaKind(rawValue: try place.string("kind")) else {
            throw place.error("unknown kind")
        }
        return MediaInput(
            role: try place.string("role"),
            kind: kind,
            isRequired: place.value["required"]?.boolValue ?? false,
            inlineField: try place.string("inline"),
            urlField: try place.string("url"),
            aliases: place.strings("accept"),
            note: place.value["note"]?.stringValue,
            basis: place.value["basis"]?.stringValue
        )
    }

    private func field(_ name: String, _ place: Place) throws(CatalogueError) -> ModelField {
        var form: SecondsForm?
        if let example = place.value["form"] {
            form = SecondsForm(example: example)
            guard form != nil else { throw place.error("unknown form") }
        }
        return ModelField(
            name: name,
            type: try place.type(),
            isRequired: place.value["required"]?.boolValue ?? false,
            defaultValue: place.value["default"],
            note: place.value["note"]?.stringValue,
            basis: place.value["basis"]?.stringValue,
            source: .builtIn,
            onlyWithout: place.value["only_without"]?.stringValue,
            form: form,
            constraint: Self.constraint(place.value),
            drivesCost: rules.costDriving.contains(name)
        )
    }

    private func conflict(_ place: Place) throws(CatalogueError) -> ModelConflict {
        var occasion = ModelConflict.Occasion.given
        if let word = place.value["when"]?.stringValue {
            guard let known = ModelConflict.Occasion(rawValue: word) else {
                throw place.error("unknown when")
            }
            occasion = known
        }
        return ModelConflict(
            number: place.value["number"]?.stringValue,
            about: try place.string("about"),
            occasion: occasion,
            text: try place.string("text"),
            undisputed: place.value["undisputed"].map(Self.constraint)
        )
    }

    private func requirement(_ place: Place) throws(CatalogueError) -> FieldRequirement {
        guard let needed = place.members("needs").first else { throw place.error("needs is missing") }
        return FieldRequirement(
            field: try place.string("field"),
            value: try place.required("value"),
            neededField: needed.0,
            neededValue: needed.1,
            text: try place.string("text")
        )
    }

    private static func constraint(_ value: JSONValue) -> ValueConstraint {
        ValueConstraint(
            allowed: value["allowed"]?.arrayValue ?? [],
            minimum: value["min"]?.doubleValue,
            maximum: value["max"]?.doubleValue
        )
    }

    private static func strings(_ value: JSONValue) -> [String] {
        (value.arrayValue ?? []).compactMap(\.stringValue)
    }

    /// A value in the file with the words to complain about it.
    private struct Place {
        let name: String
        let value: JSONValue

        func inner(_ part: String, _ value: JSONValue) -> Place {
            Place(name: "\(name), \(part)", value: value)
        }

        func error(_ message: String) -> CatalogueError {
            CatalogueError("\(name): \(message)")
        }

        func required(_ member: String) throws(CatalogueError) -> JSONValue {
            guard let value = value[member] else { throw error("\(member) is missing") }
            return value
        }

        func string(_ member: String) throws(CatalogueError) -> String {
            guard let text = try required(member).stringValue else { throw error("\(member) is no string") }
            return text
        }

        func strings(_ member: String) -> [String] {
            value[member].map(CatalogueReader.strings) ?? []
        }

        func members(_ member: String) -> [(String, JSONValue)] {
            (value[member]?.objectValue?.members ?? []).map { ($0.name, $0.value) }
        }

        func type() throws(CatalogueError) -> FieldType {
            guard let type = FieldType(words: try string("type")) else { throw error("unknown type") }
            return type
        }
    }
}
