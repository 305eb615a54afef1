/// What was asked so far: counts for each route, peaks, and keys where none belong.
public struct RequestTally: Sendable {
    /// The counts of one route.
    public struct Counts: Hashable, Sendable {
        /// All requests.
        public internal(set) var requests = 0
        /// The answers by HTTP status; 0 are requests that were cut off without one.
        public internal(set) var statuses: [Int: Int] = [:]
        /// The requests that are being answered now.
        public internal(set) var inFlight = 0
        /// The most requests that were ever being answered at a time.
        public internal(set) var peakInFlight = 0
        /// How many of the requests came over HTTP/2.
        public internal(set) var overHTTP2 = 0
    }

    /// The counts by route; a route that was never asked has none.
    public internal(set) var routes: [Route: Counts] = [:]
    /// Requests to the media server that carried an API key: there must be none.
    public internal(set) var mediaRequestsWithKey = 0
    private var perSecond = SlidingWindow(length: 1000)
    private var submitsPerMinute = SlidingWindow(length: 60_000)

    /// The most API requests in any one second.
    public var peakRequestsPerSecond: Int { perSecond.peak }
    /// The most submissions in any 60 seconds, refused ones too.
    public var peakSubmitsPerMinute: Int { submitsPerMinute.peak }

    /// The counts of one route.
    ///
    /// - Parameter route: The route.
    /// - Returns: Its counts, zeros if it was never asked.
    public func counts(_ route: Route) -> Counts { routes[route] ?? Counts() }

    mutating func begin(_ route: Route, overHTTP2: Bool, at now: Int64) {
        routes[route, default: Counts()].begin(overHTTP2: overHTTP2)
        if route.isAPI { perSecond.record(at: now) }
        if route == .submit { submitsPerMinute.record(at: now) }
    }

    mutating func end(_ route: Route, status: Int) { routes[route, default: Counts()].end(status) }
}

extension RequestTally.Counts {
    fileprivate mutating func begin(overHTTP2: Bool) {
        requests += 1
        self.overHTTP2 += overHTTP2 ? 1 : 0
        inFlight += 1
        peakInFlight = max(peakInFlight, inFlight)
    }

    fileprivate mutating func end(_ status: Int) {
        inFlight -= 1
        statuses[status, default: 0] += 1
    }
}

extension RequestTally {
    /// The tally as JSON.
    var json: JSONValue {
        [
            "routes": .object(
                routes.sorted { $0.key.rawValue < $1.key.rawValue }
                    .map { .init(name: $0.key.rawValue, value: $0.value.json) }
            ),
            "media_requests_with_key": .integer(mediaRequestsWithKey),
            "peak_requests_per_second": .integer(peakRequestsPerSecond),
            "peak_submits_per_minute": .integer(peakSubmitsPerMinute),
        ]
    }
}

extension RequestTally.Counts {
    fileprivate var json: JSONValue {
        [
            "requests": .integer(requests),
            "statuses": .object(
                statuses.sorted { $0.key < $1.key }
                    .map { .init(name: $0.key == 0 ? "cut" : String($0.key), value: .integer($0.value)) }
            ),
            "in_flight": .integer(inFlight),
            "peak_in_flight": .integer(peakInFlight),
            "over_http2": .integer(overHTTP2),
        ]
    }
}
