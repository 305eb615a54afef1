import DaemonCore
import Testing
import Yams

/// `etc/videogend.yaml` shows every key with its default, each behind a `#`.
@Suite("The example configuration")
struct ExampleConfigurationTests {
    /// Keys without a default, or with one that follows from another key: the example shows some value.
    private static let examples: Set = [
        "api.key_file", "api.ca_file", "output.staging_directory", "state.media_bytes",
    ]

    @Test("it says nothing by itself")
    func inert() throws {
        #expect(try Yams.load(yaml: try ManualPages.read("etc/videogend.yaml")) == nil)
    }

    @Test("its keys and values are those of the daemon")
    func keysAndDefaults() throws {
        let text = try ManualPages.read("etc/videogend.yaml")
        // A key stands right behind the mark, an explanation a blank further.
        let lines = text.split(separator: "\n").filter { line in
            line.hasPrefix("#") && line.contains(":") && line.dropFirst().first != " "
                || line.hasPrefix("#  ") && line.contains(": ")
        }
        let yaml = lines.map { String($0.dropFirst()) }.joined(separator: "\n")
        let root = try #require(try Yams.compose(yaml: yaml)?.mapping)
        var found: [String: String] = [:]
        for (section, keys) in root {
            let prefix = try #require(section.string)
            for (key, value) in try #require(keys.mapping) {
                found["\(prefix).\(try #require(key.string))"] = value.scalar?.string ?? ""
            }
        }
        #expect(Set(found.keys) == Set(ConfigurationKey.all.map(\.name)))
        for key in ConfigurationKey.all where !Self.examples.contains(key.name) {
            #expect(found[key.name] == key.defaultText, "\(key.name)")
        }
    }
}
