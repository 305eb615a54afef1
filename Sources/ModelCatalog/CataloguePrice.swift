/// An expected price in millionths of a currency.
public struct CataloguePrice: Hashable, Sendable {
    /// Millionths of the currency's unit.
    public let micros: Int64
    /// `USD`, or what the catalogue names.
    public let currency: String

    /// Makes a price.
    ///
    /// - Parameters:
    ///   - micros: Millionths of the currency's unit.
    ///   - currency: The currency's code.
    public init(micros: Int64, currency: String) {
        self.micros = micros
        self.currency = currency
    }
}
