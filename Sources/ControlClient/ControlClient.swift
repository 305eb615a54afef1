public import JSON

/// A connection to the daemon: calls and their results, notifications, raw lines.
///
/// One thread uses it at a time. Calls may overlap: `start` several, then ask for each result.
public final class ControlClient {
    /// The longest line that the protocol allows to the daemon (CONTRACT section 3, "Limits").
    public static let maximumLineBytes = 6 * 1024 * 1024

    /// A call that was sent and whose result can be asked for once.
    public struct PendingCall: Hashable, Sendable {
        let id: Int
        /// The method that was called.
        public let method: String
    }

    /// The socket's path, or the name of the host.
    public let path: String
    private let socket: StreamSocket
    /// The process behind the socket when the daemon is on another host.
    private let bridge: SSHBridge?
    private var buffer: LineBuffer
    private var lastID = 0
    private var awaited: Set<Int> = []
    private var results: [Int: Result<JSONValue, ControlClientError>] = [:]
    private var notifications: [ControlNotification] = []
    /// How many of the notifications were handed out.
    private var notificationsTaken = 0

    /// Connects to a daemon.
    ///
    /// - Parameters:
    ///   - path: The socket.
    ///   - interruption: A descriptor; when it becomes readable, every wait ends with `Code.interrupted`.
    /// - Throws: `ControlClientError` that says why nobody answers there.
    public init(connectingTo path: String, interruption: Int32? = nil) throws(ControlClientError) {
        self.path = path
        // Lines to us may be longer than lines from us by the envelope around what we sent.
        buffer = LineBuffer(limit: Self.maximumLineBytes + 65536)
        bridge = nil
        socket = try StreamSocket(connectingTo: path, interruption: interruption)
    }

    /// Connects to a daemon on another host.
    ///
    /// - Parameters:
    ///   - host: The host.
    ///   - interruption: A descriptor; when it becomes readable, every wait ends with `Code.interrupted`.
    /// - Throws: `ControlClientError` that says why nobody answers there.
    public init(connectingTo host: RemoteHost, interruption: Int32? = nil) throws(ControlClientError) {
        path = host.name
        buffer = LineBuffer(limit: Self.maximumLineBytes + 65536)
        let (bridge, descriptor) = try SSHBridge.start(host)
        self.bridge = bridge
        socket = try StreamSocket(connected: descriptor, name: host.name, interruption: interruption)
        do throws(ControlClientError) {
            // The empty line of the other side. Without a limit: somebody may be typing a password.
            _ = try socket.receive(into: &buffer, until: nil)
        } catch {
            throw error.code == .disconnected ? bridge.failure() : error
        }
    }

    /// Connects to a daemon, wherever it is.
    ///
    /// - Parameters:
    ///   - address: Where it is.
    ///   - interruption: A descriptor; when it becomes readable, every wait ends with `Code.interrupted`.
    /// - Throws: `ControlClientError` that says why nobody answers there.
    public convenience init(
        connectingTo address: DaemonAddress,
        interruption: Int32? = nil
    ) throws(ControlClientError) {
        switch address {
        case .socket(let path): try self.init(connectingTo: path, interruption: interruption)
        case .host(let host): try self.init(connectingTo: host, interruption: interruption)
        }
    }

    // MARK: Calls

    /// Calls a method and waits for its result; notifications that come first are kept.
    ///
    /// - Parameters:
    ///   - method: The method's name.
    ///   - params: Its parameters by name.
    ///   - timeout: How long to wait; `nil` waits for ever.
    /// - Returns: The result.
    /// - Throws: `ControlClientError`; with `Code.remote` the daemon's answer is an error object.
    public func call(
        _ method: String,
        _ params: JSONObject = JSONObject(),
        timeout: Duration? = nil
    ) throws(ControlClientError) -> JSONValue {
        let deadline = timeout.map { SystemTime.monotonic + $0 }
        let call = try start(method, params, timeout: timeout)
        guard let result = try result(of: call, until: deadline) else {
            throw ControlClientError.noAnswer(to: method, path: path)
        }
        return result
    }

