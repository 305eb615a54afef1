import Glibc

/// Times as people read them.
enum TimeText {
    /// Reads RFC 3339 text as the protocol writes it, with any offset and fraction.
    ///
    /// - Returns: Milliseconds since 1970, or `nil` when the text is something else.
    static func milliseconds(_ text: String?) -> Int64? {
        guard let text else { return nil }
        let bytes = Array(text.utf8)
        func number(_ from: Int, _ count: Int) -> Int64? {
            guard from + count <= bytes.count else { return nil }
            var value: Int64 = 0
            for byte in bytes[from..<from + count] {
                guard (0x30...0x39).contains(byte) else { return nil }
                value = value * 10 + Int64(byte - 0x30)
            }
            return value
        }
        guard let year = number(0, 4), let month = number(5, 2), (1...12).contains(month),
            let day = number(8, 2), (1...31).contains(day)
        else { return nil }
        let date = days(year: year, month: month, day: day) * 86400
        if bytes.count == 10 {
            return date * 1000
        }
        guard bytes.count >= 20, let hour = number(11, 2), hour < 24, let minute = number(14, 2), minute < 60,
            let second = number(17, 2), second <= 60
        else { return nil }
        var position = 19
        var fraction: Int64 = 0
        if bytes[position] == UInt8(ascii: ".") {
            position += 1
            var scale: Int64 = 100
            while let digit = number(position, 1) {
                fraction += digit * scale
                scale /= 10
                position += 1
            }
        }
        guard let offset = offsetSeconds(bytes[position...], number) else { return nil }
        return (date + hour * 3600 + minute * 60 + second - offset) * 1000 + fraction
    }

    private static func offsetSeconds(
        _ bytes: ArraySlice<UInt8>,
        _ number: (Int, Int) -> Int64?
    ) -> Int64? {
        let start = bytes.startIndex
        switch bytes.first {
        case UInt8(ascii: "Z"), UInt8(ascii: "z"): return bytes.count == 1 ? 0 : nil
        case UInt8(ascii: "+"), UInt8(ascii: "-"):
            guard bytes.count == 6, let hours = number(start + 1, 2), let minutes = number(start + 4, 2)
            else {
                return nil
            }
            return (hours * 3600 + minutes * 60) * (bytes.first == UInt8(ascii: "-") ? -1 : 1)
        default: return nil
        }
    }

    /// Days since 1970-01-01, after Howard Hinnant's "chrono-compatible low-level date algorithms".
    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// How long ago, in one unit: `12s`, `5m`, `3h`, `2d`.
    static func age(_ time: Int64, now: Int64) -> String {
        let seconds = max(0, (now - time) / 1000)
        switch seconds {
        case ..<60: return "\(seconds)s"
        case ..<3600: return "\(seconds / 60)m"
        case ..<86400: return "\(seconds / 3600)h"
        default: return "\(seconds / 86400)d"
        }
    }

    /// A duration like a stopwatch shows it: `0:07`, `12:34`, `1:02:03`, `2d3h`.
    static func stopwatch(milliseconds: Int64) -> String {
        let seconds = max(0, milliseconds / 1000)
        func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
        guard seconds < 86400 else { return "\(seconds / 86400)d\(seconds / 3600 % 24)h" }
        return seconds < 3600
            ? "\(seconds / 60):\(two(seconds % 60))"
            : "\(seconds / 3600):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
    }

    /// The time in the zone of the user.
    static func local(_ time: Int64) -> String {
        var seconds = time_t(time / 1000)
        var parts = tm()
        guard localtime_r(&seconds, &parts) != nil else { return "\(time / 1000)" }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { room in
            let count = strftime(room.baseAddress, room.count, "%Y-%m-%d %H:%M:%S", &parts)
            return String(decoding: room[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }
}
