import CLinux
import ControlTransport
import Glibc
import JobCore
import JobEngine
import JobStore
import Logging
import ModelCatalog
import NIOPosix
import NanoGPTAPI
import ServiceLifecycle
import Systemd
import UnixSignals

/// The assembled daemon.
public struct Daemon: Sendable {
    /// The version of the product.
    public static let version = "0.1.0"

    private let group: ServiceGroup
    private let provider: NanoGPTClient
    private let logger: Logger

    /// Checks a configuration without starting anything.
    ///
    /// - Parameter options: What the command line says.
    /// - Returns: The names and values in force.
    /// - Throws: `DaemonExit` 78.
    public static func check(_ options: DaemonOptions) throws(DaemonExit) -> [(name: String, value: String)] {
        let loaded = try load(options)
        return ConfigurationKey.all.map { ($0.name, $0.value(loaded.configuration)) }
    }

    private struct Loaded {
        let loader: ConfigurationLoader
        let configuration: DaemonConfiguration
        let api: NanoGPTConfiguration
        let key: APIKey
    }

    private static func load(_ options: DaemonOptions) throws(DaemonExit) -> Loaded {
        do throws(ConfigurationError) {
            let loader = ConfigurationLoader(place: options.place, file: options.configurationFile)
            let configuration = try loader.load()
            return Loaded(
                loader: loader,
                configuration: configuration,
                api: try ConfigurationReloader.api(configuration, version: version),
                key: try KeySource.load(configuration, options.place)
            )
        } catch {
            throw .configuration("bad configuration: \(error)")
        }
    }

    /// Puts everything together and takes what only one daemon can have: state directory, socket.
    ///
    /// - Parameter options: What the command line says.
    /// - Returns: The daemon, ready to run.
    /// - Throws: `DaemonExit` with the code of the contract.
    public static func make(_ options: DaemonOptions) async throws(DaemonExit) -> Daemon {
        forbidCoreDumps()
        let loaded = try load(options)
        let configuration = loaded.configuration
        let level = SharedLogLevel(configuration.logLevel)
        let destination = LogDestination.current(environment: options.place.environment)
        let logger = Logger(label: "videogend") { _ in
            SharedLevelLogHandler(destination.makeLogHandler(), level)
        }
        let notifier = ServiceNotifier(environment: options.place.environment)
        let wall: @Sendable () -> Timestamp = { SystemClockReader.wall() }

        async let _: Void = notifier.extendTimeoutUntilCancelled()
        let (journal, bodies) = try await openState(configuration, wall: wall, logger: logger)
        let publisher = try await openOutput(configuration, logger: logger)
        let provider: NanoGPTClient
        let catalogue: ModelCatalog
        do {
            catalogue = try ModelCatalog.builtIn()
            provider = try NanoGPTClient(configuration: loaded.api, key: loaded.key, now: wall)
        } catch {
            throw .configuration("\(error)")
        }
        let reloader = ConfigurationReloader(
            loader: loaded.loader,
            configuration: configuration,
            api: loaded.api,
            version: version
        )
        var random = SystemRandomNumberGenerator()
        let epoch = AttemptUUID(using: &random).description
        let board = JobBoard(epoch: epoch, wall: wall)
        let engine = JobEngine(
            configuration: EngineConfiguration(
                policy: policy(configuration, origin: loaded.api.origin),
                receiptRequest: configuration.output.receiptRequest,
                daemonVersion: version
            ),
            ports: EnginePorts(journal: journal, provider: provider, publisher: publisher, bodies: bodies),
            observer: EngineEventLogger(passingOnTo: board, logger: logger),
            clock: ContinuousClock(),
            wall: wall,
            random: SystemRandomNumberGenerator(),
            logger: logger
        )
        let announcer = ReloadAnnouncer(reloader: reloader, board: board, notifier: notifier, logger: logger)
        let ownUID = getuid()
        warnOfUnknownAdmins(configuration, logger)
        let context = DaemonContext(
            engine: engine,
            board: board,
            access: AccessRules(configuration.control, ownUID: ownUID),
            journal: journal,
            bodies: bodies,
            provider: provider,
            publisher: publisher,
            version: version,
            startedAt: wall(),
            wall: wall,
            reloader: reloader,
            announcer: announcer,
            catalogue: catalogue
        )
        let server: ControlServer
        let socket: String
        do throws(DaemonExit) {
            (server, socket) = try await listen(configuration, context, logger: logger)
        } catch {
            // How it closes does not matter; an HTTP client that is dropped without it ends the process with a trap.
            try? await provider.shutdown()
            throw error
        }
        reloader.onApply { new, api, key throws(ConfigurationError) in
            do throws(NanoGPTAPIError) {
                try provider.apply(api, key: key)
            } catch {
                throw ConfigurationError(source: "configuration", key: "api", error.message)
            }
            publisher.apply(limits(new))
            context.access.apply(new.control, ownUID: ownUID)
            board.accessChanged(context.access)
            warnOfUnknownAdmins(new, logger)
            server.apply(
                connections: new.control.connections,
                connectionsPerUID: new.control.connectionsPerUID
            )
            level.current = new.logLevel
            engine.apply(receiptRequest: new.output.receiptRequest)
            engine.notify(.reconfigured(policy(new, origin: api.origin), credential: true))
        }
        board.outputChanged(await publisher.condition())
        let services: [any Service] = [
            ControlSocketService(server: server),
            OutputWatchService(
                watch: DirectoryWatch(
                    directory: configuration.output.directory,
                    publisher: publisher,
                    clock: ContinuousClock()
                ),
                engine: engine,
                board: board,
                logger: logger
            ),
            CatalogueService(
                context: context,
                copy: configuration.state.directory.map { $0 + "/models.json" },
                logger: logger
            ),
            ReloadService(announcer: announcer),
            WatchdogService(engine: engine, socket: socket, notifier: notifier, logger: logger),
            StatusService(board: board, notifier: notifier),
            // Stops first: the others go on until nothing is on the wire any more.
            EngineService(engine: engine, board: board, notifier: notifier, logger: logger),
        ]
        var group = ServiceGroupConfiguration(
            services: services.map {
                .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup)
            },
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        group.maximumGracefulShutdownDuration = .seconds(34)
        logger.notice(
            "started",
            metadata: [
                "version": "\(version)", "socket": "\(socket)", "output": "\(configuration.output.directory)",
                "api": "\(loaded.api.origin)", "message.id": JournalMessageID.started.metadataValue,
            ]
        )
        return Daemon(group: ServiceGroup(configuration: group), provider: provider, logger: logger)
    }

