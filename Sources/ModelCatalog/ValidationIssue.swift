/// One thing that is wrong with a request, or worth a warning.
public struct ValidationIssue: Hashable, Sendable {
    /// The kinds of the control protocol.
    public enum Kind: String, Hashable, Sendable {
        /// A field is wrong.
        case paramsInvalid = "params.invalid"
        /// A media input is wrong.
        case mediaInvalid = "media.invalid"
        /// The model is not known.
        case modelUnknown = "model.unknown"
    }

    /// The kind.
    public let kind: Kind
    /// The field at fault.
    public let field: String
    /// One sentence that names the thing.
    public let message: String
    /// The way out: what is allowed, or what was probably meant.
    public let hint: String?

    /// Makes an issue.
    ///
    /// - Parameters:
    ///   - kind: The kind.
    ///   - field: The field at fault.
    ///   - message: One sentence that names the thing.
    ///   - hint: The way out.
    public init(_ kind: Kind, field: String, _ message: String, hint: String? = nil) {
        self.kind = kind
        self.field = field
        self.message = message
        self.hint = hint
    }
}
