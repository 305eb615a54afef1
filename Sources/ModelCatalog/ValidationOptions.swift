/// How strictly a request is checked.
public struct ValidationOptions: Hashable, Sendable {
    /// Lets fields, values and models through that the catalogue does not know, with a warning each.
    public var allowUnknown: Bool
    /// The largest JSON body of a submission, in bytes.
    public var maximumBodyBytes: Int
    /// The largest inline file, in bytes before base64.
    public var maximumMediaBytes: Int
    /// Takes media URLs on this machine, plain http included: only for an API on this machine.
    public var allowLoopbackMediaURLs: Bool

    /// Makes options; the defaults are the provider's limits (FACTS section 3, conflict C13).
    ///
    /// - Parameters:
    ///   - allowUnknown: Lets through what the catalogue does not know.
    ///   - maximumBodyBytes: The largest JSON body.
    ///   - maximumMediaBytes: The largest inline file.
    ///   - allowLoopbackMediaURLs: Takes media URLs on this machine.
    public init(
        allowUnknown: Bool = false,
        maximumBodyBytes: Int = 4_613_734,
        maximumMediaBytes: Int = 4_000_000,
        allowLoopbackMediaURLs: Bool = false
    ) {
        self.allowUnknown = allowUnknown
        self.maximumBodyBytes = maximumBodyBytes
        self.maximumMediaBytes = maximumMediaBytes
        self.allowLoopbackMediaURLs = allowLoopbackMediaURLs
    }
}
