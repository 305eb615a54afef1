import ServiceLifecycle
import UnixSignals

/// Re-reads the configuration on SIGHUP.
struct ReloadService: Service {
    let announcer: ReloadAnnouncer

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sighup)
        for await _ in signals.cancelOnGracefulShutdown() {
            do throws(ConfigurationError) {
                try await announcer.reload()
            } catch {
                // The announcer has said why; the old configuration stays in force.
                continue
            }
        }
    }
}
