import AsyncHTTPClient
import JSON
import JobEngine
import NIOCore
import NIOHTTP1
import Synchronization

/// Takes the answer to one request of a download: the bytes of the video go from the connection's buffer into the sink.
///
/// It runs on the event loop of the downloads, which belongs to nobody else: a slow disk holds up downloads alone, and
/// the connection is not read on until a part is written.
final class DownloadReceiver: HTTPClientResponseDelegate {
    /// What is done with the body.
    private enum Body {
        /// Into the sink.
        case video(expected: Int64?, total: Int64?, offset: Int64)
        /// Gathered: the content endpoint may answer with JSON that holds the URL (C27).
        case json([UInt8])
    }

    private struct State {
        var head: HTTPResponseHead?
        var body = Body.json([])
        var received: Int64 = 0
    }

    private let origin: WebOrigin
    private let isAPI: Bool
    private let resumePoint: DownloadResumePoint?
    private let sink: any DownloadSink
    private let faults: DownloadFaults
    private let state = Mutex(State())

    /// Makes a receiver for one answer.
    ///
    /// - Parameters:
    ///   - origin: Who is asked.
    ///   - isAPI: Whether that is the API itself.
    ///   - resumePoint: Where the request asks to go on, if it does.
    ///   - sink: Where the video goes.
    ///   - faults: The words for what goes wrong.
    init(
        origin: WebOrigin,
        isAPI: Bool,
        resumePoint: DownloadResumePoint?,
        sink: any DownloadSink,
        faults: DownloadFaults
    ) {
        self.origin = origin
        self.isAPI = isAPI
        self.resumePoint = resumePoint
        self.sink = sink
        self.faults = faults
    }

    // MARK: The answer, part by part

    func didReceiveHead(
        task: HTTPClient.Task<DownloadStep>,
        _ head: HTTPResponseHead
    ) -> EventLoopFuture<Void> {
        do {
            let body = try take(head)
            state.withLock { state in
                state.head = head
                state.body = body
            }
            return task.eventLoop.makeSucceededVoidFuture()
        } catch {
            // A step that needs no body ends the request here, and the connection with it.
            return task.eventLoop.makeFailedFuture(error)
        }
    }

    func didReceiveBodyPart(task: HTTPClient.Task<DownloadStep>, _ part: ByteBuffer) -> EventLoopFuture<Void>
    {
        do {
            try state.withLock { try take(part, &$0) }
            return task.eventLoop.makeSucceededVoidFuture()
        } catch {
            return task.eventLoop.makeFailedFuture(error)
        }
    }

    func didFinishRequest(task: HTTPClient.Task<DownloadStep>) throws -> DownloadStep {
        let state = state.withLock { $0 }
        switch state.body {
        case .json(let bytes): return try endOfJSON(bytes, state.head)
        case .video(let expected, let total, let offset):
            if let expected, state.received != expected {
                let message = "\(origin) announced \(expected) bytes and ended after \(state.received)"
                return .ended(faults.interrupted(message, state.head))
            }
            if let total, offset + state.received < total {
                let message = "\(origin) sent a part up to \(offset + state.received) of \(total) bytes"
                return .ended(faults.interrupted(message, state.head))
            }
            return .ended(.finished)
        }
    }

    // MARK: What it means

    /// Says what is done with the body, or throws the step that needs none.
    private func take(_ head: HTTPResponseHead) throws -> Body {
        let headers = head.headers
        switch head.status.code {
        case 200, 203:
            if isAPI, headers.isJSON {
                return .json([])
            }
            let size = headers.first(name: "content-length").flatMap { Int64($0) }
            return try begin(head, offset: 0, expected: size, total: size)
        case 206:
            guard let resumePoint,
                let range = headers.first(name: "content-range").flatMap(ContentRange.init),
                range.first == resumePoint.offset
            else { throw DownloadStep.restart }
            return try begin(
                head,
                offset: range.first,
                expected: range.last - range.first + 1,
                total: range.total
            )
        case 301, 302, 303, 307, 308:
            guard let location = headers.first(name: "location")?.trimmed, !location.isEmpty else {
                throw DownloadStep.ended(
                    faults.interrupted("\(origin) redirects without saying where to", head)
                )
            }
            throw DownloadStep.redirect(location)
        case 416 where resumePoint != nil: throw DownloadStep.restart
        case 408, 425, 429, 500...599, 100...399:
            throw DownloadStep.ended(
                faults.interrupted("\(origin) answers with HTTP \(head.status.code)", head)
            )
        default:
            // 401, 403, 404 and 410 are what expired links bring (FACTS 4.5), 400 is S3's word for an expired
            // token; the rest is no better served by asking the same link again.
            throw DownloadStep.ended(
                faults.expired("the link to the video at \(origin) is not valid any more", head)
            )
        }
    }

    private func begin(
        _ head: HTTPResponseHead,
        offset: Int64,
        expected: Int64?,
        total: Int64?
    ) throws(DownloadSinkError) -> Body {
        try sink.begin(
            DownloadHead(
                offset: offset,
                totalBytes: total,
                contentType: head.headers.mediaType,
                validator: head.headers.resumeValidator,
                endIsUncertain: total == nil && (offset > 0 || head.endsWithConnection)
            )
        )
        return .video(expected: expected, total: total, offset: offset)
    }

    private func take(_ part: ByteBuffer, _ state: inout State) throws {
        guard part.readableBytes > 0 else { return }
        switch state.body {
        case .video:
            // The sink sees the connection's own buffer: no copy, no second one in flight.
            try part.withUnsafeReadableBytes(write)
            state.received += Int64(part.readableBytes)
        case .json(var bytes):
            let limit = NanoGPTConfiguration.maximumAnswerBytes
            guard bytes.count + part.readableBytes <= limit else {
                throw NIOTooManyBytesError(maxBytes: limit)
            }
            state.body = .json([])
            bytes.append(contentsOf: part.readableBytesView)
            state.body = .json(bytes)
        }
    }

    /// JSON without a URL in it is for the sink to refuse.
    private func endOfJSON(_ bytes: [UInt8], _ head: HTTPResponseHead?) throws -> DownloadStep {
        let root = JSONValue(tolerant: bytes) ?? .null
        let urls = VideoURLFinder.urls(data: root["data"] ?? root, root: root)
        if let url = urls.first ?? VideoURLFinder.onlyURL(anywhereIn: root) {
            return .redirect(url)
        }
        try sink.begin(
            DownloadHead(
                offset: 0,
                totalBytes: Int64(bytes.count),
                contentType: head?.headers.mediaType,
                validator: nil
            )
        )
        try bytes.withUnsafeBytes(write)
        return .ended(.finished)
    }

    private func write(_ bytes: UnsafeRawBufferPointer) throws {
        guard !bytes.isEmpty else { return }
        try sink.write(bytes)
    }
}

extension HTTPResponseHead {
    /// Neither a length nor a last chunk: where the connection ends, the body does (RFC 9112, 6.3).
    fileprivate var endsWithConnection: Bool {
        version.major < 2 && !headers.contains(name: "content-length")
            && headers[canonicalForm: "transfer-encoding"].last?.lowercased() != "chunked"
    }
}
