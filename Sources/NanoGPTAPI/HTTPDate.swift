import JobCore

extension Timestamp {
    /// Reads an HTTP date in any of its three forms (RFC 9110, section 5.6.7), or RFC 3339 text.
    init?(httpDate text: String) {
        if let time = Timestamp(rfc3339: text) {
            self = time
            return
        }
        // In all three forms the first plain number is the day and the second the year.
        var numbers: [Int] = []
        var month: Int?
        var clock: Substring?
        for token in text.split(whereSeparator: { " ,-".contains($0) }) {
            if token.contains(":") {
                clock = clock ?? token
            } else if let number = Int(token) {
                numbers.append(number)
            } else if let index = Self.months.firstIndex(of: token.lowercased()) {
                month = index + 1
            }
        }
        guard numbers.count == 2, let month, let clock, (1...31).contains(numbers[0]) else { return nil }
        let parts = clock.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, parts.allSatisfy({ $0.utf8.count == 2 }) else { return nil }
        // Two digits are a year within the next or last 50 (RFC 850's form); one century is enough for us.
        let year = numbers[1] < 70 ? 2000 + numbers[1] : numbers[1] < 100 ? 1900 + numbers[1] : numbers[1]
        guard (1000...9999).contains(year) else { return nil }
        let pad = { (number: Int) in number < 10 ? "0\(number)" : "\(number)" }
        self.init(rfc3339: "\(year)-\(pad(month))-\(pad(numbers[0]))T\(clock)Z")
    }

    private static let months = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]

    /// How long it is until the next midnight UTC, when daily caps end (FACTS section 6).
    var untilMidnight: Duration {
        let day: Int64 = 86_400_000
        let passed = (milliseconds % day + day) % day
        return .milliseconds(day - passed)
    }
}
