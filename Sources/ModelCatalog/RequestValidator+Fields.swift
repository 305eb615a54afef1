import JSON

extension RequestValidator {
    // MARK: Given fields

    /// A field of the model's row: renamed to the row's spelling, seconds in the row's form, its value checked.
    mutating func checkField(_ member: RequestMember, _ entry: ModelEntry, _ index: Int) {
        let field = entry.fields[index]
        if let earlier = givenFields[index] {
            errors.append(
                .init(
                    .paramsInvalid,
                    field: member.name,
                    "\(member.name) and \(earlier) are the same field",
                    hint: "give \(field.name) only"
                )
            )
            return
        }
        givenFields[index] = member.name
        guard let value = sentValue(member, field) else { return }
        body[field.name] = value
        let number = field.form == nil ? value.doubleValue : SecondsForm.seconds(in: value).map(Double.init)
        if !field.constraint.accepts(value, number: number) {
            report(outside(member, field, entry), unknown: true)
        }
        for conflict in entry.conflicts(about: field.name, .given)
        where conflict.undisputed?.accepts(value, number: number) != true {
            warnings.append(.init(.paramsInvalid, field: member.name, conflict.sentence))
        }
        guard isGivenImage(for: entry) else { return }
        for conflict in entry.conflicts(about: field.name, .withImage) {
            warnings.append(.init(.paramsInvalid, field: member.name, conflict.sentence))
        }
        if field.onlyWithout == "image" {
            report(
                .init(
                    .paramsInvalid,
                    field: member.name,
                    "\(entry.id) takes \(field.name) for text-to-video only, not together with an image",
                    hint: "leave \(field.name) out"
                ),
                unknown: true
            )
        }
    }

    /// The value in the form that is sent, or `nil` after reporting a wrong type.
    private mutating func sentValue(_ member: RequestMember, _ field: ModelField) -> JSONValue? {
        if let form = field.form {
            if field.constraint.allowed.contains(member.value) { return member.value }
            if let seconds = SecondsForm.seconds(in: member.value), seconds > 0 {
                return form.value(of: seconds)
            }
            guard case .string = member.value, options.allowUnknown else {
                let allowed = field.constraint.phrase(form: form).map { "; allowed: \($0)" } ?? ""
                errors.append(
                    .init(
                        .paramsInvalid,
                        field: member.name,
                        "\(member.name) must be whole seconds, not \(plain(member.value))",
                        hint: "write \(form.example.text)\(allowed)"
                    )
                )
                return nil
            }
            return member.value
        }
        guard field.type.accepts(member.value) else {
            // An array or an object in place of a word is no near miss; a listed value in the wrong type is.
            if let near = nearValue(member.value, field) {
                errors.append(
                    .init(
                        .paramsInvalid,
                        field: member.name,
                        "\(member.name) must be \(field.type.phrase), not \(plain(member.value))",
                        hint: "did you mean \(near.text)? allowed: \(field.constraint.phrase() ?? near.text)"
                    )
                )
            } else {
                reportType(member, field.type)
            }
            return nil
        }
        return member.value
    }

    private func nearValue(_ value: JSONValue, _ field: ModelField) -> JSONValue? {
        guard case .number(let number) = value else { return nil }
        return field.constraint.allowed.first { $0.stringValue?.hasPrefix(number.text) == true }
    }

    private func outside(_ member: RequestMember, _ field: ModelField, _ entry: ModelEntry) -> ValidationIssue
    {
        let allowed = field.constraint.phrase(form: field.form).map { "allowed: \($0)" }
        let words = field.constraint.allowed.compactMap(\.stringValue)
        let meant = member.value.stringValue.flatMap { Suggestions.hint(for: $0, among: words) }
        let hint = [meant, allowed].compactMap(\.self).joined(separator: " ")
        return .init(
            .paramsInvalid,
            field: member.name,
            "\(member.name) \(plain(member.value)) is not among what \(entry.id) takes",
            hint: hint
        )
    }

