import ControlClient
import Dispatch
import JSON
import JobEngine
import Logging
import ServiceLifecycle
import Systemd

/// Tells the service manager's watchdog that the daemon is alive, at half the interval, and only when both the
/// engine's loop and the control socket really answered.
struct WatchdogService: Service {
    let engine: JobEngine<ContinuousClock>
    let socket: String
    let notifier: ServiceNotifier
    let logger: Logger

    func run() async throws {
        guard let interval = notifier.watchdogInterval else {
            // Nobody watches; only wait for the end.
            try? await gracefulShutdown()
            return
        }
        let pause = interval / 2
        while !Task.isShuttingDownGracefully {
            await engine.ping()
            if await socketAnswers() {
                notifier.watchdog()
            } else {
                logger.error("the control socket does not answer", metadata: ["path": "\(socket)"])
            }
            // Ends early at a stop; then the loop ends too.
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: pause) }
        }
    }

    /// A real call over the real socket.
    ///
    /// It blocks, so it has a thread of its own.
    private func socketAnswers() async -> Bool {
        let socket = socket
        return await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                do throws(ControlClientError) {
                    let client = try ControlClient(connectingTo: socket)
                    _ = try client.call("daemon.info", JSONObject())
                    continuation.resume(returning: true)
                } catch {
                    // A refusal, for example of one connection too many, is an answer; in a flood of connections it
                    // comes without words.
                    continuation.resume(returning: error.code == .remote || error.code == .disconnected)
                }
            }
        }
    }
}
