/// Everything that the simulator remembers; the handlers are its extensions and decide without waiting.
struct SimulatorState: Sendable {
    /// A rule with what is left of it.
    struct ActiveRule: Sendable {
        let rule: SimulatorRule
        var used = 0
    }

    /// An outage with its end, in milliseconds since the epoch.
    struct ActiveOutage: Sendable {
        let outage: Outage
        let endsAt: Int64?
    }

    let directory: ModelDirectory
    let configuration: SimulatorConfiguration
    var settings: SimulatorSettings
    var apiKeys: [String]
    var account: Account
    var ledger = Ledger()
    var jobs: [String: SimulatedJob] = [:]
    /// The ids of all runs, in the order in which they were made.
    var order: [String] = []
    /// The ids of runs whose end still moves money.
    var unsettled: [String] = []
    var rules: [ActiveRule]
    var outages: [ActiveOutage] = []
    var tally = RequestTally()
    /// Submissions that reached the behaviours.
    var ordinal = 0
    /// How often a counted behaviour has refused a prompt.
    var refusals: [String: Int] = [:]
    var submits: [String: SlidingWindow] = [:]
    var recovers: [String: SlidingWindow] = [:]
    var extends: [String: SlidingWindow] = [:]
    var requests: [String: SlidingWindow] = [:]
    /// The origins, known once the server listens.
    var baseURL = ""
    var mediaURL = ""
    /// Signs URLs of videos.
    let secret: UInt64
    var random = SystemRandomNumberGenerator()

    init(_ configuration: SimulatorConfiguration, directory: ModelDirectory = .embedded) {
        self.directory = directory
        self.configuration = configuration
        settings = configuration.settings
        apiKeys = configuration.apiKeys
        account = Account(micros: [
            .usd: configuration.balanceMicros, .xno: configuration.nanoBalanceMicros,
        ])
        rules = configuration.rules.map { ActiveRule(rule: $0) }
        secret = random.next()
    }

    /// Whether a key is valid.
    func isValid(_ key: String?) -> Bool {
        guard let key, !key.isEmpty else { return false }
        return apiKeys.isEmpty || apiKeys.contains(key)
    }

    /// Forgets jobs, charges, counts and outages, and restores the balances of the start.
    mutating func reset(keepingRules: Bool) {
        let old = self
        self = SimulatorState(configuration, directory: directory)
        baseURL = old.baseURL
        mediaURL = old.mediaURL
        // The request that resets is still being answered, and so may others be.
        for (route, counts) in old.tally.routes where counts.inFlight > 0 {
            tally.routes[route, default: .init()].inFlight = counts.inFlight
        }
        if keepingRules {
            rules = old.rules
            settings = old.settings
            apiKeys = old.apiKeys
        }
    }
}
