import Logging
import Systemd

/// Re-reads the configuration, and tells the service manager and the log what came of it.
///
/// SIGHUP and `daemon.reload` both come here.
struct ReloadAnnouncer: Sendable {
    let reloader: ConfigurationReloader
    let board: JobBoard
    let notifier: ServiceNotifier
    let logger: Logger

    /// Reads the configuration again; if it is not valid, nothing changes.
    ///
    /// - Returns: What changed.
    /// - Throws: `ConfigurationError`.
    @discardableResult
    func reload() async throws(ConfigurationError) -> ConfigurationReloader.Outcome {
        // READY=1 ends a reload, and must not be taken for the end of the start.
        await board.waitUntilRestored()
        notifier.reloading()
        do throws(ConfigurationError) {
            let outcome = try await reloader.reload()
            board.configurationChanged(refused: nil)
            notifier.ready(status: StatusView.line(board))
            logger.notice(
                "configuration reloaded",
                metadata: [
                    "changed": "\(outcome.changed.joined(separator: ","))",
                    "needs_restart": "\(outcome.needsRestart.joined(separator: ","))",
                ]
            )
            return outcome
        } catch {
            board.configurationChanged(refused: "\(error)")
            notifier.ready(status: StatusView.line(board))
            logger.error(
                "the configuration is not usable; the old one stays in force",
                metadata: [
                    "error": "\(error)", "message.id": JournalMessageID.configurationRejected.metadataValue,
                ]
            )
            throw error
        }
    }
}
