import JobCore
import ServiceLifecycle
import Systemd

/// Tells the service manager that the daemon is ready, and its status line whenever that changes, at most
/// once a second.
///
/// Sleeps while nothing changes.
struct StatusService: Service {
    let board: JobBoard
    let notifier: ServiceNotifier

    func run() async throws {
        await waitUntilRestored()
        var last = StatusView.line(board)
        notifier.ready(status: last)
        guard notifier.isActive else {
            // Nobody listens; only wait for the end.
            try? await gracefulShutdown()
            return
        }
        for await _ in board.changes.cancelOnGracefulShutdown() {
            let line = StatusView.line(board)
            if line != last {
                last = line
                notifier.status(line)
            }
            // Ends early at a stop; then the loop ends too.
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(1)) }
        }
    }

    private func waitUntilRestored() async {
        async let _: Void = notifier.extendTimeoutUntilCancelled()
        await board.waitUntilRestored()
    }
}
