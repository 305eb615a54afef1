import HTTPTypes
import HummingbirdCore
import HummingbirdHTTP2
public import Logging
import NIOCore
import NIOPosix
import NIOSSL
public import ServiceLifecycle

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The simulator as a service: two ports, one for the API and one for the videos.
public struct SimulatorServer: Service {
    /// The running simulator; its URLs are empty before the server listens.
    public let simulator: Simulator
    private let configuration: SimulatorConfiguration
    private let logger: Logger
    private let builder: HTTPServerBuilder
    private let ready: AsyncStream<Void>
    private let readiness: AsyncStream<Void>.Continuation

    /// Makes a server that does not listen yet.
    ///
    /// - Parameters:
    ///   - configuration: Addresses, keys, balances, rules and settings.
    ///   - clock: The time that jobs take.
    ///   - logger: Where requests are logged, at debug.
    /// - Throws: ``SimulatorError`` for a configuration that cannot be used, and what reading TLS files throws.
    public init(
        configuration: SimulatorConfiguration,
        clock: SimulatorClock = .live(),
        logger: Logger = Logger(label: "nanogpt-simulator") { _ in SwiftLogNoOpLogHandler() }
    ) throws {
        try configuration.validate()
        self.configuration = configuration
        self.logger = logger
        simulator = Simulator(configuration, clock: clock)
        builder = try Self.makeBuilder(configuration)
        (ready, readiness) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    private static func makeBuilder(_ configuration: SimulatorConfiguration) throws -> HTTPServerBuilder {
        guard let chain = configuration.tlsCertificateFile, let key = configuration.tlsKeyFile else {
            return .http1()
        }
        let tls: TLSConfiguration
        do {
            tls = .makeServerConfiguration(
                certificateChain: try NIOSSLCertificate.fromPEMFile(chain).map { .certificate($0) },
                privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem))
            )
        } catch {
            throw SimulatorError(
                .invalidConfiguration,
                "\(chain) and \(key) cannot be used for TLS: \(error)"
            )
        }
        return try .http2Upgrade(tlsConfiguration: tls)
    }

    /// Listens and answers until a graceful shutdown or a cancellation.
    ///
    /// - Throws: What listening throws, for example that a port is taken.
    public func run() async throws {
        defer { readiness.finish() }
        let (ports, found) = AsyncStream.makeStream(of: Int.self, bufferingPolicy: .bufferingNewest(1))
        let media = try makeServer(.media, port: configuration.mediaPort) { port in
            found.yield(port)
            found.finish()
        }
        let api = try makeServer(.api, port: configuration.port) { port in
            let url = url(port)
            simulator.change { state, _ in state.baseURL = url }
            readiness.yield()
        }
        try await withThrowingTaskGroup { group in
            group.addTask {
                defer { found.finish() }
                try await run(media, port: configuration.mediaPort)
            }
            group.addTask {
                // URLs of videos need the media port, so the API opens second.
                for await port in ports {
                    let url = url(port)
                    simulator.change { state, _ in state.mediaURL = url }
                    try await run(api, port: configuration.port)
                }
            }
            // A port that cannot be opened ends the other one too.
            for try await _ in group {}
        }
    }

    private func run(_ server: any Service, port: Int) async throws {
        do {
            try await server.run()
        } catch let error as IOError {
            throw SimulatorError(
                .notStarted,
                "cannot listen on \(configuration.host):\(port): \(String(cString: strerror(error.errnoCode)))"
            )
        }
    }

    /// Waits until both ports are open.
    ///
    /// - Throws: ``SimulatorError`` if the server ends before.
    public func waitUntilReady() async throws {
        for await _ in ready { return }
        guard !simulator.baseURL.isEmpty else {
            throw SimulatorError(.notStarted, "The simulator stopped before it was ready")
        }
    }

    private func url(_ port: Int) -> String {
        let host = configuration.host.contains(":") ? "[\(configuration.host)]" : configuration.host
        return "\(configuration.tlsKeyFile == nil ? "http" : "https")://\(host):\(port)"
    }

    private func makeServer(
        _ origin: RequestResponder.Origin,
        port: Int,
        onPort: @escaping @Sendable (Int) -> Void
    ) throws -> any Service {
        let responder = RequestResponder(simulator: simulator, origin: origin, logger: logger)
        // Connections that break and stops that are forced are daily bread here, and no errors.
        var serverLogger = logger
        if logger.logLevel > .debug { serverLogger.logLevel = .critical }
        return try builder.buildServer(
            configuration: ServerConfiguration(
                address: .hostname(configuration.host, port: port),
                backlog: 1024
            ),
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            logger: serverLogger,
            responder: { try await responder.respond($0, $1, $2) },
            onServerRunning: { channel in onPort(channel.localAddress?.port ?? port) }
        )
    }
}
