/// Dates as text, from milliseconds since the epoch, in UTC.
enum CalendarText {
    /// `2025-01-17T12:34:56.000Z`.
    static func rfc3339(_ milliseconds: Int64) -> String {
        let date = Fields(milliseconds)
        let day = "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))"
        return "\(day)T\(date.time).\(padded(date.millisecond, 3))Z"
    }

    /// `Fri, 17 Jan 2025 12:34:56 GMT`, as HTTP headers have it.
    static func http(_ milliseconds: Int64) -> String {
        let date = Fields(milliseconds)
        let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let day = "\(weekdays[date.weekday]), \(padded(date.day, 2)) \(months[date.month - 1])"
        return "\(day) \(padded(date.year, 4)) \(date.time) GMT"
    }

    fileprivate static func padded(_ value: Int, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

/// A moment in civil fields.
private struct Fields {
    let year: Int
    let month: Int
    let day: Int
    /// Days since Thursday, modulo 7.
    let weekday: Int
    let time: String
    let millisecond: Int

    /// Converts days since the epoch to the civil calendar by the usual era arithmetic.
    init(_ milliseconds: Int64) {
        let total = Int(max(0, milliseconds))
        let days = total / 86_400_000
        let rest = total % 86_400_000
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        weekday = days % 7
        let clock = [rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60]
        time = clock.map { CalendarText.padded($0, 2) }.joined(separator: ":")
        millisecond = rest % 1000
    }
}
