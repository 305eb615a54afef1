import AsyncHTTPClient
import JSON
import JobCore
import JobEngine
import NIOCore
import NIOHTTP1

/// The way of one download over redirects to the bytes.
struct DownloadTrip {
    /// What one request brought.
    private enum Step {
        case ended(DownloadOutcome)
        case redirect(String)
        /// What is there cannot be continued: once more from the start.
        case restart
        /// No connection to this address of the host.
        case notConnected(String)
    }

    /// Addresses of one host that are tried.
    private static let maximumAddresses = 4

    private let client: NanoGPTClient
    private let session: ClientSession
    private let sink: any DownloadSink
    private var resumePoint: DownloadResumePoint?
    /// False once a hop led away from the API's origin, and for good, even if a later one leads back.
    private var mayCarryKey = true

    init(client: NanoGPTClient, session: ClientSession, sink: any DownloadSink) {
        self.client = client
        self.session = session
        self.sink = sink
        resumePoint = sink.resumePoint.flatMap { $0.offset > 0 ? $0 : nil }
    }

    // MARK: Hops

    /// Follows the URL to the bytes.
    mutating func run(from url: String) async -> DownloadOutcome {
        let origin = session.configuration.apiOrigin
        guard var hop = WebAddress(origin.absolute(url)) else {
            return refused("the provider's link to the video is no usable URL")
        }
        var visited: Set<String> = []
        while visited.insert(hop.text).inserted {
            guard visited.count <= NanoGPTConfiguration.maximumRedirects + 1 else {
                return refused(
                    "more than \(NanoGPTConfiguration.maximumRedirects) redirects, now to \(hop.origin)"
                )
            }
            mayCarryKey = mayCarryKey && hop.origin == origin
            var step = await visit(hop)
            if case .restart = step {
                resumePoint = nil
                step = await visit(hop)
            }
            switch step {
            case .ended(let outcome): return outcome
            case .restart: return interrupted("\(hop.origin) answers with a part that nobody asked for")
            case .notConnected(let words): return interrupted("no connection to \(hop.origin): \(words)")
            case .redirect(let location):
                guard let next = WebAddress(location, relativeTo: hop) else {
                    return refused("\(hop.origin) redirects to something that is no usable URL")
                }
                hop = next
            }
        }
        return refused("redirects in a circle at \(hop.origin)")
    }

    /// Checks where a hop leads and asks there.
    private func visit(_ hop: WebAddress) async -> Step {
        // A loopback API is a stand-in for tests and rehearsals, which has no public address to offer.
        guard !session.configuration.apiOrigin.isLoopback else { return await ask(hop, at: nil) }
        guard hop.origin.isSecure else {
            return .ended(refused("the link to the video leads to \(hop.origin), not to https"))
        }
        let addresses: [IPAddress]
        if let literal = IPAddress(hop.origin.host) {
            addresses = [literal]
        } else {
            do {
                addresses = try await client.resolver.addresses(
                    of: hop.origin.host,
                    timeout: session.configuration.connectTimeout,
                    on: client.eventLoop
                )
            } catch is CancellationError {
                return .ended(.stopped)
            } catch {
                return .notConnected("the host name cannot be resolved")
            }
        }
        guard addresses.allSatisfy(\.isPublic) else {
            return .ended(refused("the link to the video leads to \(hop.origin), which is no public address"))
        }
        var step = Step.notConnected("the host name has no address")
        for address in addresses.prefix(Self.maximumAddresses) {
            // The connection goes to the address that was checked; a second look-up could bring another one.
            step = await ask(hop, at: address)
            guard case .notConnected = step else { return step }
        }
        return step
    }

    // MARK: One request

    private func ask(_ hop: WebAddress, at address: IPAddress?) async -> Step {
        if Task.isCancelled {
            return .ended(.stopped)
        }
        let witness = ConnectionWitness()
        var settings = Self.settings(session, for: hop, at: address)
        witness.watch(&settings)
        let request = makeRequest(hop)
        let step: Step? = await client.withSingleUseClient(settings) { http in
            do {
                // No limit for the whole download: a day is only there because the client wants a number.
                let response = try await http.execute(request, timeout: .hours(24))
                return try await read(response, from: hop)
            } catch let error as DownloadSinkError {
                return .ended(.sink(error))
            } catch {
                return self.step(for: error, at: hop, connected: witness.hasConnected)
            }
        }
        return step ?? .ended(.stopped)
    }

