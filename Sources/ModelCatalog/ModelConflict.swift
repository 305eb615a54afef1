/// A point on which the documents disagree about a model, so that the daemon warns and does not refuse.
public struct ModelConflict: Hashable, Sendable {
    /// What has to be the case for the warning.
    public enum Occasion: String, Hashable, Sendable {
        /// The field or input is given.
        case given
        /// It is left out.
        case missing
        /// It is given as inline data.
        case inline
        /// It is given together with an image.
        case withImage = "with_image"
    }

    /// The number in FACTS, for example `C22`.
    public let number: String?
    /// The field or the role of the media input.
    public let about: String
    /// When it matters.
    public let occasion: Occasion
    /// What the documents say.
    public let text: String
    /// The values on which all documents agree: with these there is nothing to warn of.
    let undisputed: ValueConstraint?

    /// The text for a warning, with the number.
    var sentence: String {
        "the documents disagree\(number.map { " (\($0))" } ?? ""): \(text)"
    }
}
