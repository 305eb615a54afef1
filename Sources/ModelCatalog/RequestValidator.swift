import JSON

/// One check of one request: walks its members once, then looks at what is missing.
struct RequestValidator {
    let catalog: ModelCatalog
    let request: JSONObject
    let options: ValidationOptions
    var errors: [ValidationIssue] = []
    var warnings: [ValidationIssue] = []
    var body = JSONObject()
    var media: [MediaItem] = []
    /// The member that gave each field of the model, by the field's index.
    var givenFields: [String?] = []
    /// The member that gave each media input of the model, by the input's index.
    var givenMedia: [String?] = []

    /// The name under which the provider knows a job; making it is the daemon's business.
    static let reservedField = "conversationUUID"

    init(catalog: ModelCatalog, request: JSONObject, options: ValidationOptions) {
        self.catalog = catalog
        self.request = request
        self.options = options
    }

    /// Checks the request.
    ///
    /// - Returns: What was found.
    mutating func run() -> ValidationResult {
        guard let entry = model() else { return result(nil) }
        givenFields = Array(repeating: nil, count: entry.fields.count)
        givenMedia = Array(repeating: nil, count: entry.media.count)
        for member in request.members {
            check(RequestMember(name: member.name, value: member.value), entry)
        }
        checkPrompt(entry)
        checkMissingMedia(entry)
        checkMissingFields(entry)
        checkRequirements(entry)
        checkSize()
        return result(entry)
    }

    private func result(_ entry: ModelEntry?) -> ValidationResult {
        let hasImage = entry.map(hasImage) ?? false
        return ValidationResult(
            errors: errors,
            warnings: warnings,
            body: errors.isEmpty ? body : nil,
            media: media,
            price: errors.isEmpty ? entry?.pricing?.price(of: body, hasImage: hasImage) : nil
        )
    }

    // MARK: The model

    /// The entry of the request's model, or an entry without rules when an unknown one is let through.
    private mutating func model() -> ModelEntry? {
        guard let value = request["model"] else {
            errors.append(
                .init(
                    .paramsInvalid,
                    field: "model",
                    "model is missing",
                    hint: "videogenctl models lists what there is"
                )
            )
            return nil
        }
        guard let id = value.stringValue, !id.isEmpty else {
            errors.append(.init(.paramsInvalid, field: "model", "model must be a string that names a model"))
            return nil
        }
        if let reason = catalog.removed[id] {
            errors.append(
                .init(
                    .modelUnknown,
                    field: "model",
                    reason,
                    hint: "videogenctl models lists what there is"
                )
            )
            return nil
        }
        if let entry = catalog.entry(id) {
            if entry.isListedLive == false {
                warnings.append(
                    .init(
                        .modelUnknown,
                        field: "model",
                        "the provider's live catalogue does not list \(id) any more"
                    )
                )
            }
            return entry
        }
        let names = catalog.suggestions(for: id)
        let hint = names.isEmpty ? nil : "did you mean \(names.joined(separator: " or "))?"
        let message = "there is no model \(plain(value))"
        guard options.allowUnknown else {
            errors.append(
                .init(
                    .modelUnknown,
                    field: "model",
                    message,
                    hint: hint ?? "videogenctl models lists what there is"
                )
            )
            return nil
        }
        warnings.append(
            .init(
                .modelUnknown,
                field: "model",
                message + " in the catalogue: nothing is checked",
                hint: hint
            )
        )
        return catalog.entryWithoutRules(id)
    }

    // MARK: One member

    private mutating func check(_ member: RequestMember, _ entry: ModelEntry) {
        let name = member.name
        if name == "model" {
            body[name] = member.value
            return
        }
        guard name != Self.reservedField else {
            errors.append(
                .init(
                    .paramsInvalid,
                    field: name,
                    "\(name) is set by the daemon, which finds lost jobs by it",
                    hint: "leave it out; client_key makes a submission repeatable"
                )
            )
            return
        }
        guard !entry.isOpen else {
            checkLoose(member)
            return
        }
        switch entry.slots[name] {
        case .prompt: checkText(member, entry)
        case .field(let index): checkField(member, entry, index)
        case .media(let index): checkMedia(member, entry, index)
        case .fixed(let index): checkFixed(member, entry, entry.fixed[index])
        case .disputed(let index):
            warnings.append(.init(kind(of: name), field: name, entry.conflicts[index].sentence))
            checkLoose(member)
        case .elsewhere(let text, let type):
            warnings.append(
                .init(
                    kind(of: name),
                    field: name,
                    "\(name) is not among what the documents list for \(entry.id), but: \(text)"
                )
            )
            checkLoose(member, type)
        case nil: checkUnknown(member, entry)
        }
    }

