import ArgumentParser

/// A duration as people write it: `90`, `90s`, `1h30m`, `500ms`; a number alone is seconds.
struct DurationArgument: ExpressibleByArgument {
    let duration: Duration

    init?(argument: String) {
        guard let duration = Self.parse(argument) else { return nil }
        self.duration = duration
    }

    private static func parse(_ text: String) -> Duration? {
        if let seconds = Double(text) {
            return seconds >= 0 && seconds < 1e9 ? .seconds(seconds) : nil
        }
        var total = Duration.zero
        var rest = Substring(text)
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber || $0 == "." }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(unit.count)
            guard let amount = Double(digits), amount < 1e9, let seconds = units[String(unit)] else {
                return nil
            }
            total += .seconds(amount * seconds)
        }
        return total
    }

    private static let units: [String: Double] = [
        "ms": 0.001, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400, "w": 604_800,
    ]
}
