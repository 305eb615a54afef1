public import JSON

extension ModelEntry {
    /// The entry as `models.get` shows it.
    ///
    /// `media[].inline_field` and `media[].url_field` say where a file or a URL goes, so that a client needs no
    /// knowledge of its own about models.
    public var description: JSONValue {
        var entry = JSONObject()
        entry["id"] = .string(id)
        entry["source"] = .string(source.rawValue)
        entry["name"] = name.map { .string($0) }
        entry["summary"] = summary.map { .string($0) }
        entry["listed_live"] = isListedLive.map { .bool($0) }
        entry["modes"] = Self.list(modes)
        entry["inputs"] = .string(inputs)
        entry["prompt"] = .object(promptDescription)
        entry["media"] = .array(media.map(Self.description))
        entry["fields"] = .array(fields.map { .object(description(of: $0)) })
        var fixedValues = JSONObject()
        for constant in fixed {
            fixedValues[constant.field] = constant.value
        }
        entry["fixed"] = .object(fixedValues)
        if !alternatives.isEmpty { entry["alternatives"] = .array(alternatives.map(Self.list)) }
        if !requirements.isEmpty { entry["requirements"] = .array(requirements.map(Self.description)) }
        if !limits.isEmpty { entry["limits"] = Self.list(limits) }
        if !notes.isEmpty { entry["notes"] = Self.list(notes) }
        if !conflicts.isEmpty { entry["conflicts"] = .array(conflicts.map(Self.description)) }
        entry["price"] = .object(priceDescription)
        return .object(entry)
    }

    private static func list(_ texts: [String]) -> JSONValue {
        .array(texts.map { .string($0) })
    }

    private var promptDescription: JSONObject {
        var rule = JSONObject()
        rule["required"] =
            switch prompt.need {
            case .required: "yes"
            case .requiredWithoutImage: "unless an image is given"
            case .oneOf: "one of these fields"
            case .optional: "no"
            case .unused: "not used"
            }
        rule["fields"] = Self.list(prompt.fields)
        return rule
    }

    private static func description(of input: MediaInput) -> JSONValue {
        var entry = JSONObject()
        entry["role"] = .string(input.role)
        entry["kind"] = .string(input.kind.rawValue)
        entry["required"] = .bool(input.isRequired)
        entry["inline_field"] = .string(input.inlineField)
        entry["url_field"] = .string(input.urlField)
        entry["accepts"] = list(input.spellings)
        entry["note"] = input.note.map { .string($0) }
        entry["basis"] = input.basis.map { .string($0) }
        return .object(entry)
    }

    private func description(of field: ModelField) -> JSONObject {
        var entry = JSONObject()
        entry["name"] = .string(field.name)
        entry["type"] = .string(field.type.words)
        entry["required"] = .bool(field.isRequired)
        if !field.allowedValues.isEmpty { entry["allowed"] = .array(field.allowedValues) }
        entry["minimum"] = Self.number(field.minimum)
        entry["maximum"] = Self.number(field.maximum)
        if let form = field.form {
            entry["unit"] = "s"
            entry["form"] = form.example
        }
        entry["default"] = field.defaultValue
        if field.drivesCost { entry["drives_cost"] = true }
        if !field.aliases.isEmpty { entry["aliases"] = Self.list(field.aliases) }
        entry["not_with"] = field.onlyWithout.map { .string($0) }
        entry["note"] = field.note.map { .string($0) }
        entry["basis"] = field.basis.map { .string($0) }
        entry["source"] = .string(field.source.rawValue)
        return entry
    }

    private static func number(_ value: Double?) -> JSONValue? {
        value.map { value in
            .number(Int(exactly: value).map { JSONNumber($0) } ?? JSONNumber(value))
        }
    }

    private static func description(of rule: FieldRequirement) -> JSONValue {
        [
            "field": .string(rule.field), "value": rule.value,
            "needs": [rule.neededField: rule.neededValue], "text": .string(rule.text),
        ]
    }

    private static func description(of conflict: ModelConflict) -> JSONValue {
        var entry = JSONObject()
        entry["number"] = conflict.number.map { .string($0) }
        entry["about"] = .string(conflict.about)
        entry["when"] = .string(conflict.occasion.rawValue)
        entry["text"] = .string(conflict.text)
        return .object(entry)
    }

    /// The price list where its shape is understood; never a number that was not given.
    private var priceDescription: JSONObject {
        var price = JSONObject()
        guard let pricing else {
            price["known"] = false
            return price
        }
        price["known"] = .bool(pricing.isUnderstood)
        price["source"] = .string(pricing.source == .live ? "live" : "observed")
        price["rates"] = .object(pricing.rates)
        return price
    }
}
