import HTTPTypes

extension SimulatorState {
    /// Lists recent runs, newest first.
    mutating func recover(_ request: APIRequest, at now: Int64) -> Reply {
        let wait = recovers[request.peer, default: SlidingWindow(length: 60_000)]
            .admit(limit: settings.recoverPerMinute, at: now)
        if let wait { return limitReply(waiting: wait) }
        let limit = request.query["limit"].map { Int($0) ?? 0 } ?? 10
        guard 1...50 ~= limit else { return .statusError(.badRequest, "limit must be between 1 and 50") }
        let model = request.query["model"].flatMap { $0.isEmpty ? nil : $0 }
        let conversation = request.query["conversationUUID"].flatMap { $0.isEmpty ? nil : $0 }
        var found: [SimulatedJob] = []
        for runID in order.reversed() where found.count < limit {
            guard let job = jobs[runID], job.apiKey == request.apiKey, isListed(job, at: now) else {
                continue
            }
            guard model == nil || job.model == model else { continue }
            guard conversation == nil || job.conversationUUID == conversation else { continue }
            found.append(job)
        }
        return .json(["data": .array(found.map { Self.entry(of: $0, at: now) })])
    }

    private func isListed(_ job: SimulatedJob, at now: Int64) -> Bool {
        guard !job.behaviours.contains(.recoverMissing) else { return false }
        let lag = job.behaviours.number(.lateRecover, default: 10) ?? settings.recoverLagSeconds
        return now >= job.createdAt + Int64(lag * 1000)
    }

    private static func entry(of job: SimulatedJob, at now: Int64) -> JSONValue {
        let showsUUID = !job.behaviours.contains(.recoverWithoutUUID)
        return .members([
            "runId": .string(job.runID),
            "id": .string(job.runID),
            "model": .string(job.model),
            "status": .string(StatusWord.lower(job.phase(at: now))),
            "createdAt": .string(CalendarText.rfc3339(job.createdAt)),
            "conversationUUID": showsUUID ? job.conversationUUID.map { .string($0) } : nil,
        ])
    }

    /// Extends a Midjourney run: a new run, charged like one.
    mutating func extend(_ request: APIRequest, at now: Int64) -> Reply {
        let wait = extends[request.peer, default: SlidingWindow(length: 60_000)]
            .admit(limit: settings.extendPerMinute, at: now)
        if let wait { return limitReply(waiting: wait) }
        guard let body = request.json, case .object = body else {
            return .error(.badRequest, "Invalid JSON in request body")
        }
        guard let runID = body["runId"]?.string ?? body["taskId"]?.string else {
            return .error(.badRequest, "runId is required")
        }
        guard let index = (body["index"] ?? 0).integer, 0...3 ~= index else {
            return .error(.badRequest, "index must be between 0 and 3")
        }
        guard !["video", "videoUrl", "videoDataUrl", "videoAttachmentId"].contains(where: { body.has($0) })
        else {
            return .error(.badRequest, "Video fields are not accepted here")
        }
        guard let parent = jobs[runID] else { return .error(.notFound, "Video generation request not found") }
        guard parent.apiKey == request.apiKey else { return .error(.forbidden, "This run is not yours") }
        guard parent.model == "midjourney-video" else {
            return .error(.badRequest, "Only Midjourney videos can be extended here")
        }
        guard parent.phase(at: now) == .completed, index < max(4, parent.videoCount) else {
            return .error(.badRequest, "The video is not ready to be extended")
        }
        return place(extensionOf: parent, index: index, request: request, at: now)
    }

    private mutating func place(
        extensionOf parent: SimulatedJob,
        index: Int,
        request: APIRequest,
        at now: Int64
    ) -> Reply {
        settle(at: now)
        let model = directory[parent.model]
        let cost =
            model?.priceMicros(of: .object([]), standard: settings.defaultPriceUSD) ?? parent.costMicros
        guard account[.usd] >= cost else { return Self.insufficientBalance(cost) }
        ordinal += 1
        let order = Order(
            model: parent.model,
            prompt: "extend \(parent.runID) \(index)",
            conversationUUID: request.json?["conversationUUID"]?.string ?? parent.conversationUUID,
            key: parent.apiKey,
            requestID: request.requestID,
            costMicros: cost,
            ordinal: ordinal,
            behaviours: BehaviourSet()
        )
        let job = makeJob(order, .usd, at: now)
        let runID = JSONValue.string(job.runID)
        return .json(
            [
                "success": true, "runId": runID, "id": runID, "taskId": runID, "status": "pending",
                "model": .string(job.model),
                "message": .string("Extending video \(index + 1) by 5 seconds..."), "eta": 60,
            ],
            .accepted
        )
    }

    /// Redirects to the bytes of a video.
    mutating func content(_ request: APIRequest, at now: Int64) -> Reply {
        guard let runID = request.query["runId"], !runID.isEmpty else {
            return .statusError(.badRequest, "Missing runId parameter")
        }
        guard var job = jobs[runID] else {
            return .statusError(.notFound, "Video generation request not found")
        }
        guard job.apiKey == request.apiKey else { return .statusError(.forbidden, "Forbidden") }
        guard job.phase(at: now) == .completed else {
            return .statusError(.badRequest, "The video is not ready")
        }
        guard request.query["variant"] ?? "video" == "video" else {
            return .statusError(.notFound, "There is no such variant")
        }
        let urls = signedURLs(of: &job, at: now)
        jobs[runID] = job
        guard let index = Int(request.query["index"] ?? "0"), urls.indices.contains(index) else {
            return .statusError(.badRequest, "There is no video of this index")
        }
        guard !job.behaviours.contains(.contentJSON) else { return .json(["url": .string(urls[index])]) }
        return Reply(status: .found).with(.location, urls[index])
    }
}
