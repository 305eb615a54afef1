import JSON

/// One model of the live catalogue, read leniently: what is missing or odd is left out.
struct LiveModel {
    let id: String
    private let value: JSONValue
    private let rules: CatalogueRules
    private let fields: [ModelField]
    /// Media inputs that the parameters name, for example `audio` or `reference_images`.
    private let namedMedia: [(name: String, kind: MediaKind, note: String?, takesList: Bool)]

    /// Reads an entry.
    ///
    /// - Parameters:
    ///   - value: The entry.
    ///   - rules: What the data file says about all models.
    init?(_ value: JSONValue, rules: CatalogueRules) {
        guard let id = value["id"]?.stringValue, !id.isEmpty, id.utf8.count <= 200 else { return nil }
        self.id = id
        self.value = value
        self.rules = rules
        let parameters = value["supported_parameters"]?["parameters"]?.objectValue ?? JSONObject()
        let defaults = value["supported_parameters"]?["defaults"]?.objectValue ?? JSONObject()
        var fields: [ModelField] = []
        var namedMedia: [(name: String, kind: MediaKind, note: String?, takesList: Bool)] = []
        for parameter in parameters.members where parameter.name != "prompt" && parameter.name != "model" {
            if let kind = rules.mediaFields[parameter.name] {
                let note =
                    parameter.value["description"]?.stringValue ?? parameter.value["label"]?.stringValue
                let takesList = (note ?? "").contains("array") || parameter.name.hasSuffix("s")
                namedMedia.append((parameter.name, kind, note, takesList))
            } else {
                let given = parameter.value["default"] ?? defaults[parameter.name]
                fields.append(Self.field(parameter.name, parameter.value, given, rules))
            }
        }
        self.fields = fields
        self.namedMedia = namedMedia
    }

    // MARK: Fields

    private static func field(
        _ name: String,
        _ value: JSONValue,
        _ given: JSONValue?,
        _ rules: CatalogueRules
    ) -> ModelField {
        // An option is an object with a value, or the value itself.
        let options = (value["options"]?.arrayValue ?? []).compactMap {
            $0["value"] ?? ($0.objectValue == nil ? $0 : nil)
        }
        let isSeconds = name == "duration" || name == "seconds"
        let type = type(value["type"]?.stringValue, name: name, options: options)
        let isEmpty = given.map { $0.isNull || $0 == "" } ?? true
        return ModelField(
            name: name,
            type: type,
            isRequired: false,
            defaultValue: isEmpty ? nil : given,
            note: value["description"]?.stringValue ?? value["label"]?.stringValue,
            basis: nil,
            source: .live,
            onlyWithout: nil,
            form: isSeconds ? form(type, options: options, given: given) : nil,
            constraint: ValueConstraint(
                allowed: options,
                minimum: value["min"]?.doubleValue,
                maximum: value["max"]?.doubleValue
            ),
            drivesCost: rules.costDriving.contains(name)
        )
    }

    private static func type(_ word: String?, name: String, options: [JSONValue]) -> FieldType {
        switch word {
        case _ where !options.isEmpty:
            return options.reduce(into: FieldType()) { types, option in
                switch option {
                case .string: types.insert(.string)
                case .number: types.insert(.number)
                case .bool: types.insert(.boolean)
                default: types = .any
                }
            }
        case "number", "integer", "slider": return name == "seed" ? [.number, .string] : .number
        case "switch", "boolean", "checkbox": return .boolean
        case "string", "text", "textarea": return .string
        default: return .any
        }
    }

    /// The form of seconds that the options or the default are in; none when they are no numbers of seconds.
    private static func form(_ type: FieldType, options: [JSONValue], given: JSONValue?) -> SecondsForm? {
        let samples = options.isEmpty ? [given].compactMap(\.self) : options
        guard samples.contains(where: { SecondsForm.seconds(in: $0) != nil }) else {
            return type == .number ? .number : nil
        }
        let sample = samples.first { SecondsForm.seconds(in: $0) != nil }
        guard let text = sample?.stringValue else { return .number }
        return text.hasSuffix("s") ? .suffixed : .text
    }

    // MARK: A model that the documents do not know

