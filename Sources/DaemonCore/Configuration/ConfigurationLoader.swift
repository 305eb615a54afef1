import Glibc
import Yams

/// Reads the configuration: environment over file over default; every key known, every value checked.
public struct ConfigurationLoader: Sendable {
    /// Where the daemon runs.
    public let place: Place
    /// The file that was named on the command line, which must then exist.
    public let file: String?

    /// Makes a loader.
    ///
    /// - Parameters:
    ///   - place: Where the daemon runs.
    ///   - file: The file that was named on the command line.
    public init(place: Place, file: String?) {
        self.place = place
        self.file = file
    }

    /// Variables with our prefix that are no keys.
    private static let otherVariables: Set<String> = ["VIDEOGEND_SOCKET"]

    /// Reads everything anew.
    ///
    /// - Returns: The configuration.
    /// - Throws: `ConfigurationError` that names place, key and reason.
    public func load() throws(ConfigurationError) -> DaemonConfiguration {
        var values = try fileValues()
        for (key, value) in try environmentValues() {
            values[key] = value
        }
        var configuration = DaemonConfiguration()
        for key in ConfigurationKey.all {
            let found = values[key.name]
            let source = found?.source ?? "default"
            let value: ConfigurationValue
            if let found {
                value = found.value
            } else {
                let text = key.defaultValue(at: place)
                guard let expanded = place.expanded(text) else {
                    throw ConfigurationError(
                        source: "environment",
                        key: key.name,
                        "has no default, since \(text.prefix { $0 != "/" }.dropFirst()) is not set; "
                            + "set \(key.environmentVariable) or the key"
                    )
                }
                value = .text(expanded)
            }
            do {
                try key.read(value, place, &configuration)
            } catch {
                let reason = (error as? ConfigurationValue.Fault)?.reason ?? "\(error)"
                throw ConfigurationError(source: source, key: key.name, reason)
            }
        }
        try complete(&configuration, values)
        return configuration
    }

    /// What depends on several keys.
    private func complete(
        _ configuration: inout DaemonConfiguration,
        _ values: [String: Found]
    ) throws(ConfigurationError) {
        configuration.output.isMadeAtStart = !place.isService && values["output.directory"] == nil
        if configuration.output.stagingDirectory.isEmpty {
            let directory = configuration.output.directory
            let parent = directory.split(separator: "/").dropLast().joined(separator: "/")
            configuration.output.stagingDirectory = (parent.isEmpty ? "" : "/" + parent) + "/.staging"
        }
        if configuration.state.mediaBytes < 0 {
            configuration.state.mediaBytes = configuration.state.directory == nil ? 64 << 20 : 2 << 30
        }
        guard configuration.jobs.pollingMinimum <= configuration.jobs.pollingMaximum else {
            let found = values["polling.maximum"] ?? values["polling.minimum"]
            throw ConfigurationError(
                source: found?.source ?? "default",
                key: "polling.maximum",
                "\(configuration.jobs.pollingMaximum) is shorter than polling.minimum, "
                    + "\(configuration.jobs.pollingMinimum)"
            )
        }
    }

    // MARK: Sources

    private typealias Found = (value: ConfigurationValue, source: String)

    private func environmentValues() throws(ConfigurationError) -> [String: Found] {
        let keys = Dictionary(uniqueKeysWithValues: ConfigurationKey.all.map { ($0.environmentVariable, $0) })
        var values: [String: Found] = [:]
        for (name, text) in place.environment.sorted(by: { $0.key < $1.key })
        where name.hasPrefix("VIDEOGEND_") {
            guard !Self.otherVariables.contains(name) else { continue }
            guard let key = keys[name] else {
                throw ConfigurationError(
                    source: "environment",
                    key: name,
                    "is not a key\(Self.suggestion(for: name, among: Array(keys.keys)))"
                )
            }
            values[key.name] = (.text(text), "environment variable \(name)")
        }
        return values
    }

