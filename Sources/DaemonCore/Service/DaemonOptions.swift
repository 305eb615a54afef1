/// What the command line and the surroundings say.
public struct DaemonOptions: Sendable {
    /// The file given with `--config`.
    public let configurationFile: String?
    /// Where and as what the daemon runs.
    public let place: Place

    /// Takes the options of a start.
    ///
    /// - Parameters:
    ///   - configurationFile: The file given with `--config`.
    ///   - place: Where and as what the daemon runs.
    public init(configurationFile: String?, place: Place) {
        self.configurationFile = configurationFile
        self.place = place
    }
}