    /// The model as an entry of its own.
    var entry: ModelEntry {
        let takes = Set(
            (value["architecture"]?["input_modalities"]?.arrayValue ?? []).compactMap(\.stringValue)
        )
        let abilities = value["capabilities"]
        let needsMedia = !takes.contains("text") && abilities?["text_to_video"]?.boolValue == false
        var media: [MediaInput] = []
        for kind in MediaKind.allCases where takes.contains(kind.rawValue) {
            let own = namedMedia.first { $0.name == kind.rawValue }
            media.append(
                MediaInput(
                    role: kind.rawValue,
                    kind: kind,
                    isRequired: needsMedia,
                    inlineField: own?.name ?? "\(kind.rawValue)DataUrl",
                    urlField: own?.name ?? "\(kind.rawValue)Url",
                    aliases: aliases(of: kind, own: own?.name),
                    note: own?.note,
                    basis: nil
                )
            )
        }
        for input in namedMedia where !media.contains(where: { $0.spellings.contains(input.name) }) {
            media.append(Self.input(input))
        }
        var modes: [String] = []
        if abilities?["text_to_video"]?.boolValue == true { modes.append("text-to-video") }
        if abilities?["image_to_video"]?.boolValue == true { modes.append("image-to-video") }
        if abilities?["video_to_video"]?.boolValue == true { modes.append("video-to-video") }
        return rules.completed(
            ModelEntry(
                id: id,
                source: .live,
                name: value["name"]?.stringValue,
                summary: value["description"]?.stringValue,
                inputs: value["architecture"]?["modality"]?.stringValue
                    ?? takes.sorted().joined(separator: "+"),
                rows: [],
                modes: modes,
                prompt: PromptRule(
                    need: takes == ["text"]
                        ? .required : takes.contains("text") ? .requiredWithoutImage : .optional,
                    fields: ["prompt"],
                    basis: nil
                ),
                media: media,
                fields: fields,
                alternatives: [],
                fixed: [],
                requirements: [],
                limits: [],
                notes: [],
                conflicts: [],
                isListedLive: true,
                pricing: pricing
            )
        )
    }

    private static func input(
        _ input: (name: String, kind: MediaKind, note: String?, takesList: Bool)
    ) -> MediaInput {
        MediaInput(
            role: input.name,
            kind: input.kind,
            isRequired: false,
            inlineField: input.name,
            urlField: input.name,
            aliases: [],
            note: input.note,
            basis: nil,
            takesList: input.takesList
        )
    }

    private func aliases(of kind: MediaKind, own: String?) -> [String] {
        let word = kind.rawValue
        var names = [word, "\(word)Url", "\(word)DataUrl"]
        if kind == .image { names.append("image_data_url") }
        names += rules.attachmentFields.filter { rules.mediaFields[$0] == kind }
        return names.filter { name in
            own == nil ? name != "\(word)Url" && name != "\(word)DataUrl" : name != own
        }
    }

    private var pricing: ModelPricing? {
        value["pricing"]?.objectValue.map { ModelPricing($0, source: .live) }
    }

    // MARK: A model that the documents know

    /// A documented entry with what the live catalogue adds.
    ///
    /// - Parameter documented: The entry of the data file.
    /// - Returns: The entry with further fields, values, defaults and the live price.
    func merged(into documented: ModelEntry) -> ModelEntry {
        var entry = documented
        entry.isListedLive = true
        entry.name = value["name"]?.stringValue
        entry.summary = value["description"]?.stringValue
        // A price list that says no more than "from 0.25" is worse than one that was observed.
        if let pricing, pricing.isUnderstood || entry.pricing?.isUnderstood != true {
            entry.pricing = pricing
        }
        for field in fields {
            let others = rules.otherSpellings(of: field.name)
            let known = entry.fields.firstIndex { $0.name == field.name || others.contains($0.name) }
            if let known {
                extend(&entry.fields[known], with: field)
            } else {
                entry.fields.append(field)
            }
        }
        for input in namedMedia where !entry.media.contains(where: { $0.spellings.contains(input.name) }) {
            entry.media.append(Self.input(input))
        }
        return rules.completed(entry)
    }

    private func extend(_ field: inout ModelField, with live: ModelField) {
        let extra = live.constraint.allowed.map { Self.fitted($0, to: field) }
        // A field without constraint takes everything already; listing values would narrow it.
        if !field.constraint.isOpen {
            field.constraint.allowed += extra.filter { !field.constraint.allowed.contains($0) }
            if let minimum = live.minimum {
                field.constraint.minimum = field.constraint.minimum.map { min($0, minimum) }
            }
            if let maximum = live.maximum {
                field.constraint.maximum = field.constraint.maximum.map { max($0, maximum) }
            }
        }
        if field.defaultValue == nil, let given = live.defaultValue {
            field.defaultValue = Self.fitted(given, to: field)
        }
    }

    /// A value in the documented field's form: the live catalogue writes the options of every field as strings.
    private static func fitted(_ value: JSONValue, to field: ModelField) -> JSONValue {
        if let form = field.form, let seconds = SecondsForm.seconds(in: value) {
            return form.value(of: seconds)
        }
        guard let text = value.stringValue, !field.type.accepts(value) else { return value }
        var candidates: [JSONValue] = []
        if let number = Int(text) { candidates.append(.number(JSONNumber(number))) }
        if let number = Double(text) { candidates.append(.number(JSONNumber(number))) }
        if text == "true" || text == "false" { candidates.append(.bool(text == "true")) }
        return candidates.first(where: field.type.accepts) ?? value
    }
}
