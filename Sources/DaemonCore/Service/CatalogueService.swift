import JSON
import JobCore
import Logging
import ModelCatalog
import NanoGPTAPI
import ServiceLifecycle

/// Keeps the catalogue up to date with the provider's: at the start, once a day, and from its last copy on disk.
struct CatalogueService: Service {
    let context: DaemonContext
    let copy: String?
    let logger: Logger

    private static let interval = Duration.seconds(86_400)

    func run() async throws {
        let builtIn = context.models
        // A copy that cannot be read is replaced by the next answer.
        if let copy, let bytes = try? SmallFile.read(copy, atMost: 16 << 20),
            let live = try? JSONParser.parse(bytes)
        {
            context.replaceModels(builtIn.merging(live: live))
        }
        let backoff = Backoff(first: .seconds(60), longest: .seconds(3600))
        var failures = 0
        while !Task.isShuttingDownGracefully {
            var pause = Self.interval
            do throws(JobFault) {
                let bytes = try await context.provider.videoModels()
                // What is wrong with it does not help anybody here.
                guard let live = try? JSONParser.parse(bytes) else {
                    throw JobFault(.providerError, "the provider's list of models is not JSON")
                }
                context.replaceModels(builtIn.merging(live: live))
                keep(bytes)
                failures = 0
            } catch {
                failures += 1
                pause = backoff.pause(after: failures)
                logger.info(
                    "the provider's list of models cannot be had",
                    metadata: ["error": "\(error.message)"]
                )
            }
            let sleep = pause
            // Ends early at a stop; then the loop ends too.
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: sleep) }
        }
    }

    private func keep(_ bytes: [UInt8]) {
        guard let copy else { return }
        do throws(SmallFileError) {
            try SmallFile.write(bytes, to: copy)
        } catch {
            logger.warning("the list of models cannot be kept", metadata: ["error": "\(error.reason)"])
        }
    }
}
