import JSON

/// Which values are taken: a list, a range, or anything.
struct ValueConstraint: Hashable, Sendable {
    /// The only values, if there is a list.
    var allowed: [JSONValue] = []
    /// The least number of a range.
    var minimum: Double?
    /// The greatest number of a range.
    var maximum: Double?

    /// Whether nothing is constrained.
    var isOpen: Bool {
        allowed.isEmpty && minimum == nil && maximum == nil
    }

    /// Whether a value is taken.
    ///
    /// - Parameters:
    ///   - value: The value in the form that is sent.
    ///   - number: What the value counts as in a range: seconds, or the number itself.
    /// - Returns: Whether the list holds it or the range contains it.
    func accepts(_ value: JSONValue, number: Double?) -> Bool {
        if allowed.contains(value) { return true }
        if minimum == nil, maximum == nil { return allowed.isEmpty }
        guard let number else { return false }
        return number >= minimum ?? -.infinity && number <= maximum ?? .infinity
    }

    /// What is allowed, in words: `480p, 720p` or `5 to 30`.
    ///
    /// - Parameter form: The form of a number of seconds, for the ends of a range.
    /// - Returns: The words, or `nil` when nothing is constrained.
    func phrase(form: SecondsForm? = nil) -> String? {
        var parts = allowed.map(plain)
        let ends = (minimum.map { end($0, form) }, maximum.map { end($0, form) })
        switch ends {
        case (let low?, let high?): parts.append("\(low) to \(high)")
        case (let low?, nil): parts.append("\(low) or more")
        case (nil, let high?): parts.append("\(high) or less")
        case (nil, nil): break
        }
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }

    private func end(_ number: Double, _ form: SecondsForm?) -> String {
        guard let whole = Int(exactly: number) else { return "\(number)" }
        return form.map { plain($0.value(of: whole)) } ?? "\(whole)"
    }
}

/// A value for people: strings without quotes, everything else as JSON, cut where it gets long.
///
/// - Parameter value: The value.
/// - Returns: The words.
func plain(_ value: JSONValue) -> String {
    let text = value.stringValue ?? value.text
    return text.count <= 60 ? text : String(text.prefix(57)) + "..."
}
