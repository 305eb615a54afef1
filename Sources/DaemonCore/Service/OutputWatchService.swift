import JobCore
import JobEngine
import Logging
import ServiceLifecycle
import Systemd

/// Watches the output directory and tells engine and readers when it becomes usable or unusable.
struct OutputWatchService: Service {
    let watch: DirectoryWatch<ContinuousClock>
    let engine: JobEngine<ContinuousClock>
    let board: JobBoard
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            do throws(JobFault) {
                try await watch.run { condition in
                    board.outputChanged(condition)
                    engine.notify(.outputChanged(condition.fault))
                    if let fault = condition.fault {
                        logger.error(
                            "the output directory takes nothing",
                            metadata: [
                                "error": "\(fault.message)", "hint": "\(fault.hint ?? "")",
                                "message.id": JournalMessageID.outputUnavailable.metadataValue,
                            ]
                        )
                    } else {
                        logger.notice("the output directory is usable")
                    }
                }
            } catch {
                // Without inotify the engine still finds out at every use of the directory.
                logger.warning("the output directory is not watched", metadata: ["error": "\(error.message)"])
                try? await gracefulShutdown()
            }
        }
    }
}
