import Glibc
import JobCore
import Logging
import Synchronization

/// What the parts of the publisher share.
final class PublishingContext: Sendable {
    /// The two directories.
    let directories: OutputDirectories
    /// Goes into the receipts.
    let daemonVersion: String
    /// For calls that may take long: hashing, syncing, renaming.
    let worker = FileWorker(label: "videogend.publishing", limit: 16)
    /// For short looks, which must not wait behind gigabytes that are hashed.
    let observer = FileWorker(label: "videogend.publishing.condition", limit: 1)
    /// Downloads that ended before the video did.
    let cutOffs = CutOffs()
    /// For what nobody can be told otherwise.
    let logger: Logger
    private let hook: PublishingHook?
    private let currentLimits: Mutex<FilePublisherConfiguration.Limits>

    init(configuration: FilePublisherConfiguration, logger: Logger, hook: PublishingHook?) {
        directories = OutputDirectories(
            output: configuration.outputDirectory,
            staging: configuration.stagingDirectory
        )
        daemonVersion = configuration.daemonVersion
        self.logger = logger
        self.hook = hook
        currentLimits = Mutex(configuration.limits)
    }

    /// What a reload may change.
    var limits: FilePublisherConfiguration.Limits {
        get { currentLimits.withLock { $0 } }
        set { currentLimits.withLock { $0 = newValue } }
    }

    /// Asks the hook before an effect.
    func before(_ effect: PublishingEffect) throws(SystemCallError) {
        guard let number = hook?(effect), number != 0 else { return }
        throw SystemCallError(
            number: number,
            operation: "do the step \(effect.rawValue) in",
            path: directories.staging
        )
    }

    /// Runs file calls whose failure means that the directories do not take a download.
    static func sink<Value>(
        _ body: () throws(SystemCallError) -> Value
    ) throws(DownloadSinkError) -> Value {
        do throws(SystemCallError) {
            return try body()
        } catch {
            throw .outputUnavailable(error.outputFault(charged: .yes))
        }
    }
}
