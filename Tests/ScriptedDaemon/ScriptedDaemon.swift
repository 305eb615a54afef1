internal import Glibc
internal import JSON
internal import Synchronization

/// A server on a real Unix socket that answers each call as a test says.
///
/// One thread accepts, one more reads each connection; they end when the socket is closed.
public final class ScriptedDaemon: Sendable {
    private struct State {
        var listener: Int32
        var connections: [Int32] = []
        var calls: [ScriptedCall] = []
        var seen: [String: Int] = [:]
    }

    /// The socket's path, short enough for any temporary directory.
    public let path: String
    private let directory: String
    private let state: Mutex<State>
    private let greeting: [ScriptedAnswer]
    private let script: @Sendable (ScriptedCall) -> [ScriptedAnswer]

    /// Starts to listen.
    ///
    /// - Parameters:
    ///   - greeting: What each connection is sent before anything is read from it.
    ///   - script: Answers a call; called on the connection's thread.
    /// - Throws: `ScriptedDaemonError` when there is no socket to be had.
    public init(
        greeting: [ScriptedAnswer] = [],
        _ script: @escaping @Sendable (ScriptedCall) -> [ScriptedAnswer]
    ) throws {
        var template = Array("/tmp/scripted-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw ScriptedDaemonError(call: "mkdtemp", number: errno) }
        directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let path = directory + "/control.sock"
        self.path = path
        self.greeting = greeting
        self.script = script
        let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(listener, generic, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0, listen(listener, 64) == 0 else {
            throw ScriptedDaemonError(call: "bind", number: errno)
        }
        state = Mutex(State(listener: listener))
        try startThread { $0.accept() }
    }

    deinit {
        unlink(path)
        rmdir(directory)
    }

    /// The calls that came so far, in their order.
    public var calls: [ScriptedCall] {
        state.withLock(\.calls)
    }

    /// The calls of one method.
    ///
    /// - Parameter method: The method's name.
    /// - Returns: They in their order.
    public func calls(of method: String) -> [ScriptedCall] {
        calls.filter { $0.method == method }
    }

    /// Stops listening and cuts every connection; the socket file stays, as after a crash.
    public func stop() {
        // Under the lock: a connection leaves the list before its number is free for something else.
        state.withLock { state in
            for descriptor in state.connections + [state.listener] where descriptor >= 0 {
                shutdown(descriptor, Int32(SHUT_RDWR))
            }
            state.listener = -1
        }
    }

    // MARK: Threads

    /// Gives a thread its work; the daemon stays alive until the work is done.
    private final class Work {
        let daemon: ScriptedDaemon
        let body: @Sendable (ScriptedDaemon) -> Void

        init(_ daemon: ScriptedDaemon, _ body: @escaping @Sendable (ScriptedDaemon) -> Void) {
            self.daemon = daemon
            self.body = body
        }
    }

    private func startThread(_ body: @escaping @Sendable (ScriptedDaemon) -> Void) throws {
        var thread = pthread_t()
        let work = Unmanaged.passRetained(Work(self, body))
        let result = pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument else { return nil }
                let work = Unmanaged<Work>.fromOpaque(argument).takeRetainedValue()
                work.body(work.daemon)
                return nil
            },
            work.toOpaque()
        )
        guard result == 0 else {
            work.release()
            throw ScriptedDaemonError(call: "pthread_create", number: result)
        }
        pthread_detach(thread)
    }

    private func accept() {
        let listener = state.withLock(\.listener)
        defer { close(listener) }
        while listener >= 0 {
            let connection = Glibc.accept(listener, nil, nil)
            guard connection >= 0 else { break }
            state.withLock { $0.connections.append(connection) }
            do {
                try startThread { $0.serve(connection) }
            } catch {
                shutdown(connection, Int32(SHUT_RDWR))
            }
        }
    }

    private func serve(_ connection: Int32) {
        defer {
            state.withLock { $0.connections.removeAll { $0 == connection } }
            close(connection)
        }
        guard greeting.allSatisfy({ perform($0, on: connection, id: .null) }),
            let file = fdopen(dup(connection), "r")
        else { return }
        defer { fclose(file) }
        var line: UnsafeMutablePointer<CChar>?
        var room = 0
        defer { free(line) }
        while true {
            let count = getline(&line, &room, file)
            guard count > 0, let line else { return }
            let bytes = Array(UnsafeRawBufferPointer(start: line, count: count))
            let call = note(bytes, connection)
            for answer in script(call) {
                guard perform(answer, on: connection, id: call.id) else { return }
            }
        }
    }

    private func note(_ bytes: [UInt8], _ connection: Int32) -> ScriptedCall {
        // `try?` because a line that is not JSON is a call too, one of no method.
        let message = (try? JSONParser.parse(bytes)) ?? .null
        return state.withLock { state in
            let method = message["method"]?.stringValue ?? ""
            let number = (state.seen[method] ?? 0) + 1
            state.seen[method] = number
            let call = ScriptedCall(
                id: message["id"] ?? .null,
                method: method,
                params: message["params"] ?? [:],
                number: number,
                connection: connection
            )
            state.calls.append(call)
            return call
        }
    }

    /// Carries out one answer.
    ///
    /// - Returns: Whether the connection is still open.
    private func perform(_ answer: ScriptedAnswer, on connection: Int32, id: JSONValue) -> Bool {
        let line: String
        switch answer {
        case .result(let result): line = (["jsonrpc": "2.0", "id": id, "result": result] as JSONValue).text
        case .resultFor(let other, let result):
            line = (["jsonrpc": "2.0", "id": other, "result": result] as JSONValue).text
        case .error(let error): line = (["jsonrpc": "2.0", "id": id, "error": error] as JSONValue).text
        case .notify(let method, let params):
            line = (["jsonrpc": "2.0", "method": .string(method), "params": params] as JSONValue).text
        case .raw(let text): line = text
        case .close:
            shutdown(connection, Int32(SHUT_RDWR))
            return false
        case .perform(let action):
            action()
            return true
        }
        if case .raw = answer {
            return send(line, to: connection)
        }
        return send(line + "\n", to: connection)
    }

    private func send(_ text: String, to connection: Int32) -> Bool {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
