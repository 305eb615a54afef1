import AsyncHTTPClient
public import JobCore
public import JobEngine
public import NIOCore
import NIOPosix
import Synchronization

/// The NanoGPT video API over HTTP.
///
/// Polls share a pool of connections. A paid request has an HTTP client, and with it a connection, of its own: it
/// goes out at most once, and whether it can have gone out at all is known (see `ConnectionWitness`). Downloads have
/// clients of their own too, each pinned to an address that was checked.
public final class NanoGPTClient: VideoProvider {
    private struct State {
        var session: ClientSession
        var isShutDown = false
        /// Until when the unified status endpoint is taken to be missing.
        var legacyStatusUntil: Timestamp?
        /// HTTP clients for one request that are in use.
        var inUse: [Int: HTTPClient] = [:]
        /// HTTP clients that are closing their connections.
        var closing: [Int: EventLoopFuture<Void>] = [:]
        var lastNumber = 0
    }

    private let state: Mutex<State>
    private let group: any EventLoopGroup
    /// Where downloads run and write their files: a slow disk must not hold up polls and paid requests.
    private let downloadGroup: any EventLoopGroup
    private let ownsGroups: Bool
    let now: @Sendable () -> Timestamp
    let resolver: any HostResolver

    /// Makes a client; no connection is made yet.
    ///
    /// - Parameters:
    ///   - configuration: Where the API is and how patient to be.
    ///   - key: The key.
    ///   - eventLoopGroup: The threads to run on; without any, the client has two threads of its own, one of them
    ///     for downloads.
    ///   - now: The wall clock, for dates in `Retry-After`.
    /// - Throws: `NanoGPTAPIError` when the CA file cannot be used.
    public convenience init(
        configuration: NanoGPTConfiguration,
        key: APIKey,
        eventLoopGroup: (any EventLoopGroup)? = nil,
        now: @escaping @Sendable () -> Timestamp
    ) throws(NanoGPTAPIError) {
        try self.init(
            configuration: configuration,
            key: key,
            eventLoopGroup: eventLoopGroup,
            now: now,
            resolver: SystemHostResolver()
        )
    }

    init(
        configuration: NanoGPTConfiguration,
        key: APIKey,
        eventLoopGroup: (any EventLoopGroup)?,
        now: @escaping @Sendable () -> Timestamp,
        resolver: any HostResolver
    ) throws(NanoGPTAPIError) {
        let tls = try configuration.tls()
        group = eventLoopGroup ?? MultiThreadedEventLoopGroup(numberOfThreads: 1)
        downloadGroup = eventLoopGroup ?? MultiThreadedEventLoopGroup(numberOfThreads: 1)
        ownsGroups = eventLoopGroup == nil
        self.now = now
        self.resolver = resolver
        let pool = HTTPClient(
            eventLoopGroup: group,
            configuration: ClientSession.settings(configuration, tls: tls)
        )
        state = Mutex(
            State(session: ClientSession(configuration: configuration, key: key, tls: tls, pool: pool))
        )
    }

    // MARK: Reload and shutdown

    /// Takes other settings or another key from the next request on; paid requests and downloads under way go on
    /// as they began, polls under way may end as `.unavailable`.
    ///
    /// - Parameters:
    ///   - configuration: The new settings.
    ///   - key: The new key.
    /// - Throws: `NanoGPTAPIError` when they cannot be used; then nothing changes.
    public func apply(_ configuration: NanoGPTConfiguration, key: APIKey) throws(NanoGPTAPIError) {
        let current = session
        var pool = current.pool
        var tls = current.tls
        // The CA file is read anew at every reload: its content may have changed under the same name.
        let needsPool = configuration != current.configuration || configuration.caFile != nil
        if needsPool {
            tls = try configuration.tls()
            pool = HTTPClient(
                eventLoopGroup: group,
                configuration: ClientSession.settings(configuration, tls: tls)
            )
        }
        let next = ClientSession(configuration: configuration, key: key, tls: tls, pool: pool)
        let previous: HTTPClient? = state.withLock { state in
            guard !state.isShutDown else { return nil }
            if state.session.configuration.origin != configuration.origin {
                state.legacyStatusUntil = nil
            }
            let previous = state.session.pool
            state.session = next
            return previous
        }
        guard let previous else {
            if needsPool {
                retire(pool)
            }
            throw NanoGPTAPIError(.shutDown, "the client of \(configuration.origin) was shut down")
        }
        if previous !== pool {
            retire(previous)
        }
    }

