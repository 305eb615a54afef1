/// Why a configuration is not usable: names where, which key, what is wrong and the way out.
public struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Where the value stands: a file's path or `environment`.
    public let source: String
    /// The key, if it is about one.
    public let key: String?
    /// What is wrong and the way out.
    public let reason: String

    init(source: String, key: String? = nil, _ reason: String) {
        self.source = source
        self.key = key
        self.reason = reason
    }

    /// The message in one line.
    public var description: String {
        key.map { "\(source): \($0): \(reason)" } ?? "\(source): \(reason)"
    }
}
