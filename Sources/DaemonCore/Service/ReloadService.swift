import Logging
import ServiceLifecycle
import Systemd
import UnixSignals

/// Re-reads the configuration on SIGHUP and tells the service manager when it is done.
struct ReloadService: Service {
    let reloader: ConfigurationReloader
    let board: JobBoard
    let notifier: ServiceNotifier
    let logger: Logger

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sighup)
        for await _ in signals.cancelOnGracefulShutdown() {
            notifier.reloading()
            await reload()
            notifier.ready(status: nil)
        }
    }

    private func reload() async {
        do throws(ConfigurationError) {
            let outcome = try await reloader.reload()
            logger.notice(
                "configuration reloaded",
                metadata: [
                    "changed": "\(outcome.changed.joined(separator: ","))",
                    "needs_restart": "\(outcome.needsRestart.joined(separator: ","))",
                ]
            )
        } catch {
            logger.error(
                "the configuration is not usable; the old one stays in force",
                metadata: [
                    "error": "\(error)", "message.id": JournalMessageID.configurationRejected.metadataValue,
                ]
            )
            notifier.status("configuration refused, the old one stays in force: \(error)")
        }
    }
}
