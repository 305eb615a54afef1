/// Why a text is not the JSON that was asked for.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, open for further codes.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The code's word.
        public let description: String

        /// The text breaks the grammar of RFC 8259.
        public static let syntax = Code(description: "syntax")
        /// Arrays and objects are nested deeper than allowed.
        public static let tooDeep = Code(description: "too_deep")
        /// An object names a member twice.
        public static let duplicateMember = Code(description: "duplicate_member")
    }

    /// What is wrong.
    public let code: Code
    /// Where, in bytes from the start of the text.
    public let offset: Int
    /// A sentence for people.
    public let message: String

    /// The message with its place.
    public var description: String {
        "\(message) at byte \(offset)"
    }
}
