/// Where and as what the daemon runs; decides defaults.
public struct Place: Hashable, Sendable {
    /// Whether it runs as a system service: as uid 0, or with a state directory that systemd made below `/var/lib`.
    public let isService: Bool
    /// The directory that relative paths start from.
    public let workingDirectory: String
    /// The environment.
    public let environment: [String: String]

    /// Finds out where the daemon runs.
    ///
    /// - Parameters:
    ///   - uid: The daemon's user.
    ///   - environment: The environment.
    ///   - workingDirectory: The directory that relative paths start from.
    public init(uid: UInt32, environment: [String: String], workingDirectory: String) {
        let state = environment["STATE_DIRECTORY"] ?? ""
        isService = uid == 0 || state.hasPrefix("/var/lib/")
        self.environment = environment
        self.workingDirectory = workingDirectory
    }

    /// The configuration file when none is named; by hand there may be none.
    public var defaultFile: String? {
        if isService {
            return "/etc/videogend/videogend.yaml"
        }
        guard let base = variable("XDG_CONFIG_HOME") ?? variable("HOME").map({ $0 + "/.config" }) else {
            return nil
        }
        return base + "/videogend/videogend.yaml"
    }

    /// Replaces the XDG variables in a default.
    func expanded(_ text: String) -> String? {
        if text.hasPrefix("$XDG_RUNTIME_DIR") {
            return variable("XDG_RUNTIME_DIR").map { $0 + text.dropFirst("$XDG_RUNTIME_DIR".count) }
        }
        if text.hasPrefix("$XDG_STATE_HOME") {
            let base = variable("XDG_STATE_HOME") ?? variable("HOME").map { $0 + "/.local/state" }
            return base.map { $0 + text.dropFirst("$XDG_STATE_HOME".count) }
        }
        return text
    }

    /// The XDG specification: an empty or relative path counts as unset.
    private func variable(_ name: String) -> String? {
        guard let value = environment[name], value.hasPrefix("/") else { return nil }
        return value
    }

    func absolute(_ path: String) -> String {
        if path.hasPrefix("/") {
            return path
        }
        let relative = path.hasPrefix("./") ? String(path.dropFirst(2)) : path
        return workingDirectory + "/" + relative
    }
}
