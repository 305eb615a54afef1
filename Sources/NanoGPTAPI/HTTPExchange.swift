import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// One request and its answer.
struct HTTPExchange: Sendable {
    /// The HTTP client to use; its read timeout ends a body that stalls.
    let client: HTTPClient

    /// Sends the request and reads the complete answer.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - timeout: The longest time for head and body together.
    ///   - bodyLimit: The largest body, in bytes.
    /// - Returns: The answer, whatever its status.
    /// - Throws: `HTTPFailure`; `.broken` also where no connection came about, which only the caller can know.
    func answer(
        to request: APIRequest,
        timeout: Duration,
        bodyLimit: Int
    ) async throws(HTTPFailure) -> HTTPAnswer {
        do {
            return try await run(
                request,
                AnswerCollector(bodyLimit: bodyLimit),
                deadline: .now() + TimeAmount(timeout)
            )
        } catch {
            throw HTTPFailure(error, timeout: timeout, bodyLimit: bodyLimit)
        }
    }

    /// Sends the request and gives the answer to a delegate, on the connection's own event loop.
    ///
    /// Not the HTTP client's asynchronous streams: those hop to another thread and back for each part of a body,
    /// and for a status request cost several times what the request itself does.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - delegate: What takes the answer.
    ///   - deadline: When to give up, the body included; nil for never.
    /// - Returns: What the delegate makes of it.
    /// - Throws: What the delegate, the HTTP client or the connection says.
    func run<Delegate: HTTPClientResponseDelegate>(
        _ request: APIRequest,
        _ delegate: Delegate,
        deadline: NIODeadline?
    ) async throws -> Delegate.Response {
        try Task.checkCancellation()
        let outgoing = try HTTPClient.Request(
            url: request.url,
            method: request.method,
            headers: request.headers,
            body: request.body.map { .byteBuffer($0) }
        )
        let task = client.execute(request: outgoing, delegate: delegate, deadline: deadline)
        return try await withTaskCancellationHandler {
            try await task.get()
        } onCancel: {
            task.cancel()
        }
    }
}

extension HTTPFailure {
    /// Sorts what the HTTP client threw.
    init(_ error: any Error, timeout: Duration, bodyLimit: Int) {
        switch error {
        case let failure as HTTPFailure: self = failure
        case is CancellationError: self = .cancelled
        case is NIOTooManyBytesError: self = .tooLarge(limit: bodyLimit)
        case let error as HTTPClientError where error == .deadlineExceeded || error == .readTimeout:
            self = .timedOut(timeout)
        case let error as HTTPClientError where error == .cancelled: self = .cancelled
        default: self = .broken(TransportWords.describe(error))
        }
    }
}
