internal import ControlProtocol
import Glibc
public import Logging
public import NIOCore
internal import NIOPosix
internal import Synchronization

/// Serves the control socket.
///
/// ``start()`` opens the socket, ``run()`` carries calls out until the server is shut down.
public final class ControlServer: Sendable {
    private struct State {
        var isStarted = false
        var listener: UnixListener?
        var channel: (any Channel)?
        var isStopped = false
    }

    private let configuration: ControlServerConfiguration
    private let shared: ControlServerShared
    private let group: any EventLoopGroup
    private let work: AsyncStream<ControlWork>
    private let state = Mutex(State())

    /// Makes a server that does nothing yet.
    ///
    /// - Parameters:
    ///   - configuration: How to serve.
    ///   - service: What answers calls.
    ///   - group: The event loops of the connections; one is enough and keeps everything on one core.
    ///   - logger: Takes what is worth knowing.
    ///   - credentials: Tells who is at the other end of a socket.
    public init(
        configuration: ControlServerConfiguration,
        service: any ControlService,
        group: any EventLoopGroup,
        logger: Logger,
        credentials: @escaping @Sendable (Int32) throws -> ControlPeer = { try ControlPeer.of($0) }
    ) {
        self.configuration = configuration
        self.group = group
        let (stream, continuation) = AsyncStream<ControlWork>.makeStream()
        work = stream
        shared = ControlServerShared(
            configuration: configuration,
            service: service,
            registry: ConnectionRegistry(configuration: configuration),
            budget: LineBudget(limits: configuration.limits),
            unread: UnreadBudget(maximum: configuration.limits.unreadAnswers),
            credentials: credentials,
            work: continuation,
            logger: logger
        )
    }

    /// How many connections there are.
    public var connectionCount: Int {
        shared.registry.count
    }

    /// How many bytes of unfinished lines and of parameters of running calls are held.
    public var heldLineBytes: Int {
        shared.budget.total
    }

    /// How many bytes of answers wait for peers that do not read.
    public var unreadBytes: Int {
        shared.unread.total
    }

    /// Takes other limits for connections that come from now on; those that are there stay.
    ///
    /// - Parameters:
    ///   - connections: How many connections there may be.
    ///   - connectionsPerUID: How many connections one user may have.
    public func apply(connections: Int, connectionsPerUID: Int) {
        shared.registry.apply(connections: connections, perUID: connectionsPerUID)
    }

    /// Opens the socket and begins to accept; calls that only read are answered from now on.
    ///
    /// - Throws: `ControlTransportError` naming the socket.
    public func start() async throws {
        let isFirst = state.withLock { state in
            defer { state.isStarted = true }
            return !state.isStarted
        }
        guard isFirst else {
            throw ControlTransportError(.alreadyStarted, "the control server was started twice")
        }
        let listener: UnixListener
        switch configuration.listen {
        case .path(let path, let mode): listener = try UnixListener(path: path, mode: mode)
        case .descriptor(let descriptor): listener = UnixListener(passed: descriptor)
        }
        let channel: any Channel
        do {
            channel = try await bootstrap().withBoundSocket(listener.descriptor).get()
        } catch {
            listener.removeFile()
            throw ControlTransportError(.unusable, "cannot listen on the control socket: \(error)")
        }
        // SwiftNIO sets a backlog of 128; a burst of clients should not see EAGAIN before its limit.
        listen(listener.descriptor, 4096)
        let isStopped = state.withLock { state in
            state.listener = listener
            state.channel = channel
            return state.isStopped
        }
        if isStopped {
            stopAccepting()
        }
    }

    /// Carries calls out; returns when the server has been shut down and the last call is over.
    public func run() async {
        let service = shared.service
        await withDiscardingTaskGroup { group in
            for await work in work {
                // Below the daemon's own work: however much clients ask for, jobs are followed in time.
                group.addTask(priority: .utility) { await work.run(with: service) }
            }
            // Reached by a shutdown, or because this task was cancelled.
            beginGracefulShutdown(gracePeriod: .zero)
        }
    }

    /// Closes the listening socket and removes its file; connections go on.
    public func stopAccepting() {
        let (listener, channel) = state.withLock { state in
            defer {
                state.listener = nil
                state.channel = nil
            }
            state.isStopped = true
            return (state.listener, state.channel)
        }
        // Before the socket is closed: a successor that finds the name free must not lose it to us.
        listener?.removeFile()
        channel?.close(promise: nil)
    }

    /// Accepts nothing more, gives waiting calls up, lets calls in flight be answered, closes; ``run()`` then
    /// returns.
    ///
    /// - Parameter gracePeriod: How long answers may take before connections are closed without them.
    public func beginGracefulShutdown(gracePeriod: Duration) {
        stopAccepting()
        let work = shared.work
        let registry = shared.registry
        registry.close { work.finish() }
        for connection in registry.all {
            connection.withHandler { $0.beginClosing() }
        }
        group.any().scheduleTask(in: TimeAmount(gracePeriod)) {
            for connection in registry.all {
                connection.withHandler { $0.closeNow() }
            }
        }
    }

    private func bootstrap() -> ServerBootstrap {
        var scratches: [ObjectIdentifier: NIOLoopBoundBox<LoopScratch>] = [:]
        for loop in group.makeIterator() {
            scratches[ObjectIdentifier(loop)] = .makeBoxSendingValue(LoopScratch(), eventLoop: loop)
        }
        let shared = shared
        let boxes = scratches
        return ServerBootstrap(group: group)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    // Without it a daemon out of descriptors would spin on accept.
                    try channel.pipeline.syncOperations.addHandler(AcceptBackoffHandler())
                }
            }
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            // A look at the limits after every 64 KiB, and the next connection's turn.
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let scratch = boxes[ObjectIdentifier(channel.eventLoop)]?.value ?? LoopScratch()
                    try channel.pipeline.syncOperations.addHandler(
                        ControlConnectionHandler(server: shared, scratch: scratch)
                    )
                }
            }
    }
}
