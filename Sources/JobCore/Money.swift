/// An amount of one currency in millionths.
public struct Money: Hashable, Sendable, Codable {
    /// Millionths of the currency's unit.
    public var micros: Int64
    /// `USD` or `XNO` (FACTS section 6); other words pass through.
    public var currency: String

    /// Makes an amount.
    ///
    /// - Parameters:
    ///   - micros: Millionths of the currency's unit.
    ///   - currency: The currency's code.
    public init(micros: Int64, currency: String) {
        self.micros = micros
        self.currency = currency
    }

    /// Reads a decimal number exactly; digits after the sixth are rounded half up.
    ///
    /// - Parameters:
    ///   - decimal: For example `0.35`, `-1`, `1.5e-3`.
    ///   - currency: The currency's code.
    public init?(decimal: String, currency: String) {
        let parts = decimal.lowercased().split(separator: "e", maxSplits: 1, omittingEmptySubsequences: false)
        guard let mantissa = parts.first, !mantissa.isEmpty else { return nil }
        var exponent = 6
        if parts.count == 2 {
            guard let shift = Int(parts[1]), (-30...30).contains(shift) else { return nil }
            exponent += shift
        }
        let negative = mantissa.first == "-"
        var value: Int64 = 0
        var pointSeen = false
        var roundUp = false
        var roundingDecided = false
        var any = false
        for character in mantissa.dropFirst(negative ? 1 : 0) {
            if character == "." {
                guard !pointSeen else { return nil }
                pointSeen = true
                continue
            }
            guard character.isASCII, let digit = character.wholeNumberValue else { return nil }
            any = true
            if pointSeen {
                if exponent == 0 {
                    if !roundingDecided {
                        roundUp = digit >= 5
                        roundingDecided = true
                    }
                    continue
                }
                exponent -= 1
            }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(Int64(digit))
            guard !overflow, !carry else { return nil }
            value = sum
        }
        guard any else { return nil }
        while exponent > 0 {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            guard !overflow else { return nil }
            value = product
            exponent -= 1
        }
        while exponent < 0 {
            roundUp = value % 10 >= 5
            value /= 10
            exponent += 1
        }
        if roundUp {
            let (sum, overflow) = value.addingReportingOverflow(1)
            guard !overflow else { return nil }
            value = sum
        }
        self.init(micros: negative ? -value : value, currency: currency)
    }
}

extension Money: CustomStringConvertible {
    /// The amount for people, for example `0.35 USD`.
    public var description: String {
        let sign = micros < 0 ? "-" : ""
        let magnitude = micros.magnitude
        var fraction = String(magnitude % 1_000_000)
        fraction = String(repeating: "0", count: 6 - fraction.count) + fraction
        while fraction.count > 2, fraction.last == "0" {
            fraction.removeLast()
        }
        return "\(sign)\(magnitude / 1_000_000).\(fraction) \(currency)"
    }
}

/// What a run costs, as far as the provider has said.
public struct Cost: Hashable, Sendable, Codable {
    /// The amount.
    public var charged: Money
    /// Whether the provider gave it with the completed run; until then it is the charge at submission.
    public var final: Bool

    /// Makes a cost.
    ///
    /// - Parameters:
    ///   - charged: The amount.
    ///   - final: Whether it is the final amount.
    public init(charged: Money, final: Bool) {
        self.charged = charged
        self.final = final
    }
}