    /// A value that the model has anyway: the same one is harmless, another would not do what the client wants.
    mutating func checkFixed(_ member: RequestMember, _ entry: ModelEntry, _ fixed: FixedValue) {
        let wanted = SecondsForm.seconds(in: fixed.value)
        let isSame =
            wanted.map { SecondsForm.seconds(in: member.value) == $0 } ?? (member.value == fixed.value)
        for conflict in entry.conflicts(about: fixed.field, .given) {
            warnings.append(.init(.paramsInvalid, field: member.name, conflict.sentence))
        }
        if !isSame {
            report(
                .init(
                    .paramsInvalid,
                    field: member.name,
                    "\(fixed.field) of \(entry.id) is always \(plain(fixed.value)), not \(plain(member.value))",
                    hint: "leave \(member.name) out"
                ),
                unknown: true
            )
        }
        body[fixed.field] = isSame ? fixed.value : member.value
    }

    // MARK: The prompt

    /// The prompt, which every model may be given.
    mutating func checkText(_ member: RequestMember, _ entry: ModelEntry) {
        guard case .string = member.value else {
            reportType(member, .string)
            return
        }
        if entry.prompt.need == .unused {
            warnings.append(
                .init(
                    .paramsInvalid,
                    field: member.name,
                    "the documents name no prompt for \(entry.id)",
                    hint: "it may be ignored"
                )
            )
        }
        body[member.name] = member.value
    }

    mutating func checkPrompt(_ entry: ModelEntry) {
        let fields = entry.prompt.fields
        guard !fields.contains(where: isFilled) else { return }
        switch entry.prompt.need {
        case .optional, .unused: break
        case .requiredWithoutImage where givenMedia.contains(where: { $0 != nil }): break
        case .oneOf:
            let names = fields.joined(separator: ", ")
            errors.append(
                .init(
                    .paramsInvalid,
                    field: fields[0],
                    "\(entry.id) needs one of \(names)",
                    hint: "give one of them"
                )
            )
        case .required, .requiredWithoutImage:
            let isOptionalBesideImage = entry.prompt.need == .requiredWithoutImage
            errors.append(
                .init(
                    .paramsInvalid,
                    field: "prompt",
                    "\(entry.id) needs a prompt",
                    hint: isOptionalBesideImage ? "give a prompt or an image" : nil
                )
            )
            return
        }
        for conflict in entry.conflicts(about: "prompt", .missing) {
            warnings.append(.init(.paramsInvalid, field: "prompt", conflict.sentence))
        }
    }

    private func isFilled(_ name: String) -> Bool {
        switch request[name] {
        case .string(let text)?: text.contains { !$0.isWhitespace }
        case .object(let object)?: !object.isEmpty
        default: false
        }
    }

    // MARK: Fields left out

    mutating func checkMissingFields(_ entry: ModelEntry) {
        for (index, field) in entry.fields.enumerated() where givenFields[index] == nil {
            if field.isRequired {
                errors.append(
                    .init(
                        .paramsInvalid,
                        field: field.name,
                        "\(entry.id) needs \(field.name)",
                        hint: field.constraint.phrase(form: field.form).map { "allowed: \($0)" }
                    )
                )
                continue
            }
            for conflict in entry.conflicts(about: field.name, .missing) {
                warnings.append(.init(.paramsInvalid, field: field.name, conflict.sentence))
            }
            guard field.drivesCost, !isSaidOtherwise(field.name, entry) else { continue }
            if let value = field.defaultValue {
                body[field.name] = value
            } else {
                warnings.append(noDefault(field))
            }
        }
    }

    private func isSaidOtherwise(_ name: String, _ entry: ModelEntry) -> Bool {
        entry.alternatives.contains { group in
            group.contains(name) && group.contains { $0 != name && body[$0] != nil }
        }
    }

    /// The provider chooses then, and its choice may be the dear one (FACTS section 6).
    private func noDefault(_ field: ModelField) -> ValidationIssue {
        let allowed =
            field.constraint.phrase(form: field.form)
            ?? (field.type == .boolean ? "true, false" : "not documented")
        return .init(
            .paramsInvalid,
            field: field.name,
            "\(field.name) is left out and has no documented default, so the provider decides and it changes the price",
            hint: "allowed: \(allowed)"
        )
    }

    mutating func checkRequirements(_ entry: ModelEntry) {
        for rule in entry.requirements
        where body[rule.field] == rule.value && body[rule.neededField] != rule.neededValue {
            errors.append(
                .init(
                    .paramsInvalid,
                    field: rule.field,
                    "\(rule.field) \(plain(rule.value)) of \(entry.id) needs \(rule.neededField): \(rule.text)",
                    hint: "set \(rule.neededField) to \(plain(rule.neededValue))"
                )
            )
        }
    }
}
