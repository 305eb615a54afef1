import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// Answers the requests of one port: reads them, lets the state decide, and sends what it says.
struct RequestResponder: Sendable {
    /// Which of the two origins the port is.
    enum Origin {
        case api
        case media
    }

    /// The connection was cut on purpose.
    struct Cut: Error {}

    let simulator: Simulator
    let origin: Origin
    let logger: Logger

    /// Answers one request.
    ///
    /// Concurrent, as are those of the server that it calls: the writer moves from one to the next.
    @concurrent
    func respond(_ request: Request, _ writer: consuming ResponseWriter, _ channel: any Channel) async throws
    {
        let route = origin == .media ? Route.media : SimulatorState.route(of: request.uri.path)
        // The parent of a stream of HTTP/2 is a connection; that of a connection listens, and has no peer.
        let overHTTP2 = channel.parent?.remoteAddress != nil
        simulator.change { $0.tally.begin(route, overHTTP2: overHTTP2, at: $1) }
        var status = 0
        defer {
            let code = status
            simulator.change { state, _ in state.tally.end(route, status: code) }
        }
        let read = try await read(request, from: channel)
        let reply = simulator.change { state, now in
            switch route {
            case .media: state.media(read, at: now)
            case .control: state.control(read, at: now)
            default: state.reply(to: read, on: route, at: now)
            }
        }
        logger.debug(
            "Request",
            metadata: [
                "route": "\(route.rawValue)", "method": "\(read.method)", "path": "\(read.path)",
                "request": "\(read.requestID)",
                "answer": reply.ending == .reset ? "reset" : "\(reply.status.code)",
            ]
        )
        if reply.delay > .zero { try await simulator.clock.sleep(reply.delay) }
        guard reply.ending != .reset else {
            await channel.reset()
            throw Cut()
        }
        status = reply.status.code
        var head = HTTPResponse(status: reply.status, headerFields: reply.fields)
        head.headerFields[.xRequestID] = read.requestID
        head.headerFields[.date] = CalendarText.http(simulator.clock.now())
        if reply.ending == .cut, case .bytes(let bytes) = reply.body {
            return try await sendHalf(of: bytes, head, writer)
        }
        try await send(reply.body, head, isHead: read.method == .head, writer, channel)
    }

    @concurrent
    private func send(
        _ body: Reply.Body,
        _ head: HTTPResponse,
        isHead: Bool,
        _ writer: consuming ResponseWriter,
        _ channel: any Channel
    ) async throws {
        var head = head
        switch body {
        case .bytes(let bytes):
            head.headerFields[.contentLength] = String(bytes.count)
            guard !isHead, !bytes.isEmpty else { return try await writer.writeResponse(head) }
            try await writer.write(response: head, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
        case .video(let transfer):
            if transfer.hasLength { head.headerFields[.contentLength] = String(transfer.range.count) }
            if isHead { return try await writer.writeResponse(head) }
            let download = Download(transfer: transfer, clock: simulator.clock, channel: channel)
            let body = ResponseBody(contentLength: transfer.range.count) { try await download.run(&$0) }
            try await writer.write(response: head, body: body)
        }
    }

    /// Announces all bytes, sends half of them, and breaks off.
    @concurrent
    private func sendHalf(
        of bytes: [UInt8],
        _ head: HTTPResponse,
        _ writer: consuming ResponseWriter
    ) async throws {
        var head = head
        head.headerFields[.contentLength] = String(bytes.count)
        let body = ResponseBody(contentLength: bytes.count) { writer in
            try await writer.write(ByteBuffer(bytes: bytes.prefix(bytes.count / 2)))
            throw Cut()
        }
        try await writer.write(response: head, body: body)
    }

    private func read(_ request: Request, from channel: any Channel) async throws -> APIRequest {
        var read = APIRequest()
        read.method = request.method
        read.path = request.uri.path
        for (name, value) in request.uri.queryParameters { read.query[String(name)] = String(value) }
        read.apiKey = Self.key(in: request.headers)
        let sent = request.headers[.xRequestID] ?? ""
        read.requestID = sent.isEmpty || sent.utf8.count > 128 ? "req_\(UInt64.random(in: 0 ... .max))" : sent
        let address = channel.connection.remoteAddress?.ipAddress
        read.peer = address ?? ""
        read.isLocal = address.map { $0.hasPrefix("127.") || $0 == "::1" || $0 == "::ffff:127.0.0.1" } ?? true
        read.range = request.headers[.range]
        read.ifRange = request.headers[.ifRange]
        guard request.method == .post else { return read }
        let limit = simulator.change { state, _ in state.settings.maximumBodyBytes }
        var body: [UInt8] = []
        for try await buffer in request.body {
            // The rest is still read: a client that writes all before it reads gets to see the answer.
            guard body.count + buffer.readableBytes <= limit else {
                read.isTooLarge = true
                continue
            }
            body += buffer.readableBytesView
        }
        guard !read.isTooLarge else { return read }
        read.body = body
        do {
            read.json = try JSONReader.value(of: body)
        } catch {
            // Not JSON: the handlers say so where they need it.
            read.json = nil
        }
        return read
    }

    private static func key(in fields: HTTPFields) -> String? {
        if let key = fields[.xAPIKey] { return key }
        guard let value = fields[.authorization] else { return nil }
        guard value.lowercased().hasPrefix("bearer ") else { return value }
        return value.dropFirst("bearer ".count).trimmed
    }
}

extension HTTPField.Name {
    /// `X-Request-ID`.
    fileprivate static var xRequestID: HTTPField.Name { custom("X-Request-ID") }
    /// `x-api-key`.
    fileprivate static var xAPIKey: HTTPField.Name { custom("x-api-key") }

    private static func custom(_ name: String) -> HTTPField.Name {
        guard let made = HTTPField.Name(name) else { preconditionFailure("\(name) is no header name") }
        return made
    }
}
