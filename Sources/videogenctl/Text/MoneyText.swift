import JSON

/// Money as people write it.
enum MoneyText {
    /// Shows `{"micros": 350000, "currency": "USD"}` as `$0.35`, other currencies by their name.
    static func text(_ money: JSONValue?) -> String? {
        guard let micros = money?["micros"]?.intValue else { return nil }
        let currency = money?["currency"]?.stringValue ?? "USD"
        let sign = micros < 0 ? "-" : ""
        let amount = amount(micros.magnitude)
        return currency == "USD" ? "\(sign)$\(amount)" : "\(sign)\(amount) \(currency)"
    }

    /// At least two decimals, more only where they say something.
    private static func amount(_ micros: UInt) -> String {
        let digits = String(micros % 1_000_000)
        var fraction = String(repeating: "0", count: 6 - digits.count) + digits
        while fraction.count > 2, fraction.hasSuffix("0") {
            fraction.removeLast()
        }
        return "\(micros / 1_000_000).\(fraction)"
    }
}
