import ArgumentParser
import Logging
import NanoGPTSimulator
import ServiceLifecycle
import SystemPackage
import UnixSignals

@main
struct Program: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nanogpt-simulator",
        abstract: "A local stand-in for the NanoGPT video API.",
        discussion: Manual.text
    )

    @Option(help: "Port of the API; 0 picks a free one.")
    var port = 0

    @Option(help: "Port of the videos, which are another origin; 0 picks a free one.")
    var mediaPort = 0

    @Option(help: "Address to listen on.")
    var host = "127.0.0.1"

    @Flag(help: "Allow a host that others can reach.")
    var allowRemote = false

    @Option(help: "A valid API key; repeat it for more. Without, any key that is not empty is accepted.")
    var apiKey: [String] = []

    @Option(help: "Balance in USD.")
    var balance = 100.0

    @Option(help: "Balance in XNO.")
    var nanoBalance = 10.0

    @Option(help: "File with rules and settings, YAML or JSON.", completion: .file())
    var script: String?

    @Option(help: "How long a job takes. (default: 4)")
    var processingSeconds: Double?

    @Option(help: "By how much jobs take longer, spread evenly. (default: 0)")
    var processingSpreadSeconds: Double?

    @Option(help: "Submissions per minute and client address; 0 is without limit. (default: 50)")
    var submitPerMinute: Int?

    @Option(help: "Calls of recover per minute and client address; 0 is without limit. (default: 20)")
    var recoverPerMinute: Int?

    @Option(help: "API requests per second and client address; 0 is without limit. (default: 0)")
    var requestsPerSecond: Int?

    @Option(help: "Least size of a video in bytes; smaller than the sample means the sample.")
    var videoBytes: Int?

    @Option(help: "How long the URL of a video works. (default: 3600)")
    var urlLifetimeSeconds: Double?

    @Option(help: "Certificate chain in PEM, for HTTPS with HTTP/2.", completion: .file())
    var tlsCertificate: String?

    @Option(help: "Private key in PEM.", completion: .file())
    var tlsKey: String?

    @Flag(help: "Log every request on standard error.")
    var verbose = false

    /// Serves until SIGTERM or SIGINT.
    func run() async throws {
        var logger = Logger(label: "nanogpt-simulator") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = verbose ? .debug : .warning
        let server: SimulatorServer
        do {
            server = try SimulatorServer(configuration: try makeConfiguration(), logger: logger)
        } catch let error as SimulatorError {
            throw ValidationError(error.message)
        }
        var configuration = ServiceGroupConfiguration(
            services: [
                .init(service: server), .init(service: Announcement(server: server)),
            ],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        // Answers that are late on purpose must not hold the end up.
        configuration.maximumGracefulShutdownDuration = .seconds(1)
        try await ServiceGroup(configuration: configuration).run()
    }

    private func makeConfiguration() throws -> SimulatorConfiguration {
        var configuration = SimulatorConfiguration()
        configuration.host = host
        configuration.port = port
        configuration.mediaPort = mediaPort
        configuration.allowRemote = allowRemote
        configuration.apiKeys = apiKey
        configuration.balanceMicros = Int64((balance * 1_000_000).rounded())
        configuration.nanoBalanceMicros = Int64((nanoBalance * 1_000_000).rounded())
        configuration.tlsCertificateFile = tlsCertificate
        configuration.tlsKeyFile = tlsKey
        if let script { try configuration.add(try SimulatorScript(parsing: try Self.text(of: script))) }
        var settings = configuration.settings
        settings.processingSeconds = processingSeconds ?? settings.processingSeconds
        settings.processingSpreadSeconds = processingSpreadSeconds ?? settings.processingSpreadSeconds
        settings.submitPerMinute = submitPerMinute ?? settings.submitPerMinute
        settings.recoverPerMinute = recoverPerMinute ?? settings.recoverPerMinute
        settings.requestsPerSecond = requestsPerSecond ?? settings.requestsPerSecond
        settings.videoBytes = videoBytes ?? settings.videoBytes
        settings.urlLifetimeSeconds = urlLifetimeSeconds ?? settings.urlLifetimeSeconds
        configuration.settings = settings
        return configuration
    }

    /// Checks what has a range of its own.
    func validate() throws {
        let seconds = [processingSeconds, processingSpreadSeconds, urlLifetimeSeconds].compactMap(\.self)
        let counts = [submitPerMinute, recoverPerMinute, requestsPerSecond, videoBytes].compactMap(\.self)
        guard seconds.allSatisfy({ 0..<1e9 ~= $0 }), counts.allSatisfy({ $0 >= 0 }) else {
            throw ValidationError("Durations, limits and sizes must not be negative")
        }
        guard abs(balance) < 1e9, abs(nanoBalance) < 1e9 else {
            throw ValidationError("The balance is too large")
        }
    }

    private static func text(of path: String) throws -> String {
        let file: FileDescriptor
        do {
            file = try FileDescriptor.open(FilePath(path), .readOnly)
        } catch {
            throw ValidationError("\(path): \(error)")
        }
        return try file.closeAfter {
            var bytes: [UInt8] = []
            var chunk = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = try chunk.withUnsafeMutableBytes { try file.read(into: $0) }
                if count == 0 { return String(decoding: bytes, as: UTF8.self) }
                bytes += chunk.prefix(count)
            }
        }
    }
}
