import JobEngine
import Logging
import ServiceLifecycle
import Systemd

/// Runs the engine and tells the service manager about its stop; the first to stop, the last to give up.
struct EngineService: Service {
    let engine: JobEngine<ContinuousClock>
    let board: JobBoard
    let notifier: ServiceNotifier
    let logger: Logger

    func run() async throws {
        do {
            try await withGracefulShutdownHandler {
                try await engine.run()
            } onGracefulShutdown: {
                board.beginStopping()
                notifier.stopping(status: "finishing what is on the wire")
                notifier.extendTimeout(by: .seconds(40))
            }
        } catch {
            throw DaemonExit.unavailable("the journal cannot be read: \(error)")
        }
    }
}
