import HTTPTypes

extension SimulatorState {
    /// The route of an API path; nil methods are those that the route refuses.
    static func route(of path: String) -> Route {
        switch path {
        case "/api/generate-video": .submit
        case "/api/video/status": .status
        case "/api/generate-video/status": .legacyStatus
        case "/api/generate-video/recover": .recover
        case "/api/generate-video/extend": .extend
        case "/api/generate-video/content": .content
        case "/api/v1/video-models": .catalogue
        case "/api/check-balance": .balance
        case "/api/subscription/v1/usage": .subscription
        case "/api/v1/usage": .usage
        case _ where path.hasPrefix("/api/v1/usage/requests/"): .requestBilling
        case _ where path == "/__simulator" || path.hasPrefix("/__simulator/"): .control
        default: .unknown
        }
    }

    /// Answers a request to the API.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - route: Its route.
    ///   - now: Milliseconds since the epoch.
    /// - Returns: What it gets.
    mutating func reply(to request: APIRequest, on route: Route, at now: Int64) -> Reply {
        if let reply = outageReply(on: route, at: now) { return reply }
        if let reply = throughputReply(to: request, at: now) { return reply }
        return answer(request, on: route, at: now).after(seconds: settings.answerDelaySeconds)
    }

    private mutating func answer(_ request: APIRequest, on route: Route, at now: Int64) -> Reply {
        let isRead = request.method == .get || request.method == .head
        let wantsPost = route == .submit || route == .extend || route == .balance
        if route == .unknown { return Self.unknownRoute }
        guard wantsPost ? request.method == .post : isRead else {
            return Reply.error(.methodNotAllowed, "Method not allowed").with(
                .allow,
                wantsPost ? "POST" : "GET"
            )
        }
        switch route {
        case .catalogue:
            let detailed = request.query["detailed"] != "false"
            return .json(directory.catalogue(detailed: detailed, now: now))
        case .submit: return submit(request, at: now)
        default: break
        }
        guard isValid(request.apiKey) else { return Self.unauthorized(request) }
        return switch route {
        case .status: status(request, dialect: .unified, at: now)
        case .legacyStatus: status(request, dialect: .legacy, at: now)
        case .recover: recover(request, at: now)
        case .extend: extend(request, at: now)
        case .content: content(request, at: now)
        case .balance: balance(at: now)
        case .subscription: subscription()
        case .usage: usage(at: now)
        case .requestBilling: billing(request, at: now)
        case .submit, .catalogue, .media, .control, .unknown: Self.unknownRoute
        }
    }

    /// What a path gets that the service does not have.
    static var unknownRoute: Reply { .error(.notFound, "Not found") }

    /// What a missing or wrong key gets.
    static func unauthorized(_ request: APIRequest) -> Reply {
        guard request.apiKey?.isEmpty == false else { return .error(.unauthorized, "Invalid session") }
        return .typedError(
            .unauthorized,
            "Invalid API key provided",
            type: "invalid_request_error",
            code: "invalid_api_key"
        )
    }

    private mutating func outageReply(on route: Route, at now: Int64) -> Reply? {
        outages.removeAll { $0.endsAt.map { $0 <= now } ?? false }
        guard let active = outages.first(where: { $0.outage.hits(route) }) else { return nil }
        switch active.outage.mode {
        case .html: return .html(.ok, title: "We are updating")
        case .reset: return .reset
        case .hang:
            let seconds = active.endsAt.map { Double($0 - now) / 1000 } ?? 3600
            return Reply.html(.gatewayTimeout, title: "504 Gateway Time-out").after(seconds: seconds)
        case .status(let code):
            let status = HTTPResponse.Status(code: code)
            switch code {
            case 401: return .error(status, "Invalid session")
            case 402: return .error(status, "Insufficient balance")
            case 413: return Reply(status: status)
            case 429: return limitReply(waiting: 2000)
            case 502: return .html(.badGateway, title: "502 Bad Gateway")
            case 504: return .html(.gatewayTimeout, title: "504 Gateway Time-out")
            default: return .error(status, "The service is temporarily unavailable")
            }
        }
    }

    private mutating func throughputReply(to request: APIRequest, at now: Int64) -> Reply? {
        guard settings.requestsPerSecond > 0 else { return nil }
        let wait = requests[request.peer, default: SlidingWindow(length: 1000)]
            .admit(limit: settings.requestsPerSecond, at: now)
        return wait.map { limitReply(waiting: $0) }
    }

    /// The answer of a limit.
    ///
    /// - Parameter milliseconds: The time until there is room.
    /// - Returns: 429.
    func limitReply(waiting milliseconds: Int64) -> Reply {
        let reply = Reply.error(
            .tooManyRequests,
            "Rate limit exceeded. Please wait before generating another video."
        )
        return settings.retryAfterOnLimit
            ? reply.with(.retryAfter, String(max(1, (milliseconds + 999) / 1000))) : reply
    }
}
