/// A document under construction, in some markup.
public protocol Markup {
    /// What has been written so far.
    var text: String { get }

    /// Begins a section.
    ///
    /// - Parameters:
    ///   - title: Its title.
    ///   - level: 1 for a section, 2 for one below it, and so on.
    mutating func heading(_ title: String, level: Int)

    /// Adds a paragraph.
    ///
    /// - Parameter text: Plain text.
    mutating func paragraph(_ text: String)

    /// Adds an entry of a list: a term and what is said about it.
    ///
    /// - Parameters:
    ///   - term: The term, literally.
    ///   - kind: What comes behind the term, a type for example.
    ///   - texts: What is said about it, one paragraph each.
    mutating func entry(_ term: String, kind: String?, _ texts: [String])

    /// Adds lines that are shown as they are.
    ///
    /// - Parameter lines: The lines.
    mutating func example(_ lines: [String])
}
