import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// One request and its complete answer, within a time and a size.
struct HTTPExchange: Sendable {
    /// The HTTP client to use; its read timeout ends a body that stalls.
    let client: HTTPClient
    /// The longest time until the head; also the time after which a body that still comes is given up.
    let timeout: Duration
    /// The largest body, in bytes.
    let bodyLimit: Int

    /// Sends the request and reads the answer.
    ///
    /// The time limits are the event loop's own: a task that sleeps beside each request would cost more than the
    /// request.
    ///
    /// - Parameter request: The request.
    /// - Returns: The answer, whatever its status.
    /// - Throws: `HTTPFailure`; `.broken` also where no connection came about, which only the caller can know.
    func answer(to request: HTTPClientRequest) async throws(HTTPFailure) -> HTTPAnswer {
        let deadline = NIODeadline.now() + TimeAmount(timeout)
        do {
            let response = try await client.execute(request, deadline: deadline)
            return HTTPAnswer(
                status: Int(response.status.code),
                headers: response.headers,
                body: try await response.collectBody(upTo: bodyLimit, until: deadline)
            )
        } catch {
            throw HTTPFailure(error, timeout: timeout, bodyLimit: bodyLimit)
        }
    }
}

extension HTTPClientResponse {
    /// The whole body.
    ///
    /// - Parameters:
    ///   - limit: The largest body, in bytes.
    ///   - deadline: When a body that still comes is given up.
    /// - Throws: `NIOTooManyBytesError` when it is larger, `DeadlineExceeded`, else what the connection says.
    /// - Returns: The bytes.
    func collectBody(upTo limit: Int, until deadline: NIODeadline) async throws -> [UInt8] {
        let announced = headers.first(name: "content-length").flatMap(Int.init)
        if let announced, announced > limit {
            throw NIOTooManyBytesError(maxBytes: limit)
        }
        var collected: [UInt8] = []
        collected.reserveCapacity(announced ?? 0)
        for try await chunk in body {
            guard collected.count + chunk.readableBytes <= limit else {
                throw NIOTooManyBytesError(maxBytes: limit)
            }
            guard NIODeadline.now() < deadline else { throw DeadlineExceeded() }
            collected.append(contentsOf: chunk.readableBytesView)
        }
        // A cancelled stream may just end; a short body must not pass for a complete one.
        if Task.isCancelled, announced != collected.count {
            throw CancellationError()
        }
        return collected
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
        case let error as HTTPClientError where error == .deadlineExceeded || error == .readTimeout:
            self = .timedOut(timeout)
        case let error as HTTPClientError where error == .cancelled: self = .cancelled
        default: self = .broken(TransportWords.describe(error))
        }
    }
}
