import ControlTransport
import ServiceLifecycle

/// Serves the control socket until the very end of a stop, so that clients learn what is going on.
struct ControlSocketService: Service {
    let server: ControlServer

    func run() async throws {
        await withGracefulShutdownHandler {
            await server.run()
        } onGracefulShutdown: {
            server.beginGracefulShutdown(gracePeriod: .seconds(1))
        }
    }
}
