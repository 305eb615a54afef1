public import Logging

/// Runs a simulator on its ports for as long as a function runs.
///
/// - Parameters:
///   - configuration: Addresses, keys, balances, rules and settings; by default two free loopback ports.
///   - clock: The time that jobs take.
///   - logger: Where requests are logged, at debug.
///   - body: The function; it gets the simulator once both ports are open.
/// - Returns: What the function returns.
/// - Throws: What the function throws, ``SimulatorError``, or what listening throws.
public func withSimulator<Result: Sendable>(
    _ configuration: SimulatorConfiguration = SimulatorConfiguration(),
    clock: SimulatorClock = .live(),
    logger: Logger = Logger(label: "nanogpt-simulator") { _ in SwiftLogNoOpLogHandler() },
    _ body: (Simulator) async throws -> Result
) async throws -> Result {
    let server = try SimulatorServer(configuration: configuration, clock: clock, logger: logger)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await server.run() }
        defer { group.cancelAll() }
        do {
            try await server.waitUntilReady()
        } catch {
            // The reason why it did not listen is more use than that it did not.
            try await group.waitForAll()
            throw error
        }
        return try await body(server.simulator)
    }
}
