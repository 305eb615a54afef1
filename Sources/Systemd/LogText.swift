import Logging

/// How log entries read as text, the same in the journal and on standard error.
enum LogText {
    /// Joins what is known about an event; the more special wins.
    ///
    /// - Parameters:
    ///   - event: The event with its own metadata and error.
    ///   - metadata: The handler's metadata.
    ///   - provider: The handler's metadata provider.
    /// - Returns: All metadata, the error under `error` unless that key is taken.
    static func metadata(
        of event: LogEvent,
        handler metadata: Logger.Metadata,
        provider: Logger.MetadataProvider?
    ) -> Logger.Metadata {
        var merged = metadata
        if let provider {
            merged.merge(provider.get()) { _, new in new }
        }
        if let own = event.metadata {
            merged.merge(own) { _, new in new }
        }
        if let error = event.error, merged["error"] == nil {
            merged["error"] = "\(error)"
        }
        return merged
    }

    /// Writes metadata behind a message.
    ///
    /// - Parameter metadata: The metadata.
    /// - Returns: ` key=value` for each, by key, without the message id; values in quotes where needed.
    static func suffix(of metadata: Logger.Metadata) -> String {
        var text = ""
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) where key != JournalMessageID.metadataKey
        {
            text += " \(key)=\(quoted("\(value)"))"
        }
        return text
    }

    /// Puts a value in quotes when a reader could not tell where it ends.
    ///
    /// - Parameter value: Any text.
    /// - Returns: The text itself, or in double quotes with escapes.
    static func quoted(_ value: String) -> String {
        if !value.isEmpty,
            value.utf8.allSatisfy({ 0x21...0x7E ~= $0 && $0 != 0x22 && $0 != 0x5C && $0 != 0x3D })
        {
            // What nearly every value is; the properties of scalars take a search in a table each.
            return value
        }
        let isPlain = value.unicodeScalars.allSatisfy {
            !isControl($0) && !$0.properties.isWhitespace && $0 != "\"" && $0 != "\\" && $0 != "="
        }
        if isPlain, !value.isEmpty {
            return value
        }
        return "\"" + escaped(value, quotes: true) + "\""
    }

    /// Keeps text on one line and away from the terminal's control sequences.
    ///
    /// - Parameters:
    ///   - text: Any text, possibly of a stranger.
    ///   - quotes: Whether double quotes and backslashes are escaped too.
    /// - Returns: The text with `\n`, `\r`, `\t` and `\u{…}` for control characters.
    static func escaped(_ text: String, quotes: Bool = false) -> String {
        if text.utf8.allSatisfy({ 0x20...0x7E ~= $0 && (!quotes || $0 != 0x22 && $0 != 0x5C) }) {
            return text
        }
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\"" where quotes: result += "\\\""
            case "\\" where quotes: result += "\\\\"
            case _ where isControl(scalar): result += "\\u{\(String(scalar.value, radix: 16))}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        // U+2028 and U+2029 break lines in some readers.
        scalar.properties.generalCategory == .control || scalar.value == 0x2028 || scalar.value == 0x2029
    }
}

extension Logger.Level {
    /// The priority that `syslog(3)` and the journal know.
    var syslogPriority: Int {
        switch self {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}
