import Synchronization

/// A running simulator, to be asked and steered from the same process.
///
/// All state lies behind one lock; nothing waits while it is held.
public final class Simulator: Sendable {
    private let state: Mutex<SimulatorState>
    let clock: SimulatorClock

    init(_ configuration: SimulatorConfiguration, clock: SimulatorClock) {
        state = Mutex(SimulatorState(configuration))
        self.clock = clock
    }

    /// The origin of the API, such as `http://127.0.0.1:18080`; empty before the server listens.
    public var baseURL: String { state.withLock { $0.baseURL } }

    /// The origin of the videos; empty before the server listens.
    public var mediaURL: String { state.withLock { $0.mediaURL } }

    /// All charges so far, with the refunds that are due.
    public var ledger: Ledger {
        change { state, now in
            state.settle(at: now)
            return state.ledger
        }
    }

    /// All runs, in the order in which they were made.
    public var jobs: [JobReport] { change { state, now in state.reports(at: now) } }

    /// The counts of requests.
    public var requests: RequestTally { state.withLock { $0.tally } }

    /// The balance, in millionths of a USD.
    public var balanceMicros: Int64 {
        change { state, now in
            state.settle(at: now)
            return state.account[.usd]
        }
    }

    /// Adds a rule for submissions to come.
    ///
    /// - Parameter rule: The rule; later rules win over earlier ones.
    public func add(_ rule: SimulatorRule) {
        change { state, _ in state.rules.append(.init(rule: rule)) }
    }

    /// Gives behaviours to all submissions to come whose prompt contains a text.
    ///
    /// - Parameters:
    ///   - behaviours: The behaviours, as `slow=30, truncated`.
    ///   - prompt: The text; nil is every prompt.
    /// - Throws: ``SimulatorError`` for an unknown behaviour or a bad value.
    public func setBehaviours(_ behaviours: String, forPromptsContaining prompt: String? = nil) throws {
        add(try SimulatorRule(prompt: prompt, behaviours: behaviours))
    }

    /// Forgets all rules.
    public func removeRules() { change { state, _ in state.rules = [] } }

    /// Starts an outage.
    ///
    /// - Parameter outage: What happens, to which routes, for how long.
    public func begin(_ outage: Outage) { change { state, now in state.begin(outage, at: now) } }

    /// Ends all outages.
    public func endOutages() { change { state, _ in state.outages = [] } }

    /// Changes the settings.
    ///
    /// - Parameter body: What to change.
    public func changeSettings(_ body: (inout SimulatorSettings) -> Void) {
        change { state, _ in body(&state.settings) }
    }

    /// Sets the USD balance.
    ///
    /// - Parameter micros: Millionths of a USD.
    public func setBalance(micros: Int64) {
        change { state, now in
            state.settle(at: now)
            state.account[.usd] = micros
        }
    }

    /// Replaces the valid keys by one, which takes over the runs of the old ones.
    ///
    /// - Parameter key: The new key; empty accepts any key.
    public func setAPIKey(_ key: String) { change { state, _ in state.setKey(key) } }

    /// Ends runs now, stuck ones too.
    ///
    /// - Parameter runID: The run; nil is all of them.
    /// - Throws: ``SimulatorError`` if there is no such run.
    public func finish(_ runID: String? = nil) throws {
        _ = try change { state, now in try state.finish(runID, at: now) }
    }

    /// Forgets runs, charges, counts and outages, and restores the balances of the start.
    ///
    /// - Parameter keepingRules: Whether rules, settings and keys stay as they are.
    public func reset(keepingRules: Bool = false) {
        change { state, _ in state.reset(keepingRules: keepingRules) }
    }

    /// Runs a decision on the state, with the present time.
    @discardableResult
    func change<Result: Sendable>(_ body: (inout SimulatorState, Int64) throws -> Result) rethrows -> Result {
        try state.withLock { state in try body(&state, clock.now()) }
    }
}
