import JSON
import JobCore

/// Reads amounts: numbers or decimal strings, in the currency that `paymentSource` names (FACTS section 6, C9).
enum PaymentDecoder {
    /// The cost that an answer tells, not below zero.
    ///
    /// - Parameters:
    ///   - layers: The objects to look in, the most specific first.
    ///   - final: Whether it comes with the completed run.
    /// - Returns: Nil where no usable amount is told.
    static func cost(in layers: [JSONValue], final: Bool) -> Cost? {
        guard let money = money("cost", in: layers), money.micros >= 0 else { return nil }
        return Cost(charged: money, final: final)
    }

    /// An amount in the currency of the payment.
    ///
    /// - Parameters:
    ///   - name: The member's name.
    ///   - layers: The objects to look in, the most specific first.
    /// - Returns: Nil where no usable amount is told.
    static func money(_ name: String, in layers: [JSONValue]) -> Money? {
        let value = layers.lazy.compactMap { $0.first(name) }.first
        // US dollars where no source is named.
        return value.flatMap { money($0, currency: currency(in: layers) ?? "USD") }
    }

    /// An amount of a known currency.
    ///
    /// - Parameters:
    ///   - value: A number or a decimal string.
    ///   - currency: The currency's code.
    /// - Returns: Nil when it is no amount.
    static func money(_ value: JSONValue, currency: String) -> Money? {
        guard let text = value.numberValue?.text ?? value.filledString?.trimmed else { return nil }
        return Money(decimal: text, currency: currency)
    }

    /// The currency that `paymentSource` names.
    ///
    /// - Parameter layers: The objects to look in, the most specific first.
    /// - Returns: The currency's code; nil where none is named.
    static func currency(in layers: [JSONValue]) -> String? {
        let source = layers.lazy.compactMap { $0.text("paymentSource") }.first?.trimmed.uppercased()
        guard let source, (2...8).contains(source.utf8.count),
            source.utf8.allSatisfy({ (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) })
        else { return nil }
        return source == "NANO" ? "XNO" : source
    }
}