    private func kind(of name: String) -> ValidationIssue.Kind {
        catalog.rules.mediaFields[name] == nil ? .paramsInvalid : .mediaInvalid
    }

    /// A member that no document gives to the model.
    private mutating func checkUnknown(_ member: RequestMember, _ entry: ModelEntry) {
        let name = member.name
        let message: String
        let hint: String?
        if let mediaKind = catalog.rules.mediaFields[name] {
            message = "\(entry.id) takes no \(mediaKind.rawValue) in \(name)"
            let fitting = entry.media.filter { $0.kind == mediaKind }.map(\.urlField)
            hint =
                fitting.isEmpty
                ? "it takes \(inputWords(entry)); some providers fail on extra media"
                : "did you mean \(fitting.joined(separator: " or "))?"
        } else {
            message = "\(entry.id) takes no field \(name)"
            hint = fieldHint(name, entry)
        }
        report(.init(kind(of: name), field: name, message, hint: hint), unknown: true)
        if options.allowUnknown {
            checkLoose(member)
        }
    }

    private func fieldHint(_ name: String, _ entry: ModelEntry) -> String {
        let better = (catalog.rules.instead[name] ?? []).filter { word in
            word == "prompt" || entry.fields.contains { $0.name == word }
        }
        if !better.isEmpty { return "did you mean \(better.joined(separator: " or "))?" }
        let known = ["model", "prompt"] + entry.fields.map(\.name) + entry.media.flatMap(\.spellings)
        if let hint = Suggestions.hint(for: name, among: known) { return hint }
        let fields = entry.fields.map(\.name).joined(separator: ", ")
        return "it takes \(inputWords(entry))\(fields.isEmpty ? "" : "; fields: \(fields)")"
    }

    private func inputWords(_ entry: ModelEntry) -> String {
        let inputs = entry.media.map { $0.isRequired ? $0.role : "\($0.role) (optional)" }
        return (entry.prompt.fields + inputs).joined(separator: ", ")
    }

    /// A member that is sent as it is; media are checked all the same, because a bad one costs money.
    private mutating func checkLoose(_ member: RequestMember, _ type: FieldType = .any) {
        if let kind = catalog.rules.mediaFields[member.name] {
            checkLooseMedia(member, kind)
        } else if !type.accepts(member.value) {
            reportType(member, type)
        }
        body[member.name] = member.value
    }

    // MARK: Reporting

    /// An issue that `allow_unknown` turns into a warning.
    mutating func report(_ issue: ValidationIssue, unknown: Bool) {
        if unknown, options.allowUnknown {
            warnings.append(issue)
        } else {
            errors.append(issue)
        }
    }

    mutating func reportType(_ member: RequestMember, _ type: FieldType) {
        errors.append(
            .init(
                kind(of: member.name),
                field: member.name,
                "\(member.name) must be \(type.phrase), not \(member.value.isNull ? "null" : plain(member.value))",
                hint: typeHint(member.value, type)
            )
        )
    }

    private func typeHint(_ value: JSONValue, _ type: FieldType) -> String? {
        if value.isNull { return "leave it out" }
        if type.contains(.boolean), let word = value.stringValue, word == "true" || word == "false" {
            return "write \(word) without quotes"
        }
        if !type.intersection([.number, .integer]).isEmpty, let text = value.stringValue, Double(text) != nil
        {
            return "write \(text) without quotes"
        }
        if type.contains(.string), case .number(let number) = value { return "write \"\(number.text)\"" }
        return nil
    }

    func hasImage(_ entry: ModelEntry) -> Bool {
        entry.media.indices.contains { entry.media[$0].kind == .image && givenMedia[$0] != nil }
    }

    // MARK: The size of the body

    private mutating func checkSize() {
        // The daemon adds `conversationUUID` with a UUID of 36 characters.
        let bytes = JSONSize.bytes(of: body) + Self.reservedField.utf8.count + 42
        guard bytes > options.maximumBodyBytes else { return }
        let largest = media.max { $0.bytes < $1.bytes }
        errors.append(
            .init(
                largest == nil ? .paramsInvalid : .mediaInvalid,
                field: largest?.field ?? "prompt",
                "the request is \(bytes) bytes of JSON, the provider takes \(options.maximumBodyBytes)",
                hint: largest.map { "host the \($0.mediaType) file elsewhere and pass its https URL" }
            )
        )
    }
}

extension FieldType {
    /// Whether a value is of one of the types.
    func accepts(_ value: JSONValue) -> Bool {
        if self == .any { return !value.isNull }
        switch value {
        case .string: return contains(.string)
        case .number(let number): return contains(.number) || contains(.integer) && number.intValue != nil
        case .bool: return contains(.boolean)
        case .object: return contains(.object)
        case .array: return contains(.array)
        case .null: return false
        }
    }
}
