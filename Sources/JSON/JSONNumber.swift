/// A JSON number as it was written.
///
/// Two numbers are equal when their texts are: `5` and `5.0` are different requests.
public struct JSONNumber: Hashable, Sendable {
    /// The number's text, a valid JSON number.
    public let text: String

    /// Wraps a text that the parser has checked.
    init(checked text: String) {
        self.text = text
    }

    /// Makes a number from an integer.
    ///
    /// - Parameter value: The integer.
    public init(_ value: some FixedWidthInteger) {
        text = String(value)
    }

    /// Makes a number from a floating-point value; not-a-number and infinities become 0, JSON has no word for them.
    ///
    /// - Parameter value: The value.
    public init(_ value: Double) {
        text = value.isFinite ? "\(value)" : "0"
    }

    /// The integer, if the number has no fraction and fits.
    public var intValue: Int? {
        if let exact = Int(text) {
            return exact
        }
        guard let value = Double(text), let exact = Int(exactly: value) else { return nil }
        return exact
    }

    /// The nearest floating-point value.
    public var doubleValue: Double? {
        Double(text)
    }
}
