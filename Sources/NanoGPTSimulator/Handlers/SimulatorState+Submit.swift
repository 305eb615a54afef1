import HTTPTypes

extension SimulatorState {
    /// Answers a submission: checks, charges, makes the run.
    mutating func submit(_ request: APIRequest, at now: Int64) -> Reply {
        let wait = submits[request.peer, default: SlidingWindow(length: 60_000)]
            .admit(limit: settings.submitPerMinute, at: now)
        if let wait { return limitReply(waiting: wait) }
        if request.isTooLarge { return Reply(status: .contentTooLarge) }
        guard isValid(request.apiKey), let key = request.apiKey else { return Self.unauthorized(request) }
        guard let body = request.json, case .object = body else {
            return .error(.badRequest, "Invalid JSON in request body")
        }
        guard let name = body["model"]?.string, !name.isEmpty else {
            return .error(.badRequest, "Model is required")
        }
        guard let model = directory[name], !directory.removed.contains(name) else {
            return .error(.badRequest, "Unknown video model: \(name)")
        }
        if let refusal = model.refusal(
            of: body,
            foreignMedia: settings.strictMedia ? directory.mediaNames : []
        ) {
            guard let type = refusal.type else { return .error(.badRequest, refusal.message) }
            return .typedError(.badRequest, refusal.message, type: type)
        }
        let order: Order
        do {
            order = try makeOrder(body, model: model, key: key, request: request)
        } catch {
            return .error(.badRequest, "\(error)")
        }
        return place(order, at: now)
    }

    /// What a valid submission asks for.
    struct Order {
        let model: String
        let prompt: String
        let conversationUUID: String?
        let key: String
        let requestID: String
        let costMicros: Int64
        let ordinal: Int
        let behaviours: BehaviourSet
    }

    private mutating func makeOrder(
        _ body: JSONValue,
        model: DirectoryModel,
        key: String,
        request: APIRequest
    ) throws -> Order {
        let prompt = body["prompt"]?.string ?? body["text"]?.string ?? body["script"]?.string ?? ""
        let marked = try PromptMarker.behaviours(in: prompt)
        ordinal += 1
        var behaviours = BehaviourSet()
        for index in rules.indices {
            let active = rules[index]
            guard active.used < active.rule.times ?? .max else { continue }
            guard active.rule.matches(prompt: prompt, model: model.id, ordinal: ordinal) else { continue }
            rules[index].used += 1
            behaviours.merge(active.rule.behaviours)
        }
        behaviours.merge(marked)
        let price = behaviours.number(.cost, default: 0).map { Int64($0 * 1_000_000 + 0.5) }
        return Order(
            model: model.id,
            prompt: prompt,
            conversationUUID: body["conversationUUID"]?.string,
            key: key,
            requestID: request.requestID,
            costMicros: price ?? model.priceMicros(of: body, standard: settings.defaultPriceUSD),
            ordinal: ordinal,
            behaviours: behaviours
        )
    }

    private mutating func place(_ order: Order, at now: Int64) -> Reply {
        settle(at: now)
        if let refusal = refusal(of: order, at: now) { return refusal }
        let currency: Currency = order.behaviours.contains(.xno) ? .xno : .usd
        guard account[currency] >= order.costMicros else {
            return Self.insufficientBalance(order.costMicros)
        }
        let job = makeJob(order, currency, at: now)
        return acceptance(of: job, order, currency)
    }

    /// The 402 of a balance that does not reach.
    static func insufficientBalance(_ costMicros: Int64) -> Reply {
        .json(
            [
                "error": "Insufficient balance", "status": 402,
                "requiredBalance": .number(Double(costMicros) / 1_000_000),
            ],
            HTTPResponse.Status(code: 402, reasonPhrase: "Payment Required")
        )
    }

    /// Makes a run and charges for it.
    mutating func makeJob(_ order: Order, _ currency: Currency, at now: Int64) -> SimulatedJob {
        let runID = makeRunID(order.behaviours.contains(.submitS1) ? "fal-request-" : "vid_", at: now)
        let charge = charge(
            order.costMicros,
            currency,
            for: runID,
            model: order.model,
            prompt: order.prompt,
            conversationUUID: order.conversationUUID,
            requestID: order.requestID,
            at: now
        )
        let spread = settings.processingSpreadSeconds * Double(order.ordinal * 37 % 100) / 100
        let standard = settings.processingSeconds + spread
        let slow = order.behaviours.number(.slow, default: 30)
        let seconds = order.behaviours.number(.processing, default: standard) ?? slow ?? standard
        let job = SimulatedJob(
            runID: runID,
            ordinal: order.ordinal,
            model: order.model,
            prompt: order.prompt,
            conversationUUID: order.conversationUUID,
            apiKey: order.key,
            createdAt: now,
            duration: Int64(seconds * 1000),
            behaviours: order.behaviours,
            charge: charge,
            costMicros: order.costMicros,
            videoBytes: order.behaviours.number(.videoBytes, default: 0).map { Int($0) }
                ?? settings.videoBytes
        )
        jobs[runID] = job
        self.order.append(runID)
        // Only the ends that move money need to be looked at again.
        let ends: [Behaviour] = [
            .failed, .failedObject, .failedSilent, .failedLate, .policyLate, .canceled, .finalCost,
        ]
        if ends.contains(where: { order.behaviours.contains($0) }) { unsettled.append(runID) }
        return job
    }

    /// `vid_`, the milliseconds in base 36, and nine random characters.
    private mutating func makeRunID(_ prefix: String, at now: Int64) -> String {
        let letters = Array("0123456789abcdefghijklmnopqrstuvwxyz")
        let tail = (0..<9).map { _ in letters[Int.random(in: 0..<36, using: &random)] }
        return prefix + String(now, radix: 36) + String(tail)
    }
}
