import JobCore

/// A value as it is written, and how it is read.
enum ConfigurationValue: Hashable, Sendable {
    case text(String)
    case list([String])

    /// What is wrong with a value, without its place.
    struct Fault: Error, Hashable, Sendable {
        let reason: String
    }

    var text: String {
        switch self {
        case .text(let text): text
        case .list(let items): items.joined(separator: ",")
        }
    }

    func string() throws(Fault) -> String {
        guard case .text(let text) = self else { throw Fault(reason: "must be a single value, not a list") }
        return text
    }

    func strings() -> [String] {
        switch self {
        case .list(let items): items
        case .text(let text):
            text.split(separator: ",").map { $0.trimmed }.filter { !$0.isEmpty }
        }
    }

    func bool() throws(Fault) -> Bool {
        switch try string().lowercased() {
        case "true", "yes", "on": return true
        case "false", "no", "off": return false
        default: throw Fault(reason: "'\(text)' is not true or false")
        }
    }

    func integer(_ range: ClosedRange<Int>) throws(Fault) -> Int {
        guard let value = Int(try string()), range.contains(value) else {
            throw Fault(
                reason: "'\(text)' is not a whole number from \(range.lowerBound) to \(range.upperBound)"
            )
        }
        return value
    }

    /// `250ms`, `60s`, `5m`, `24h`, `30d`; decimals are allowed.
    ///
    /// A hundred years are the most: beyond, the runtime's clocks overflow.
    func duration(
        atLeast minimum: Duration,
        atMost maximum: Duration = .seconds(36_500 * 86_400)
    ) throws(Fault) -> Duration {
        let units: [(String, Double)] = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86_400)]
        let (number, unit) = split(try string())
        guard let number, let scale = units.first(where: { $0.0 == unit })?.1, number >= 0, number < 1e15
        else {
            throw Fault(reason: "'\(text)' is not a duration such as 250ms, 60s, 5m, 24h or 30d")
        }
        guard number * scale <= maximum.seconds else {
            throw Fault(reason: "'\(text)' is too long; at most \(maximum)")
        }
        // Rounded: 0.001 is no binary number, and 4007ms would become 4006.
        let duration = Duration.milliseconds(Int64((number * scale * 1000).rounded()))
        guard duration >= minimum else { throw Fault(reason: "'\(text)' is too short; at least \(minimum)") }
        return duration
    }

    /// `500`, `16KiB`, `4.4MiB`, `2GiB`, `1GB`; decimals are allowed.
    func bytes(atLeast minimum: Int = 0) throws(Fault) -> Int {
        let units: [(String, Double)] = [
            ("", 1), ("B", 1), ("KiB", 1024), ("MiB", 1_048_576), ("GiB", 1_073_741_824),
            ("TiB", 1_099_511_627_776),
            ("kB", 1e3), ("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12),
        ]
        let (number, unit) = split(try string())
        guard let number, let scale = units.first(where: { $0.0 == unit })?.1, number >= 0,
            number * scale < 1e15
        else {
            throw Fault(reason: "'\(text)' is not a size such as 16KiB, 4.4MiB or 2GiB")
        }
        let bytes = Int(number * scale)
        guard bytes >= minimum else { throw Fault(reason: "'\(text)' is too small; at least \(minimum)") }
        return bytes
    }

    /// Permission bits in octal, `0640`.
    func mode() throws(Fault) -> UInt32 {
        guard let mode = UInt32(try string(), radix: 8), mode <= 0o777 else {
            throw Fault(reason: "'\(text)' is not a file mode in octal such as 0640")
        }
        return mode
    }

    func word<Value>(_ words: [(String, Value)]) throws(Fault) -> Value {
        let wanted = try string()
        guard let value = words.first(where: { $0.0 == wanted })?.1 else {
            throw Fault(reason: "'\(text)' is not one of \(words.map(\.0).joined(separator: ", "))")
        }
        return value
    }

    private func split(_ text: String) -> (Double?, String) {
        let number = text.prefix { $0.isNumber || $0 == "." }
        return (Double(number), text[number.endIndex...].trimmed)
    }
}

extension StringProtocol {
    /// The text without spaces and tabs around it.
    var trimmed: String {
        var rest = self[...]
        while rest.first == " " || rest.first == "\t" { rest.removeFirst() }
        while rest.last == " " || rest.last == "\t" { rest.removeLast() }
        return String(rest)
    }
}