    /// Runs until a signal ends it.
    ///
    /// - Throws: `DaemonExit` when something the daemon cannot do without fails.
    public func run() async throws(DaemonExit) {
        var failure: DaemonExit?
        do {
            try await group.run()
        } catch let exit as DaemonExit {
            failure = exit
        } catch {
            failure = .internal("\(error)")
        }
        // The process ends: connections that do not close in time are cut by the kernel.
        try? await provider.shutdown()
        if let failure {
            throw failure
        }
        logger.notice("stopped", metadata: ["message.id": JournalMessageID.stopped.metadataValue])
    }

    // MARK: Parts

    /// The key is in this process's memory: no core dump, no debugger of another user.
    private static func forbidCoreDumps() {
        _ = clinux_set_dumpable(0)
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        signal(SIGPIPE, SIG_IGN)
    }

    /// No reason not to start: the user database may be on a network that is not up yet.
    private static func warnOfUnknownAdmins(_ configuration: DaemonConfiguration, _ logger: Logger) {
        for name in AccessRules.unknownNames(in: configuration.control) {
            logger.warning("control.admins names nobody that is known here", metadata: ["name": "\(name)"])
        }
    }

    private static func openState(
        _ configuration: DaemonConfiguration,
        wall: @Sendable () -> Timestamp,
        logger: Logger
    ) async throws(DaemonExit) -> (any JobJournal, any RequestBodyStore) {
        let mediaBytes = Int64(configuration.state.mediaBytes)
        guard let directory = configuration.state.directory else {
            return (MemoryOnlyJobJournal(), InMemoryRequestBodyStore(maximumBytes: mediaBytes))
        }
        let journal: SQLiteJobJournal
        do throws(JobStoreError) {
            journal = try SQLiteJobJournal.open(directory, at: wall(), logger: logger)
        } catch {
            if error.code == .newerSchema {
                throw .configuration(error.message)
            }
            throw .unavailable(error.message, systemError: error.code == .locked ? EBUSY : EIO)
        }
        for warning in journal.warnings where warning != journal.setAside {
            logger.warning("state directory", metadata: ["error": "\(warning)"])
        }
        if let setAside = journal.setAside {
            logger.critical(
                "the journal was set aside; submissions are stopped",
                metadata: [
                    "error": "\(setAside)", "message.id": JournalMessageID.journalSetAside.metadataValue,
                ]
            )
        }
        do throws(JobFault) {
            let bodies = try await FileRequestBodyStore.open(
                stateDirectory: directory,
                maximumBytes: mediaBytes,
                logger: logger
            )
            for warning in bodies.warnings {
                logger.warning("state directory", metadata: ["error": "\(warning)"])
            }
            return (journal, bodies)
        } catch {
            throw .unavailable(error.message)
        }
    }