    /// Sends a call without waiting for its result.
    ///
    /// - Parameters:
    ///   - method: The method's name.
    ///   - params: Its parameters by name.
    ///   - timeout: How long the daemon may take to read it; `nil` waits for ever.
    /// - Returns: What to ask for the result with.
    /// - Throws: `ControlClientError` when it could not be sent.
    public func start(
        _ method: String,
        _ params: JSONObject = JSONObject(),
        timeout: Duration? = nil
    ) throws(ControlClientError) -> PendingCall {
        lastID += 1
        let call = PendingCall(id: lastID, method: method)
        var writer = JSONWriter(capacity: 256)
        writer.object { line in
            line.member("jsonrpc", "2.0")
            line.member("id", call.id)
            line.member("method", method)
            if !params.isEmpty {
                line.name("params")
                line.value(.object(params))
            }
        }
        try sendLine(writer.bytes, timeout: timeout)
        awaited.insert(call.id)
        return call
    }

    /// Waits for the result of a call.
    ///
    /// - Parameters:
    ///   - call: What `start` returned.
    ///   - deadline: Until when, by `SystemTime.monotonic`; `nil` waits for ever.
    /// - Returns: The result, or `nil` when the time ran out: the call can be asked for again.
    /// - Throws: `ControlClientError`.
    public func result(
        of call: PendingCall,
        until deadline: Duration? = nil
    ) throws(ControlClientError) -> JSONValue? {
        while true {
            if let result = results.removeValue(forKey: call.id) {
                return try result.get()
            }
            guard let line = try nextLine(until: deadline) else { return nil }
            try take(line)
        }
    }

    /// Waits for whichever of several calls is answered first.
    ///
    /// - Parameters:
    ///   - calls: What `start` returned.
    ///   - deadline: Until when, by `SystemTime.monotonic`; `nil` waits for ever.
    /// - Returns: The call and its result, or `nil` when the time ran out.
    /// - Throws: `ControlClientError` when the connection is unusable.
    public func firstResult(
        of calls: some Collection<PendingCall>,
        until deadline: Duration? = nil
    ) throws(ControlClientError) -> (call: PendingCall, result: Result<JSONValue, ControlClientError>)? {
        while true {
            for call in calls {
                if let result = results.removeValue(forKey: call.id) {
                    return (call, result)
                }
            }
            guard let line = try nextLine(until: deadline) else { return nil }
            try take(line)
        }
    }

    // MARK: Notifications

    /// Waits for a notification; those that came during calls are first.
    ///
    /// - Parameter timeout: How long to wait; `nil` waits for ever.
    /// - Returns: The notification, or `nil` when the time ran out.
    /// - Throws: `ControlClientError`.
    public func nextNotification(timeout: Duration?) throws(ControlClientError) -> ControlNotification? {
        let deadline = timeout.map { SystemTime.monotonic + $0 }
        while true {
            if notificationsTaken < notifications.count {
                let notification = notifications[notificationsTaken]
                notificationsTaken += 1
                if notificationsTaken == notifications.count {
                    notifications.removeAll(keepingCapacity: true)
                    notificationsTaken = 0
                }
                return notification
            }
            guard let line = try nextLine(until: deadline) else { return nil }
            try take(line)
        }
    }

    /// Lets time pass.
    ///
    /// - Parameters:
    ///   - duration: How long.
    ///   - interruption: A descriptor that ends the pause when it becomes readable.
    /// - Throws: `ControlClientError` with `Code.interrupted`.
    public static func pause(_ duration: Duration, interruption: Int32? = nil) throws(ControlClientError) {
        try StreamSocket.pause(until: SystemTime.monotonic + duration, interruption: interruption ?? -1)
    }

    // MARK: Lines

