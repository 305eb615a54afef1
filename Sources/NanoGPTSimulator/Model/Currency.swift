/// What a charge is paid in.
public enum Currency: String, Hashable, Sendable {
    /// US dollars.
    case usd = "USD"
    /// Nano.
    case xno = "XNO"
}