    /// Closes every connection; requests that are still under way end as if the connection had broken.
    ///
    /// To be called when nobody asks for anything any more; what is asked afterwards is not sent.
    ///
    /// - Throws: `NanoGPTAPIError` when the client's own threads do not stop.
    public func shutdown() async throws(NanoGPTAPIError) {
        let clients: [HTTPClient]? = state.withLock { state in
            guard !state.isShutDown else { return nil }
            state.isShutDown = true
            defer { state.inUse = [:] }
            return [state.session.pool] + state.inUse.values
        }
        guard let clients else { return }
        clients.forEach(retire)
        while let closing = state.withLock({ $0.closing.first }) {
            // How a client closed does not matter: its connections are gone either way.
            _ = try? await closing.value.get()
            state.withLock { $0.closing[closing.key] = nil }
        }
        guard ownsGroups else { return }
        do {
            try await group.shutdownGracefully()
            try await downloadGroup.shutdownGracefully()
        } catch {
            throw NanoGPTAPIError(.shutDown, "the threads of the HTTP client do not stop", cause: error)
        }
    }

    /// Closes an HTTP client in the background; `shutdown()` waits for it.
    private func retire(_ client: HTTPClient) {
        let closed: EventLoopFuture<Void> = client.shutdown()
        let id = state.withLock { state in
            state.lastNumber += 1
            state.closing[state.lastNumber] = closed
            return state.lastNumber
        }
        closed.whenComplete { [self] _ in
            state.withLock { $0.closing[id] = nil }
        }
    }

    // MARK: What the topics of the client use

    /// The settings of this moment.
    var session: ClientSession {
        state.withLock { $0.session }
    }

    /// An event loop for timers.
    var eventLoop: any EventLoop {
        group.any()
    }

    /// Runs an operation with an HTTP client of its own, which is closed afterwards.
    ///
    /// - Parameters:
    ///   - settings: The client's settings.
    ///   - downloads: Whether it belongs on the thread of the downloads.
    ///   - operation: What to do with it.
    /// - Returns: What the operation returned; nil when it did not run, since everything is shut down.
    func withSingleUseClient<Value>(
        _ settings: HTTPClient.Configuration,
        downloads: Bool = false,
        _ operation: (HTTPClient) async -> Value
    ) async -> Value? {
        let client = HTTPClient(
            eventLoopGroup: downloads ? downloadGroup : group,
            configuration: settings
        )
        let number: Int? = state.withLock { state in
            guard !state.isShutDown else { return nil }
            state.lastNumber += 1
            state.inUse[state.lastNumber] = client
            return state.lastNumber
        }
        guard let number else {
            retire(client)
            return nil
        }
        let value = await operation(client)
        // Who takes it out of the table closes it: here, or `shutdown()` before.
        if state.withLock({ $0.inUse.removeValue(forKey: number) }) != nil {
            retire(client)
        }
        return value
    }

    /// Whether the unified status endpoint is taken to be missing.
    var usesLegacyStatus: Bool {
        let time = now()
        return state.withLock { state in
            guard let until = state.legacyStatusUntil else { return false }
            // After a step of the wall clock backwards the end could lie far away: then it counts as reached.
            return time < until && until - time <= Self.legacyStatusPeriod
        }
    }

    /// Remembers for some minutes that the unified status endpoint is missing, or forgets it.
    func rememberLegacyStatus(_ isMissing: Bool) {
        let until = isMissing ? now() + Self.legacyStatusPeriod : nil
        state.withLock { $0.legacyStatusUntil = until }
    }

    private static let legacyStatusPeriod: Duration = .seconds(300)
}
