import JSON

extension RequestValidator {
    // MARK: Inputs of the model

    /// A media input of the model's row: checked, and sent in the row's field for its form.
    mutating func checkMedia(_ member: RequestMember, _ entry: ModelEntry, _ index: Int) {
        let input = entry.media[index]
        if let earlier = givenMedia[index] {
            errors.append(
                .init(
                    .mediaInvalid,
                    field: member.name,
                    "\(member.name) and \(earlier) both give the \(input.role)",
                    hint: "give one of them; some providers fail on extra media"
                )
            )
            return
        }
        givenMedia[index] = member.name
        guard let text = member.value.stringValue else {
            // Some inputs of the live catalogue take a list.
            if case .array = member.value, input.takesList {
                checkLooseMedia(member, input.kind)
                body[member.name] = member.value
            } else {
                errors.append(
                    .init(
                        .mediaInvalid,
                        field: member.name,
                        "\(member.name) must be a string, not \(plain(member.value))",
                        hint: "an https URL or a data URL"
                    )
                )
            }
            return
        }
        if catalog.rules.attachmentFields.contains(member.name) {
            checkAttachment(member.name, text)
            body[member.name] = member.value
            return
        }
        let isInline = DataURL.looksLike(text)
        let name = isInline ? input.inlineField : input.urlField
        checkMediaText(text, field: member.name, sentAs: name, kind: input.kind)
        body[name] = member.value
        for conflict in entry.conflicts(about: input.role, .given) {
            warnings.append(.init(.mediaInvalid, field: member.name, conflict.sentence))
        }
        guard isInline else { return }
        for conflict in entry.conflicts(about: input.role, .inline) {
            warnings.append(.init(.mediaInvalid, field: member.name, conflict.sentence))
        }
    }

    /// Media in a field that the model's row does not name: a text, or a list of them.
    mutating func checkLooseMedia(_ member: RequestMember, _ kind: MediaKind) {
        switch member.value {
        case .string(let text):
            if catalog.rules.attachmentFields.contains(member.name) {
                checkAttachment(member.name, text)
            } else if text.hasPrefix("["), case .array(let list)? = parsed(text) {
                // The live catalogue takes "URL or JSON array" in one string.
                checkLooseMedia(RequestMember(name: member.name, value: .array(list)), kind)
            } else {
                checkMediaText(text, field: member.name, sentAs: member.name, kind: kind)
            }
        case .array(let list):
            for element in list {
                if let text = element.stringValue {
                    checkMediaText(text, field: member.name, sentAs: member.name, kind: kind)
                } else {
                    reportType(RequestMember(name: member.name, value: element), .string)
                }
            }
        default:
            reportType(member, [.string, .array])
        }
    }

    private func parsed(_ text: String) -> JSONValue? {
        do throws(JSONError) {
            return try JSONParser.parse(text)
        } catch {
            // Not a list, then: it is checked as a URL, which says what is wrong with it.
            return nil
        }
    }

    private mutating func checkAttachment(_ name: String, _ text: String) {
        guard text.isEmpty || text.contains(where: \.isWhitespace) || text.utf8.count > 512 else { return }
        errors.append(
            .init(.mediaInvalid, field: name, "\(name) must be the id of an attachment in the library")
        )
    }

    /// Whether the request gives the model an image, wherever in the request it stands.
    func isGivenImage(for entry: ModelEntry) -> Bool {
        entry.media.contains { input in
            input.kind == .image && input.spellings.contains { request[$0] != nil }
        }
    }

    // MARK: One text

    private mutating func checkMediaText(_ text: String, field: String, sentAs name: String, kind: MediaKind)
    {
        guard DataURL.looksLike(text) else {
            do throws(MediaURL.Fault) {
                try MediaURL.check(text, allowLoopback: options.allowLoopbackMediaURLs)
            } catch {
                errors.append(
                    .init(.mediaInvalid, field: field, "\(field) \(error.message)", hint: error.hint)
                )
            }
            return
        }
        do throws(DataURL.Fault) {
            checkInline(try DataURL(text), field: field, sentAs: name, kind: kind)
        } catch {
            errors.append(.init(.mediaInvalid, field: field, "\(field) \(error.message)", hint: error.hint))
        }
    }

