import AsyncHTTPClient
import JobCore
import JobEngine
import NIOCore
import NIOHTTP1

/// The way of one download over redirects to the bytes.
struct DownloadTrip {
    /// Addresses of one host that are tried.
    private static let maximumAddresses = 4

    private let client: NanoGPTClient
    private let session: ClientSession
    private let sink: any DownloadSink
    private let faults: DownloadFaults
    private var resumePoint: DownloadResumePoint?
    /// False once a hop led away from the API's origin, and for good, even if a later one leads back.
    private var mayCarryKey = true

    init(client: NanoGPTClient, session: ClientSession, sink: any DownloadSink) {
        self.client = client
        self.session = session
        self.sink = sink
        faults = DownloadFaults(context: session.context(now: client.now()))
        resumePoint = sink.resumePoint.flatMap { $0.offset > 0 ? $0 : nil }
    }

    // MARK: Hops

    /// Follows the URL to the bytes.
    mutating func run(from url: String) async -> DownloadOutcome {
        let origin = session.configuration.apiOrigin
        guard var hop = WebAddress(origin.absolute(url)) else {
            return faults.refused("the provider's link to the video is no usable URL")
        }
        var visited: Set<String> = []
        while visited.insert(hop.text).inserted {
            guard visited.count <= NanoGPTConfiguration.maximumRedirects + 1 else {
                return faults.refused(
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
            case .restart:
                return faults.interrupted("\(hop.origin) answers with a part that nobody asked for")
            case .notConnected(let words):
                return faults.interrupted("no connection to \(hop.origin): \(words)")
            case .redirect(let location):
                guard let next = WebAddress(location, relativeTo: hop) else {
                    return faults.refused("\(hop.origin) redirects to something that is no usable URL")
                }
                hop = next
            }
        }
        return faults.refused("redirects in a circle at \(hop.origin)")
    }

    /// Checks where a hop leads and asks there.
    private func visit(_ hop: WebAddress) async -> DownloadStep {
        // A loopback API is a stand-in for tests and rehearsals, which has no public address to offer.
        guard !session.configuration.apiOrigin.isLoopback else { return await ask(hop, at: nil) }
        guard hop.origin.isSecure else {
            return .ended(faults.refused("the link to the video leads to \(hop.origin), not to https"))
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
            return .ended(
                faults.refused("the link to the video leads to \(hop.origin), which is no public address")
            )
        }
        var step = DownloadStep.notConnected("the host name has no address")
        for address in addresses.prefix(Self.maximumAddresses) {
            // The connection goes to the address that was checked; a second look-up could bring another one.
            step = await ask(hop, at: address)
            guard case .notConnected = step else { return step }
        }
        return step
    }

    // MARK: One request

    private func ask(_ hop: WebAddress, at address: IPAddress?) async -> DownloadStep {
        if Task.isCancelled {
            return .ended(.stopped)
        }
        let witness = ConnectionWitness()
        var settings = Self.settings(session, for: hop, at: address)
        witness.watch(&settings)
        let request = makeRequest(hop)
        let receiver = DownloadReceiver(
            origin: hop.origin,
            isAPI: hop.origin == session.configuration.apiOrigin,
            resumePoint: resumePoint,
            sink: sink,
            faults: faults
        )
        let step: DownloadStep? = await client.withSingleUseClient(settings, downloads: true) { http in
            do {
                // No limit for the whole download: only one that stalls is given up.
                return try await HTTPExchange(client: http).run(request, receiver, deadline: nil)
            } catch let step as DownloadStep {
                return step
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
            // A fast server's bytes come in larger reads, each one call to write and one to hash.
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

    private func makeRequest(_ hop: WebAddress) -> APIRequest {
        var request = APIRequest(url: hop.text)
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

    private func step(for error: any Error, at hop: WebAddress, connected: Bool) -> DownloadStep {
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
            return .ended(faults.interrupted("nothing came from \(hop.origin) for \(seconds) s"))
        }
        return connected
            ? .ended(faults.interrupted("the download from \(hop.origin) broke off: \(failure.words)"))
            : .notConnected(failure.words)
    }
}
