/// A choice of behaviours for the submissions that match it.
public struct SimulatorRule: Hashable, Sendable {
    /// Text that the prompt must contain; nil matches every prompt.
    public var prompt: String?
    /// The model that must be asked for; nil matches every model.
    public var model: String?
    /// The number of the submission, counted from 1; nil matches every number.
    public var ordinal: Int?
    /// Every how many submissions the rule matches; nil or 1 is each of them.
    public var every: Int?
    /// How often the rule applies before it is spent; nil is for ever.
    public var times: Int?
    /// What matching submissions get.
    public var behaviours: BehaviourSet

    /// Makes a rule.
    ///
    /// - Parameters:
    ///   - prompt: Text that the prompt must contain.
    ///   - model: The model that must be asked for.
    ///   - ordinal: The number of the submission, counted from 1.
    ///   - every: Every how many submissions the rule matches.
    ///   - times: How often the rule applies.
    ///   - behaviours: What matching submissions get, as `slow=30, truncated`.
    /// - Throws: ``SimulatorError`` for an unknown behaviour or a bad value.
    public init(
        prompt: String? = nil,
        model: String? = nil,
        ordinal: Int? = nil,
        every: Int? = nil,
        times: Int? = nil,
        behaviours: String
    ) throws {
        self.prompt = prompt
        self.model = model
        self.ordinal = ordinal
        self.every = every
        self.times = times
        self.behaviours = try BehaviourSet(parsing: behaviours)
    }

    /// Whether a submission matches; ``times`` is not looked at.
    func matches(prompt text: String, model name: String, ordinal number: Int) -> Bool {
        if let prompt, !text.contains(prompt) { return false }
        if let model, model != name { return false }
        if let ordinal, ordinal != number { return false }
        if let every, every > 0, number % every != 0 { return false }
        return true
    }
}

extension SimulatorRule {
    /// Reads a rule from JSON, with the members named as the properties.
    ///
    /// - Parameter value: An object; `behaviours` is a text or a list of texts.
    /// - Throws: ``SimulatorError`` for an unknown member or a value that does not fit.
    init(_ value: JSONValue) throws {
        guard case .object(let members) = value else {
            throw SimulatorError(.invalidInput, "A rule must be an object")
        }
        let known = ["prompt", "model", "ordinal", "every", "times", "behaviours"]
        for member in members where !known.contains(member.name) {
            throw SimulatorError(.invalidInput, "A rule has no member \"\(member.name)\"")
        }
        guard let list = value["behaviours"] else {
            throw SimulatorError(.invalidInput, "A rule needs behaviours")
        }
        let behaviours = list.string ?? list.elements.compactMap(\.string).joined(separator: ",")
        try self.init(
            prompt: value["prompt"]?.string,
            model: value["model"]?.string,
            ordinal: value["ordinal"]?.integer,
            every: value["every"]?.integer,
            times: value["times"]?.integer,
            behaviours: behaviours
        )
        for name in ["ordinal", "every", "times"] where value.has(name) {
            guard let number = value[name]?.integer, number > 0 else {
                throw SimulatorError(.invalidInput, "\(name) of a rule must be a number above 0")
            }
        }
    }

    /// The rule as JSON.
    var json: JSONValue {
        .members([
            "prompt": prompt.map { .string($0) },
            "model": model.map { .string($0) },
            "ordinal": ordinal.map { .integer($0) },
            "every": every.map { .integer($0) },
            "times": times.map { .integer($0) },
            "behaviours": .string(behaviours.text),
        ])
    }
}
