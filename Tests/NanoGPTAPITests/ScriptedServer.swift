import Glibc
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A request as it came over the wire.
struct ReceivedRequest: Sendable {
    /// Which connection it came on, counted from 0.
    let connection: Int
    let method: String
    let target: String
    let headers: [(name: String, value: String)]
    let body: String

    func header(_ name: String) -> String? {
        headers.first { $0.name == name.lowercased() }?.value
    }
}

/// What the server does with a connection, step by step.
enum ServerStep: Sendable {
    case send(String)
    case close
    /// RST instead of FIN.
    case reset
    case halfClose
    /// Leaves the connection open and says nothing more.
    case hold
}

/// A TCP server that reads whole HTTP/1.1 requests and answers with bytes that the test wrote.
final class ScriptedServer: Sendable {
    typealias Script = @Sendable (ReceivedRequest) -> [ServerStep]

    struct State {
        var requests: [ReceivedRequest] = []
        var accepted = 0
        var channels: [any Channel] = []
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    let state = Mutex(State())
    let port: Int
    private let listener: any Channel
    private let script: Script
    /// Runs when a connection is there and nothing was read.
    private let greeting: [ServerStep]

    /// Runs a server for the time of `body`.
    static func with<Value: Sendable>(
        tls: NIOSSLContext? = nil,
        greeting: [ServerStep] = [],
        script: @escaping Script,
        _ body: (ScriptedServer) async throws -> Value
    ) async throws -> Value {
        let box = Box()
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls))
                    }
                    try channel.pipeline.syncOperations.addHandler(ConnectionHandler(box))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let server = ScriptedServer(listener, script: script, greeting: greeting)
        box.server.withLock { $0 = server }
        let result: Result<Value, any Error>
        do {
            result = .success(try await body(server))
        } catch {
            result = .failure(error)
        }
        try await server.stop()
        return try result.get()
    }

    private init(_ listener: any Channel, script: @escaping Script, greeting: [ServerStep]) {
        self.listener = listener
        self.script = script
        self.greeting = greeting
        port = listener.localAddress?.port ?? 0
    }

    var requests: [ReceivedRequest] {
        state.withLock { $0.requests }
    }

    var accepted: Int {
        state.withLock { $0.accepted }
    }

    var origin: String {
        "http://127.0.0.1:\(port)"
    }

    /// Returns once a request has come.
    func firstRequest() async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.requests.isEmpty {
                    state.waiting.append(continuation)
                }
                return !state.requests.isEmpty
            }
            if isThere {
                continuation.resume()
            }
        }
    }

    private func stop() async throws {
        try await listener.close()
        for channel in state.withLock({ $0.channels }) {
            // Most are closed already, which is what this is for.
            try? await channel.close()
        }
    }

    fileprivate func steps(for request: ReceivedRequest) -> [ServerStep] {
        let waiting = state.withLock { state in
            state.requests.append(request)
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting {
            continuation.resume()
        }
        return script(request)
    }

    fileprivate func accept(_ channel: any Channel) -> (Int, [ServerStep]) {
        let number = state.withLock { state in
            state.accepted += 1
            state.channels.append(channel)
            return state.accepted - 1
        }
        return (number, greeting)
    }
}

/// Gives the handlers the server, which exists only once it is bound.
private final class Box: Sendable {
    let server = Mutex<ScriptedServer?>(nil)
}

private final class ConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let box: Box
    private var number = 0
    private var received = ""

    init(_ box: Box) {
        self.box = box
    }

    func channelActive(context: ChannelHandlerContext) {
        guard let server = box.server.withLock({ $0 }) else { return context.close(promise: nil) }
        let (number, greeting) = server.accept(context.channel)
        self.number = number
        run(greeting, context: context)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received += String(buffer: unwrapInboundIn(data))
        while let request = takeRequest() {
            guard let server = box.server.withLock({ $0 }) else { return }
            run(server.steps(for: request), context: context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func takeRequest() -> ReceivedRequest? {
        guard let end = received.firstRange(of: "\r\n\r\n") else { return nil }
        let lines = received[..<end.lowerBound].split(separator: "\r\n")
        let headers = lines.dropFirst().map { line in
            let parts = line.split(separator: ":", maxSplits: 1)
            return (
                name: parts[0].lowercased(), value: String(parts.last ?? "").drop { $0 == " " }.description
            )
        }
        let length = headers.first { $0.name == "content-length" }.flatMap { Int($0.value) } ?? 0
        let rest = received[end.upperBound...]
        guard rest.utf8.count >= length else { return nil }
        let start = lines.first?.split(separator: " ") ?? []
        let request = ReceivedRequest(
            connection: number,
            method: String(start.first ?? ""),
            target: start.count > 1 ? String(start[1]) : "",
            headers: headers,
            body: String(decoding: rest.utf8.prefix(length), as: UTF8.self)
        )
        received = String(decoding: rest.utf8.dropFirst(length), as: UTF8.self)
        return request
    }

    private func run(_ steps: [ServerStep], context: ChannelHandlerContext) {
        for step in steps {
            switch step {
            case .send(let text):
                context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
            case .close: context.close(promise: nil)
            case .halfClose: context.close(mode: .output, promise: nil)
            case .hold: break
            case .reset:
                let provider = context.channel as? any SocketOptionProvider
                let context = NIOLoopBound(context, eventLoop: context.eventLoop)
                provider?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in
                    context.value.close(promise: nil)
                }
            }
        }
    }
}

extension ServerStep {
    /// A complete answer with a length, after which the connection stays open.
    static func answer(_ status: Int, _ body: String = "", headers: [String] = []) -> ServerStep {
        let type =
            headers.contains { $0.lowercased().hasPrefix("content-type") }
            ? [] : ["content-type: application/json"]
        let lines = ["HTTP/1.1 \(status) X", "content-length: \(body.utf8.count)"] + type + headers
        return .send(lines.joined(separator: "\r\n") + "\r\n\r\n" + body)
    }
}