    /// Sends a line as it is, for raw access.
    ///
    /// - Parameters:
    ///   - line: The line without its line feed.
    ///   - timeout: How long the daemon may take to read it; `nil` waits for ever.
    /// - Throws: `ControlClientError`.
    public func sendLine(_ line: [UInt8], timeout: Duration? = nil) throws(ControlClientError) {
        guard line.count <= Self.maximumLineBytes else {
            throw ControlClientError(
                .lineTooLong,
                "The call has \(line.count) bytes; the daemon takes at most \(Self.maximumLineBytes) in one line."
            )
        }
        let deadline = timeout.map { SystemTime.monotonic + $0 }
        do throws(ControlClientError) {
            try socket.send(line + [0x0A], receivingInto: &buffer, until: deadline)
        } catch {
            // A daemon that closes a connection says why in one line before it does.
            throw error.code == .disconnected ? (try lastWords() ?? error) : error
        }
    }

    /// Waits for a line, for raw access.
    ///
    /// - Parameter timeout: How long to wait; `nil` waits for ever.
    /// - Returns: The line without its line feed, or `nil` when the time ran out.
    /// - Throws: `ControlClientError`.
    public func receiveLine(timeout: Duration?) throws(ControlClientError) -> [UInt8]? {
        try nextLine(until: timeout.map { SystemTime.monotonic + $0 })
    }

    private func nextLine(until deadline: Duration?) throws(ControlClientError) -> [UInt8]? {
        while true {
            if let line = buffer.next() {
                return line
            }
            guard !buffer.isOverLimit else {
                throw ControlClientError(
                    .badReply,
                    "The daemon at \(path) sent a line of more than \(buffer.limit) bytes."
                )
            }
            guard try socket.receive(into: &buffer, until: deadline) else { return nil }
        }
    }

    /// The error that the daemon sent before it closed the connection, if it did.
    private func lastWords() throws(ControlClientError) -> ControlClientError? {
        do throws(ControlClientError) {
            while let line = try nextLine(until: SystemTime.monotonic) {
                try take(line)
            }
        } catch let error where error.code == .remote {
            return error
        } catch let error where error.code == .interrupted {
            throw error
        } catch {
            // The cut connection itself, which the caller reports.
        }
        return nil
    }

    /// Sorts one line: a result, a notification, or the last words of a connection.
    private func take(_ line: [UInt8]) throws(ControlClientError) {
        let message: JSONValue
        do throws(JSONError) {
            // Deeper than a call may be: what was sent comes back inside of a job inside of a result.
            message = try JSONParser.parse(line, maximumDepth: 128)
        } catch {
            throw ControlClientError(
                .badReply,
                "The daemon at \(path) sent a line that is not JSON: \(error)."
            )
        }
        guard message.objectValue != nil else {
            throw ControlClientError(.badReply, "The daemon at \(path) sent a line that is not an object.")
        }
        if let method = message["method"]?.stringValue {
            try keep(ControlNotification(method: method, params: message["params"] ?? .null, json: message))
            return
        }
        guard let id = message["id"]?.intValue else {
            // An error without an id is about the connection: nothing will be answered after it.
            throw message["error"].map { ControlClientError(ErrorReply($0)) }
                ?? ControlClientError(.badReply, "The daemon at \(path) sent an answer without an id.")
        }
        guard awaited.remove(id) != nil else { return }
        if let error = message["error"], !error.isNull {
            results[id] = .failure(ControlClientError(ErrorReply(error)))
        } else {
            results[id] = .success(message["result"] ?? .null)
        }
    }

    /// Keeps a notification until it is asked for, up to a number that no attentive caller reaches.
    private func keep(_ notification: ControlNotification) throws(ControlClientError) {
        guard notifications.count - notificationsTaken < 100_000 else {
            throw ControlClientError(.badReply, "The daemon at \(path) sends more than is asked for.")
        }
        notifications.append(notification)
    }
}
