/// Where something about a model is known from.
public enum ModelSource: String, Hashable, Sendable {
    /// The data file that is compiled in.
    case builtIn = "built_in"
    /// The provider's live catalogue.
    case live
}
