import NanoGPTSimulator
import ServiceLifecycle

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Prints the base URL as the first line of standard output, once both ports are open.
struct Announcement: Service {
    let server: SimulatorServer

    func run() async throws {
        try await server.waitUntilReady()
        print(server.simulator.baseURL)
        fflush(nil)
        try await gracefulShutdown()
    }
}
