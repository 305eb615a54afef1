/// The balances that submissions are paid from.
struct Account: Sendable {
    var micros: [Currency: Int64]

    subscript(currency: Currency) -> Int64 {
        get { micros[currency] ?? 0 }
        set { micros[currency] = newValue }
    }

    /// The balance with eight decimals, as the balance route has it.
    func text(_ currency: Currency) -> String {
        let value = self[currency]
        let digits = String(value.magnitude % 1_000_000)
        let fraction = String(repeating: "0", count: 6 - digits.count) + digits
        return "\(value < 0 ? "-" : "")\(value.magnitude / 1_000_000).\(fraction)00"
    }
}
