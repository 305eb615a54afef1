import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// One request and its complete answer, within a time and a size.
struct HTTPExchange: Sendable {
    /// The HTTP client to use.
    let client: HTTPClient
    /// The clock for the time limit.
    let clock: any Clock<Duration>
    /// The longest time for head and body together.
    let timeout: Duration
    /// The largest body, in bytes.
    let bodyLimit: Int

    /// Sends the request and reads the answer.
    ///
    /// - Parameter request: The request.
    /// - Returns: The answer, whatever its status.
    /// - Throws: `HTTPFailure`; `.broken` also where no connection came about, which only the caller can know.
    func answer(to request: HTTPClientRequest) async throws(HTTPFailure) -> HTTPAnswer {
        do {
            return try await withDeadline(timeout, clock: clock) {
                // The client's own deadline covers the head only; ours covers all and always comes first.
                let response = try await client.execute(request, timeout: TimeAmount(timeout) + .seconds(60))
                return HTTPAnswer(
                    status: Int(response.status.code),
                    headers: response.headers,
                    body: try await response.collectBody(upTo: bodyLimit)
                )
            }
        } catch {
            throw HTTPFailure(error, timeout: timeout, bodyLimit: bodyLimit)
        }
    }
}

extension HTTPClientResponse {
    /// The whole body.
    ///
    /// - Parameter limit: The largest body, in bytes.
    /// - Throws: `NIOTooManyBytesError` when it is larger, else what the connection says.
    /// - Returns: The bytes.
    func collectBody(upTo limit: Int) async throws -> [UInt8] {
        var collected = try await body.collect(upTo: limit)
        // A cancelled stream may just end; a short body must not pass for a complete one.
        if Task.isCancelled,
            headers.first(name: "content-length").flatMap(Int.init) != collected.readableBytes
        {
            throw CancellationError()
        }
        return collected.readBytes(length: collected.readableBytes) ?? []
    }
}

extension HTTPFailure {
    /// Sorts what the HTTP client threw.
    init(_ error: any Error, timeout: Duration, bodyLimit: Int) {
        switch error {
        case let failure as HTTPFailure: self = failure
        case is DeadlineExceeded: self = .timedOut(timeout)
        case is CancellationError: self = .cancelled
        case is NIOTooManyBytesError: self = .tooLarge(limit: bodyLimit)
        case let error as HTTPClientError where error == .deadlineExceeded: self = .timedOut(timeout)
        case let error as HTTPClientError where error == .cancelled: self = .cancelled
        default: self = .broken(TransportWords.describe(error))
        }
    }
}
