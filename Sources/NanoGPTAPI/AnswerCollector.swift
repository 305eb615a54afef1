import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Synchronization

/// Gathers an answer of limited size.
final class AnswerCollector: HTTPClientResponseDelegate {
    private struct State {
        var status = 0
        var headers = HTTPHeaders()
        var body: [UInt8] = []
    }

    private let bodyLimit: Int
    private let state = Mutex(State())

    /// Makes a collector for one answer.
    ///
    /// - Parameter bodyLimit: The largest body, in bytes.
    init(bodyLimit: Int) {
        self.bodyLimit = bodyLimit
    }

    func didReceiveHead(task: HTTPClient.Task<HTTPAnswer>, _ head: HTTPResponseHead) -> EventLoopFuture<Void>
    {
        let announced = head.headers.first(name: "content-length").flatMap(Int.init) ?? 0
        guard announced <= bodyLimit else {
            return task.eventLoop.makeFailedFuture(NIOTooManyBytesError(maxBytes: bodyLimit))
        }
        state.withLock { state in
            state.status = Int(head.status.code)
            state.headers = head.headers
            state.body.reserveCapacity(announced)
        }
        return task.eventLoop.makeSucceededVoidFuture()
    }

    func didReceiveBodyPart(task: HTTPClient.Task<HTTPAnswer>, _ part: ByteBuffer) -> EventLoopFuture<Void> {
        let fits = state.withLock { state in
            guard state.body.count + part.readableBytes <= bodyLimit else { return false }
            state.body.append(contentsOf: part.readableBytesView)
            return true
        }
        return fits
            ? task.eventLoop.makeSucceededVoidFuture()
            : task.eventLoop.makeFailedFuture(NIOTooManyBytesError(maxBytes: bodyLimit))
    }

    func didFinishRequest(task: HTTPClient.Task<HTTPAnswer>) -> HTTPAnswer {
        state.withLock { HTTPAnswer(status: $0.status, headers: $0.headers, body: $0.body) }
    }
}
