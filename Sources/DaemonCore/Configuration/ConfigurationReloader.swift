import NanoGPTAPI
import Synchronization
import Systemd

/// Holds the configuration in force and takes a new one only when all of it is usable.
final class ConfigurationReloader: Sendable {
    /// What a reload came to.
    struct Outcome: Sendable {
        let changed: [String]
        let needsRestart: [String]
    }

    /// Puts a new configuration into force.
    typealias Apply =
        @Sendable (DaemonConfiguration, NanoGPTConfiguration, APIKey) throws(ConfigurationError) -> Void

    private struct State {
        var configuration: DaemonConfiguration
        var api: NanoGPTConfiguration
        var apply: Apply?
    }

    private let loader: ConfigurationLoader
    private let version: String
    private let state: Mutex<State>

    init(
        loader: ConfigurationLoader,
        configuration: DaemonConfiguration,
        api: NanoGPTConfiguration,
        version: String
    ) {
        self.loader = loader
        self.version = version
        state = Mutex(State(configuration: configuration, api: api))
    }

    var current: DaemonConfiguration {
        state.withLock(\.configuration)
    }

    /// The API's origin, in its normal form.
    var origin: String {
        state.withLock(\.api).origin
    }

    /// Whether the API is a local one, a simulator.
    var isLoopback: Bool {
        state.withLock(\.api).isLoopback
    }

    /// Says how a new configuration is put into force.
    func onApply(_ apply: @escaping Apply) {
        state.withLock { $0.apply = apply }
    }

    /// Reads the configuration again; if it is not valid, nothing changes.
    ///
    /// - Throws: `ConfigurationError`.
    func reload() async throws(ConfigurationError) -> Outcome {
        let old = current
        var new = try loader.load()
        let api = try Self.api(new, version: version)
        let key = try KeySource.load(new, loader.place)
        let differing = ConfigurationKey.all.filter { Self.differs($0, old, new) }
        let restart = differing.filter(\.needsRestart).map(\.name)
        // What counts only after a restart stays as it is in force.
        new.control.socket = old.control.socket
        new.control.mode = old.control.mode
        new.state = old.state
        new.output.directory = old.output.directory
        new.output.stagingDirectory = old.output.stagingDirectory
        let apply = state.withLock(\.apply)
        try apply?(new, api, key)
        state.withLock { state in
            state.configuration = new
            state.api = api
        }
        return Outcome(changed: differing.filter { !$0.needsRestart }.map(\.name), needsRestart: restart)
    }

    /// The settings of the API client.
    static func api(
        _ configuration: DaemonConfiguration,
        version: String
    ) throws(ConfigurationError) -> NanoGPTConfiguration {
        do throws(NanoGPTAPIError) {
            return try NanoGPTConfiguration(
                baseURL: configuration.api.baseURL,
                userAgent: "videogend/\(version)",
                requestTimeout: configuration.api.requestTimeout,
                caFile: configuration.api.caFile
            )
        } catch {
            throw ConfigurationError(source: "configuration", key: "api.base_url", error.message)
        }
    }

    /// Whether two configurations differ in a key, told by giving each the other's value.
    private static func differs(
        _ key: ConfigurationKey,
        _ old: DaemonConfiguration,
        _ new: DaemonConfiguration
    ) -> Bool {
        key.value(old) != key.value(new)
    }
}