    private func fileValues() throws(ConfigurationError) -> [String: Found] {
        guard let path = file ?? place.defaultFile else { return [:] }
        guard let text = try read(path) else { return [:] }
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            throw ConfigurationError(source: path, "is not YAML: \(error)")
        }
        guard let root, root != "" else { return [:] }
        var values: [String: Found] = [:]
        try collect(root, prefix: "", path: path, into: &values)
        return values
    }

    private func collect(
        _ node: Node,
        prefix: String,
        path: String,
        into values: inout [String: Found]
    ) throws(ConfigurationError) {
        guard let mapping = node.mapping else {
            throw ConfigurationError(
                source: path,
                key: prefix.isEmpty ? nil : prefix,
                "must be a mapping of keys to values"
            )
        }
        for (keyNode, valueNode) in mapping {
            guard let part = keyNode.scalar?.string else {
                throw ConfigurationError(source: path, key: prefix, "has a key that is no word")
            }
            let name = prefix.isEmpty ? part : "\(prefix).\(part)"
            guard !part.contains(".") else {
                throw ConfigurationError(
                    source: path,
                    key: name,
                    "is not a key: keys nest by section, as 'base_url:' below 'api:'"
                )
            }
            if let key = ConfigurationKey.all.first(where: { $0.name == name }) {
                guard values[name] == nil else {
                    throw ConfigurationError(source: path, key: name, "is given twice")
                }
                // As for a section: a key without a value is not set.
                if valueNode.null != nil { continue }
                values[name] = (try value(of: valueNode, key, path: path), path)
            } else if ConfigurationKey.all.contains(where: { $0.name.hasPrefix(name + ".") }) {
                if valueNode.null != nil { continue }
                try collect(valueNode, prefix: name, path: path, into: &values)
            } else {
                throw ConfigurationError(
                    source: path,
                    key: name,
                    "is not a key\(Self.suggestion(for: name, among: ConfigurationKey.all.map(\.name)))"
                )
            }
        }
    }

    private func value(
        of node: Node,
        _ key: ConfigurationKey,
        path: String
    ) throws(ConfigurationError) -> ConfigurationValue {
        if let scalar = node.scalar {
            return .text(scalar.string)
        }
        guard key.isList, let sequence = node.sequence else {
            throw ConfigurationError(
                source: path,
                key: key.name,
                "must be \(key.isList ? "a list" : "a single value")"
            )
        }
        var items: [String] = []
        for item in sequence {
            guard let text = item.scalar?.string else {
                throw ConfigurationError(source: path, key: key.name, "holds something that is no word")
            }
            items.append(text)
        }
        return .list(items)
    }

    /// The file's text; nil when it is missing and was not named.
    private func read(_ path: String) throws(ConfigurationError) -> String? {
        do throws(SmallFileError) {
            let bytes = try SmallFile.read(path, atMost: 1 << 20)
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw SmallFileError(number: EILSEQ, reason: "is not UTF-8")
            }
            return text
        } catch {
            if error.number == ENOENT, file == nil {
                return nil
            }
            throw ConfigurationError(source: path, error.reason)
        }
    }

    private static func suggestion(for name: String, among names: [String]) -> String {
        let nearest = names.min { distance(name, $0) < distance(name, $1) }
        guard let nearest, distance(name, nearest) <= 4 else { return "" }
        return "; did you mean \(nearest)?"
    }

    private static func distance(_ left: String, _ right: String) -> Int {
        let left = Array(left.utf8)
        let right = Array(right.utf8)
        var row = Array(0...right.count)
        for (i, a) in left.enumerated() {
            var previous = row[0]
            row[0] = i + 1
            for (j, b) in right.enumerated() {
                let old = row[j + 1]
                row[j + 1] = min(row[j] + 1, old + 1, previous + (a == b ? 0 : 1))
                previous = old
            }
        }
        return row[right.count]
    }
}
