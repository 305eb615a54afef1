public import JSON

/// Reference texts, made from what the programs themselves use, so that the two cannot drift apart.
///
/// What only people can say stands in templates; a line `.\" INSERT name` there is replaced by a generated part.
public struct ReferenceManual {
    /// The start of a template's line that stands for a generated part.
    static let marker = ".\\\" INSERT "

    /// What a page could not be made of.
    public enum Fault: Error, Hashable {
        /// A template asks for a part that does not exist.
        case unknownPart(String)
    }

    /// The generated parts by name, in the markup of manual pages.
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
            guard line.hasPrefix(Self.marker) else {
                lines.append(String(line))
                continue
            }
            let name = String(line.dropFirst(Self.marker.count))
            guard let part = parts[name] else { throw .unknownPart(name) }
            lines += part.split(separator: "\n").map(String.init)
        }
        return lines.joined(separator: "\n")
    }
}
