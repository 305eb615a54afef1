internal import ControlProtocol
public import JSON

/// Reference texts, made from what the programs themselves use, so that the two cannot drift apart.
///
/// What only people can say stands in templates; a line `.\" INSERT name` of a manual page, or `<!-- INSERT name -->`
/// of a document, is replaced by a generated part.
public struct ReferenceManual {
    /// What stands around a part's name in a template's line that it replaces.
    static let markers = [(start: ".\\\" INSERT ", end: ""), (start: "<!-- INSERT ", end: " -->")]

    /// What a page could not be made of.
    public enum Fault: Error, Hashable {
        /// A template asks for a part that does not exist.
        case unknownPart(String)
    }

    /// The generated parts by name, in the markup of the pages that they are for.
    public let parts: [String: String]

    /// Makes the generated parts.
    ///
    /// - Parameters:
    ///   - programs: The descriptions that programs print for `--experimental-dump-help`, by the program's name.
    ///   - protocolDocument: The OpenRPC document of the control protocol.
    public init(programs: [String: JSONValue], protocolDocument: JSONValue) {
        var parts: [String: String] = [:]
        for (name, description) in programs {
            var markup: any Markup = ManualPageMarkup()
            let program = ProgramReference(description)
            program.writeSynopsis(to: &markup)
            parts["\(name).synopsis"] = markup.text
            markup = ManualPageMarkup()
            program.writeOptions(to: &markup)
            parts["\(name).options"] = markup.text
            markup = ManualPageMarkup()
            program.writeCommands(to: &markup)
            parts["\(name).commands"] = markup.text
        }
        var markup: any Markup = ManualPageMarkup()
        ConfigurationReference.write(to: &markup)
        parts["configuration.keys"] = markup.text
        markup = ManualPageMarkup()
        ProtocolReference(protocolDocument).write(to: &markup)
        parts["protocol"] = markup.text
        markup = MarkdownMarkup()
        ProtocolReference(protocolDocument).write(to: &markup)
        parts["protocol.markdown"] = markup.text
        parts["protocol.errors"] =
            (["| kind | code |", "| --- | --- |"]
            + RPCErrorKind.all.map { "| `\($0.rawValue)` | \($0.code) |" })
            .joined(separator: "\n")
        self.parts = parts
    }

    /// Makes a page.
    ///
    /// - Parameter template: What people wrote.
    /// - Returns: The page.
    /// - Throws: `Fault` when the template asks for a part that there is not.
    public func page(_ template: String) throws(Fault) -> String {
        var lines: [String] = []
        for line in template.split(separator: "\n", omittingEmptySubsequences: false) {
            let marker = Self.markers.first { line.hasPrefix($0.start) && line.hasSuffix($0.end) }
            guard let marker else {
                lines.append(String(line))
                continue
            }
            let name = String(line.dropFirst(marker.start.count).dropLast(marker.end.count))
            guard var part = parts[name] else { throw .unknownPart(name) }
            if part.hasSuffix("\n") {
                part.removeLast()
            }
            // A blank line is a paragraph of a document, and a mistake in a manual page.
            lines += part.split(separator: "\n", omittingEmptySubsequences: marker.end.isEmpty).map(
                String.init
            )
        }
        return lines.joined(separator: "\n")
    }
}
