import Glibc
import JobCore
import JobEngine
import JobStore
import ModelCatalog
import NanoGPTAPI
import Synchronization

/// What the control handlers work with; made once in the assembly.
final class DaemonContext: Sendable {
    let engine: JobEngine<ContinuousClock>
    let board: JobBoard
    let access: AccessRules
    let journal: any JobJournal
    let bodies: any RequestBodyStore
    let provider: NanoGPTClient
    let publisher: FilePublisher
    let version: String
    let startedAt: Timestamp
    let wall: @Sendable () -> Timestamp
    let reloader: ConfigurationReloader
    let announcer: ReloadAnnouncer
    /// Clients' looks at the account: however many there are, the provider is asked twice a second at most.
    let balance = SharedInquiry<BalanceOutcome, ContinuousClock>(
        freshFor: .milliseconds(500),
        clock: ContinuousClock()
    )
    private let catalogue: Mutex<ModelCatalog>

    init(
        engine: JobEngine<ContinuousClock>,
        board: JobBoard,
        access: AccessRules,
        journal: any JobJournal,
        bodies: any RequestBodyStore,
        provider: NanoGPTClient,
        publisher: FilePublisher,
        version: String,
        startedAt: Timestamp,
        wall: @escaping @Sendable () -> Timestamp,
        reloader: ConfigurationReloader,
        announcer: ReloadAnnouncer,
        catalogue: ModelCatalog
    ) {
        self.engine = engine
        self.board = board
        self.access = access
        self.journal = journal
        self.bodies = bodies
        self.provider = provider
        self.publisher = publisher
        self.version = version
        self.startedAt = startedAt
        self.wall = wall
        self.reloader = reloader
        self.announcer = announcer
        self.catalogue = Mutex(catalogue)
    }

    var configuration: DaemonConfiguration {
        reloader.current
    }

    var models: ModelCatalog {
        catalogue.withLock { $0 }
    }

    func replaceModels(_ catalogue: ModelCatalog) {
        self.catalogue.withLock { $0 = catalogue }
    }
}