    private static func openOutput(
        _ configuration: DaemonConfiguration,
        logger: Logger
    ) async throws(DaemonExit) -> FilePublisher {
        let publisher = FilePublisher(
            configuration: FilePublisherConfiguration(
                outputDirectory: configuration.output.directory,
                stagingDirectory: configuration.output.stagingDirectory,
                createsOutputDirectory: configuration.output.isMadeAtStart,
                daemonVersion: version,
                limits: limits(configuration)
            ),
            logger: logger
        )
        do throws(JobFault) {
            for warning in try await publisher.prepare() {
                logger.warning("output directory", metadata: ["error": "\(warning)"])
            }
        } catch {
            guard error.kind == .configInvalid else { throw .unavailable(error.message) }
            throw .configuration([error.message, error.hint].compactMap(\.self).joined(separator: "; "))
        }
        return publisher
    }

    private static func listen(
        _ configuration: DaemonConfiguration,
        _ context: DaemonContext,
        logger: Logger
    ) async throws(DaemonExit) -> (ControlServer, String) {
        var path = configuration.control.socket
        var listen = ControlServerConfiguration.Listen.path(path, mode: configuration.control.mode)
        do throws(SystemdError) {
            if let passed = try ListenSocket.chosen(from: try ListenSocket.passed()) {
                listen = .descriptor(passed.fileDescriptor)
                path = passed.path ?? path
            }
        } catch {
            throw .unavailable(error.message)
        }
        var settings = ControlServerConfiguration(listen: listen)
        settings.connections = configuration.control.connections
        settings.connectionsPerUID = configuration.control.connectionsPerUID
        let server = ControlServer(
            configuration: settings,
            service: ControlHandlers(context: context),
            group: MultiThreadedEventLoopGroup(numberOfThreads: 1),
            logger: logger
        )
        do {
            try await server.start()
        } catch {
            throw .unavailable("\(error)")
        }
        return (server, path)
    }

    private static func limits(_ configuration: DaemonConfiguration) -> FilePublisherConfiguration.Limits {
        .init(
            fileMode: configuration.output.mode,
            maximumBytes: Int64(configuration.output.maximumBytes),
            minimumFree: Int64(configuration.output.minimumFree)
        )
    }

    private static func policy(_ configuration: DaemonConfiguration, origin: String) -> JobPolicy {
        var policy = JobPolicy(origin: origin)
        policy.submitPerMinute = configuration.api.submitPerMinute
        policy.requestsPerSecond = configuration.api.requestsPerSecond
        policy.maximumActive = configuration.jobs.maximumActive
        policy.maximumQueued = configuration.jobs.maximumQueued
        policy.keepFinished = configuration.jobs.keepFinished
        policy.giveUpAfter = configuration.jobs.giveUpAfter
        policy.confirmFor = configuration.jobs.confirmFor
        policy.pollingMinimum = configuration.jobs.pollingMinimum
        policy.pollingMaximum = configuration.jobs.pollingMaximum
        return policy
    }
}