    /// Settings for one hop, pinned to an address where there is one to be pinned to.
    static func settings(
        _ session: ClientSession,
        for hop: WebAddress,
        at address: IPAddress?
    ) -> HTTPClient.Configuration {
        var settings = session.singleUseSettings()
        // The client's idle timer is the stall limit: it starts with the request and again with every byte.
        settings.timeout.read = TimeAmount(session.configuration.stallTimeout)
        settings.http1_1ConnectionDebugInitializer = { channel in
            // Each read costs a hop to the task that writes the file: a fast server's bytes come in larger ones.
            channel.setOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(
                    minimum: 16 << 10,
                    initial: 64 << 10,
                    maximum: 512 << 10
                )
            )
        }
        if let address, IPAddress(hop.origin.host) == nil {
            settings.dnsOverride = [hop.rawHost: address.description]
        }
        return settings
    }

    private func makeRequest(_ hop: WebAddress) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: hop.text)
        request.headers.add(name: "accept", value: "*/*")
        request.headers.add(name: "user-agent", value: session.configuration.userAgent)
        request.headers.add(name: "connection", value: "close")
        if mayCarryKey {
            request.headers.add(name: "x-api-key", value: session.key.text)
        }
        if let resumePoint {
            request.headers.add(name: "range", value: "bytes=\(resumePoint.offset)-")
            request.headers.add(name: "if-range", value: resumePoint.validator)
        }
        return request
    }

    private func step(for error: any Error, at hop: WebAddress, connected: Bool) -> Step {
        let failure = HTTPFailure(
            error,
            timeout: session.configuration.requestTimeout,
            bodyLimit: NanoGPTConfiguration.maximumAnswerBytes
        )
        if Task.isCancelled || failure == .cancelled {
            return .ended(.stopped)
        }
        if let error = error as? HTTPClientError, error == .readTimeout {
            let seconds = session.configuration.stallTimeout.components.seconds
            return .ended(interrupted("nothing came from \(hop.origin) for \(seconds) s"))
        }
        return connected
            ? .ended(interrupted("the download from \(hop.origin) broke off: \(failure.words)"))
            : .notConnected(failure.words)
    }

    // MARK: The answer

    private func read(_ response: HTTPClientResponse, from hop: WebAddress) async throws -> Step {
        let headers = response.headers
        switch response.status.code {
        case 200, 203:
            if hop.origin == session.configuration.apiOrigin, headers.isJSON {
                return try await followJSON(response)
            }
            let size = headers.first(name: "content-length").flatMap { Int64($0) }
            return try await stream(response, offset: 0, expected: size, total: size, from: hop)
        case 206:
            guard let resumePoint,
                let range = headers.first(name: "content-range").flatMap(ContentRange.init),
                range.first == resumePoint.offset
            else { return .restart }
            return try await stream(
                response,
                offset: range.first,
                expected: range.last - range.first + 1,
                total: range.total,
                from: hop
            )
        case 301, 302, 303, 307, 308:
            guard let location = headers.first(name: "location")?.trimmed, !location.isEmpty else {
                return .ended(interrupted("\(hop.origin) redirects without saying where to"))
            }
            return .redirect(location)
        case 416 where resumePoint != nil: return .restart
        case 408, 425, 429, 500...599, 100...399:
            return .ended(interrupted("\(hop.origin) answers with HTTP \(response.status.code)", response))
        default:
            // 401, 403, 404 and 410 are what expired links bring (FACTS 4.5), 400 is S3's word for an expired
            // token; the rest is no better served by asking the same link again.
            return .ended(
                .expired(
                    fault("the link to the video at \(hop.origin) is not valid any more", response)
                )
            )
        }
    }

    /// The content endpoint may answer with JSON that holds the URL (C27); other JSON is for the sink to refuse.
    private func followJSON(_ response: HTTPClientResponse) async throws -> Step {
        let limit = NanoGPTConfiguration.maximumAnswerBytes
        let deadline = NIODeadline.now() + TimeAmount(session.configuration.requestTimeout)
        let body = try await response.collectBody(upTo: limit, until: deadline)
        let root = JSONValue(tolerant: body) ?? .null
        if let url = VideoURLFinder.urls(data: root["data"] ?? root, root: root).first {
            return .redirect(url)
        }
        try sink.begin(
            DownloadHead(
                offset: 0,
                totalBytes: Int64(body.count),
                contentType: response.headers.mediaType,
                validator: nil
            )
        )
        try body.withUnsafeBytes(write)
        return .ended(.finished)
    }

    private func stream(
        _ response: HTTPClientResponse,
        offset: Int64,
        expected: Int64?,
        total: Int64?,
        from hop: WebAddress
    ) async throws -> Step {
        try sink.begin(
            DownloadHead(
                offset: offset,
                totalBytes: total,
                contentType: response.headers.mediaType,
                validator: response.headers.resumeValidator
            )
        )
        var received: Int64 = 0
        for try await buffer in response.body {
            // The sink sees the connection's own buffer: no copy, no second one in flight.
            try buffer.withUnsafeReadableBytes(write)
            received += Int64(buffer.readableBytes)
        }
        if Task.isCancelled {
            return .ended(.stopped)
        }
        if let expected, received != expected {
            return .ended(
                interrupted("\(hop.origin) announced \(expected) bytes and ended after \(received)", response)
            )
        }
        if let total, offset + received < total {
            return .ended(
                interrupted(
                    "\(hop.origin) sent a part up to \(offset + received) of \(total) bytes",
                    response
                )
            )
        }
        return .ended(.finished)
    }

    private func write(_ bytes: UnsafeRawBufferPointer) throws {
        guard !bytes.isEmpty else { return }
        try sink.write(bytes)
    }

    // MARK: Faults: the run is paid in any case

    private func fault(_ message: String, _ response: HTTPClientResponse? = nil) -> JobFault {
        // Messages name origins only: paths and queries of result links are signatures.
        var fault = JobFault(.providerError, message, charged: .yes, retryable: true)
        fault.httpStatus = response.map { Int($0.status.code) }
        fault.requestID = response.flatMap { response in
            session.context(now: client.now()).requestID(
                of: HTTPAnswer(status: Int(response.status.code), headers: response.headers, body: [])
            )
        }
        return fault
    }

    private func refused(_ message: String) -> DownloadOutcome {
        .refused(fault(message))
    }

    private func interrupted(_ message: String, _ response: HTTPClientResponse? = nil) -> DownloadOutcome {
        .interrupted(fault(message, response))
    }
}
