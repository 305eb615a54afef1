import HTTPTypes

extension SimulatorState {
    /// The two status routes.
    enum StatusDialect {
        case unified
        case legacy
    }

    /// Answers a question for the state of a run.
    mutating func status(_ request: APIRequest, dialect: StatusDialect, at now: Int64) -> Reply {
        let named =
            dialect == .unified
            ? request.query["requestId"] ?? request.query["runId"] : request.query["runId"]
        guard let runID = named, !runID.isEmpty else {
            let parameter = dialect == .unified ? "requestId" : "runId"
            return .statusError(.badRequest, "Missing \(parameter) parameter")
        }
        if dialect == .legacy, settings.legacyModelRequired {
            guard request.query["model"] != nil || request.query["modelSlug"] != nil else {
                return .statusError(.badRequest, "Missing model parameter")
            }
        }
        let lag = Int64(settings.statusLagSeconds * 1000)
        guard var job = jobs[runID], now >= job.createdAt + lag else { return Self.unknownRun }
        guard job.apiKey == request.apiKey else {
            return .statusError(.forbidden, "You do not have access to this video generation request")
        }
        if dialect == .unified, job.behaviours.contains(.legacyOnly) {
            return job.behaviours.value(of: .legacyOnly) == "405"
                ? .error(.methodNotAllowed, "Method not allowed") : Self.unknownRoute
        }
        defer { jobs[runID] = job }
        if let fault = Self.fault(of: &job) { return fault }
        let answer = StatusAnswer(
            job: job,
            phase: job.phase(at: now),
            now: now,
            urls: urls(of: &job, at: now),
            isLegacy: dialect == .legacy
        )
        let seconds = job.behaviours.number(.slowStatus, default: 2) ?? 0
        return Reply.json(answer.json).after(seconds: seconds)
    }

    private static var unknownRun: Reply { .statusError(.notFound, "Video generation request not found") }

    /// The next of the faults that the behaviours put before good answers.
    private static func fault(of job: inout SimulatedJob) -> Reply? {
        if job.takes(.status404First, default: 2) { return unknownRun }
        if job.takes(.status403First, default: 2) { return .statusError(.forbidden, "Forbidden") }
        if job.takes(.status500First, default: 2) {
            return .statusError(.internalServerError, "Failed to check video generation status")
        }
        if job.takes(.status502First, default: 2) { return .html(.badGateway, title: "502 Bad Gateway") }
        if job.takes(.status503First, default: 2) {
            return .statusError(.serviceUnavailable, "Service unavailable")
        }
        if job.takes(.status429First, default: 2) {
            return Reply.error(.tooManyRequests, "Rate limit exceeded").with(.retryAfter, "1")
        }
        if job.takes(.htmlStatus, default: 3) { return .html(.ok, title: "Just a moment...") }
        if job.takes(.brokenJSONStatus, default: 3) {
            return .encoded(Array("{\"requestId\":\"\(job.runID)\",\"data\":{\"status\":\"IN_PRO".utf8))
        }
        if job.takes(.resetStatus, default: 2) { return .reset }
        if job.takes(.timeoutStatus, default: 1) {
            return Reply.html(.gatewayTimeout, title: "504 Gateway Time-out").after(seconds: 120)
        }
        return nil
    }

    /// The URLs that a completed run shows; none before the end, and none where the behaviours keep them back.
    private func urls(of job: inout SimulatedJob, at now: Int64) -> [String] {
        guard job.phase(at: now) == .completed, !job.takes(.noURLFirst, default: 2) else { return [] }
        if job.behaviours.contains(.relativeURL) {
            let path = "/api/generate-video/content?model=\(job.model)&runId=\(job.runID)"
            return (0..<job.videoCount).map { index in
                "\(path)&variant=video" + (job.videoCount > 1 ? "&index=\(index)" : "")
            }
        }
        return signedURLs(of: &job, at: now)
    }
}
