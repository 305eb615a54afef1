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
        await board.waitUntilRestored()
        var last = line()
        notifier.ready(status: last)
        guard notifier.isActive else {
            // Nobody listens; only wait for the end.
            try? await gracefulShutdown()
            return
        }
        for await _ in board.changes.cancelOnGracefulShutdown() {
            let line = line()
            if line != last {
                last = line
                notifier.status(line)
            }
            // Ends early at a stop; then the loop ends too.
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(1)) }
        }
    }

    private func line() -> String {
        StatusView(board, Access(uid: 0, isAdmin: true, seesAll: true)).line
    }
}
