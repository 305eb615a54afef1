import DaemonCore

/// The keys of the configuration, from the table that its reader uses.
public enum ConfigurationReference {
    /// Writes all keys.
    ///
    /// - Parameter markup: Takes the text.
    public static func write(to markup: inout any Markup) {
        var section: Substring = ""
        for key in ConfigurationKey.all {
            let prefix = key.name.prefix { $0 != "." }
            if prefix != section {
                section = prefix
                markup.heading(String(section), level: 2)
            }
            markup.entry(key.name, kind: nil, texts(key))
        }
    }

    private static func texts(_ key: ConfigurationKey) -> [String] {
        var facts = ["Default: \(key.defaultText.isEmpty ? "none" : key.defaultText)"]
        if let byHand = key.defaultByHand {
            facts[0] += ", when started by hand \(byHand)"
        }
        facts.append("environment: \(key.environmentVariable)")
        if key.needsRestart {
            facts.append("a change needs a restart")
        }
        return [key.summary, facts.joined(separator: "; ") + "."]
    }
}
