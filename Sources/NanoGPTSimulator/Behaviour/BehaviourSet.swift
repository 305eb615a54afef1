/// The behaviours of one job, with their values.
public struct BehaviourSet: Hashable, Sendable {
    private var values: [Behaviour: String]

    /// Makes a set of behaviours with their default values.
    ///
    /// - Parameter behaviours: The behaviours.
    public init(_ behaviours: Behaviour...) {
        values = Dictionary(behaviours.map { ($0, "") }) { first, _ in first }
    }

    /// Reads a list such as `slow=30, truncated`.
    ///
    /// - Parameter text: Names with optional values, separated by commas.
    /// - Throws: ``SimulatorError`` for an unknown name or a value that does not fit.
    public init(parsing text: some StringProtocol) throws {
        values = [:]
        for part in text.split(separator: ",") {
            let word = part.trimmed
            guard !word.isEmpty else { continue }
            let pieces = word.split(separator: "=", maxSplits: 1)
            let name = pieces.first.map { $0.trimmed } ?? ""
            guard let behaviour = Behaviour.named(name) else {
                throw SimulatorError(.invalidBehaviour, "Unknown simulator behaviour \"\(name)\"")
            }
            let value = pieces.count > 1 ? pieces[1].trimmed : ""
            guard Self.accepts(value, for: behaviour) else {
                throw SimulatorError(
                    .invalidBehaviour,
                    "Simulator behaviour \(name) takes \(behaviour.valueHint ?? "no value"), not \"\(value)\""
                )
            }
            values[behaviour] = value
        }
    }

    /// Whether there is no behaviour.
    public var isEmpty: Bool { values.isEmpty }

    /// The set as text that ``init(parsing:)`` reads, in the order of the names.
    public var text: String {
        values.map { $0.value.isEmpty ? $0.key.rawValue : "\($0.key.rawValue)=\($0.value)" }
            .sorted()
            .joined(separator: ", ")
    }

    /// Whether a behaviour is in the set.
    ///
    /// - Parameter behaviour: The behaviour to look for.
    /// - Returns: Whether it is there.
    public func contains(_ behaviour: Behaviour) -> Bool { values[behaviour] != nil }

    /// Adds the behaviours of another set; its values win.
    ///
    /// - Parameter other: The set to add.
    public mutating func merge(_ other: BehaviourSet) {
        values.merge(other.values) { _, new in new }
    }

    /// Takes a behaviour out.
    mutating func remove(_ behaviour: Behaviour) { values[behaviour] = nil }

    /// The text after `=`; nil when the behaviour is absent or has no value.
    func value(of behaviour: Behaviour) -> String? {
        values[behaviour].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// How many times a behaviour applies; nil when it is absent.
    func times(_ behaviour: Behaviour, default count: Int) -> Int? {
        guard let value = values[behaviour] else { return nil }
        return value == "always" ? Int.max : Int(value) ?? count
    }

    /// A number after `=`, or the default; nil when the behaviour is absent.
    func number(_ behaviour: Behaviour, default number: Double) -> Double? {
        values[behaviour].map { Double($0) ?? number }
    }

    private static func accepts(_ value: String, for behaviour: Behaviour) -> Bool {
        guard let hint = behaviour.valueHint else { return value.isEmpty }
        if value.isEmpty {
            return ![
                .cost, .finalCost, .refund, .processing, .statusWord, .submitStatus, .urlAt, .videoBytes,
            ].contains(behaviour)
        }
        return hint.split(separator: "|").contains { form in
            switch form {
            case "N", "BYTES": Int(value).map { $0 >= 0 } ?? false
            case "BYTES_PER_SECOND": Int(value).map { $0 > 0 } ?? false
            case "SECONDS", "USD": Double(value).map { $0 >= 0 && $0 < 1e9 } ?? false
            case "PLACE": URLPlace(rawValue: value) != nil
            case "WORD": true
            default: value == form
            }
        }
    }
}

extension StringProtocol {
    /// The text without blanks at both ends.
    var trimmed: String {
        let start = drop { $0.isWhitespace }
        return String(start.reversed().drop { $0.isWhitespace }.reversed())
    }
}