    private mutating func checkInline(_ url: DataURL, field: String, sentAs name: String, kind: MediaKind) {
        let detected = MediaType.detect(url.start)
        media.append(.init(field: name, mediaType: detected?.name ?? url.declaredType, bytes: url.byteCount))
        if url.byteCount > options.maximumMediaBytes {
            errors.append(
                .init(
                    .mediaInvalid,
                    field: field,
                    "\(field) is \(url.byteCount) bytes, the provider takes \(options.maximumMediaBytes)",
                    hint: "host the file elsewhere and pass its https URL"
                )
            )
        }
        let declared = MediaKind(rawValue: String(url.declaredType.prefix { $0 != "/" }))
        guard let detected else {
            report(
                .init(
                    .mediaInvalid,
                    field: field,
                    "\(field) holds no \(kind.rawValue) of a known format",
                    hint: knownFormats(kind)
                ),
                unknown: true
            )
            return
        }
        if !detected.kinds.contains(kind) {
            errors.append(
                .init(
                    .mediaInvalid,
                    field: field,
                    "\(field) holds \(detected.name), where \(kind.phrase) is wanted",
                    hint: knownFormats(kind)
                )
            )
        } else if declared.map(detected.kinds.contains) != true {
            errors.append(
                .init(
                    .mediaInvalid,
                    field: field,
                    "\(field) is declared \(url.declaredType.isEmpty ? "without a type" : "as \(url.declaredType)")"
                        + ", but holds \(detected.name)",
                    hint: "write data:\(detected.name);base64,…"
                )
            )
        } else if declared == kind, detected.kinds == [kind], !sameType(url.declaredType, detected.name) {
            warnings.append(
                .init(
                    .mediaInvalid,
                    field: field,
                    "\(field) is declared as \(url.declaredType), but holds \(detected.name)",
                    hint: "write data:\(detected.name);base64,…"
                )
            )
        }
    }

    /// Types with several names in use.
    private func sameType(_ declared: String, _ detected: String) -> Bool {
        func common(_ name: String) -> String {
            switch name {
            case "image/jpg", "image/pjpeg": "image/jpeg"
            case "image/heif": "image/heic"
            case "image/x-ms-bmp", "image/x-bmp": "image/bmp"
            case "audio/mp3", "audio/x-mp3", "audio/mpeg3": "audio/mpeg"
            case "audio/wave", "audio/x-wav", "audio/vnd.wave": "audio/wav"
            case "audio/x-flac": "audio/flac"
            case "audio/m4a", "audio/x-m4a": "audio/mp4"
            case "audio/aacp", "audio/x-aac": "audio/aac"
            case "video/avi", "video/msvideo": "video/x-msvideo"
            default: name
            }
        }
        return common(declared) == common(detected)
    }

    private func knownFormats(_ kind: MediaKind) -> String {
        switch kind {
        case .image: "PNG, JPEG, WebP, GIF, BMP, AVIF or HEIC"
        case .audio: "MP3, WAV, Ogg, FLAC, AAC, M4A or WebM"
        case .video: "MP4, MOV, WebM, Ogg, AVI or MPEG"
        }
    }

    // MARK: Inputs left out

    /// All required inputs have to be there; where the documents disagree about one, its absence is a warning (C22).
    mutating func checkMissingMedia(_ entry: ModelEntry) {
        for (index, input) in entry.media.enumerated() where givenMedia[index] == nil {
            let conflicts = entry.conflicts(about: input.role, .missing)
            for conflict in conflicts {
                warnings.append(.init(.mediaInvalid, field: input.urlField, conflict.sentence))
            }
            guard input.isRequired, conflicts.isEmpty else { continue }
            let fields =
                input.inlineField == input.urlField
                ? "\(input.urlField) (https URL or data URL)"
                : "\(input.urlField) (https URL) or \(input.inlineField) (data URL)"
            let issue = ValidationIssue(
                .mediaInvalid,
                field: input.urlField,
                "\(entry.id) needs \(input.kind.phrase)\(input.role == input.kind.rawValue ? "" : " (\(input.role))")",
                hint: "give \(fields)"
            )
            // What the live catalogue requires is concluded from its word on input types.
            report(issue, unknown: entry.source == .live)
        }
    }
}
