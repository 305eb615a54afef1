/// Whether a model needs a prompt.
public struct PromptRule: Hashable, Sendable {
    /// The kinds of rule.
    public enum Need: String, Hashable, Sendable {
        /// A request without a prompt is refused.
        case required
        /// Needed unless an image is sent.
        case requiredWithoutImage = "required_without_image"
        /// One of several fields is needed, for example a prompt or a script.
        case oneOf = "one_of"
        /// Taken, not needed.
        case optional
        /// The documents name no use for it.
        case unused
    }

    /// What is needed.
    public let need: Need
    /// The fields of which one is needed.
    public let fields: [String]
    /// Which documents say so.
    public let basis: String?
}
