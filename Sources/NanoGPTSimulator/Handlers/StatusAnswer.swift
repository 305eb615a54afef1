/// The body of a status answer, in the shape that the job's behaviours ask for.
struct StatusAnswer {
    let job: SimulatedJob
    let phase: SimulatedJob.Phase
    let now: Int64
    let urls: [String]
    let isLegacy: Bool

    private static let policyMessage =
        "Content flagged as inappropriate. Please modify your prompt and try again."

    /// The body.
    var json: JSONValue {
        if job.behaviours.contains(.flat) { return flat }
        if job.behaviours.contains(.skills) { return skills }
        if job.behaviours.contains(.booleans) { return booleans }
        return enveloped
    }

    private var place: URLPlace {
        let named = job.behaviours.value(of: .urlAt).flatMap { URLPlace(rawValue: $0) }
        return named ?? (job.behaviours.contains(.multi) ? .outputVideos : .outputVideoURL)
    }

    private var word: JSONValue? { StatusWord.word(of: job, phase).map { .string($0) } }

    /// The cost that an ended run reports.
    private var cost: JSONValue? {
        guard phase == .completed, !job.behaviours.contains(.noCost) else { return nil }
        let micros = Double(job.costMicros) / 1_000_000
        return .number(job.behaviours.number(.finalCost, default: micros) ?? micros)
    }

    private var enveloped: JSONValue {
        let id = isLegacy ? "request_id" : "requestId"
        var data: [JSONValue.Member] = []
        if let word { data.append(.init(name: "status", value: word)) }
        data.append(.init(name: id, value: .string(job.runID)))
        data += progress
        if !urls.isEmpty, !place.isAtRoot { data.append(place.member(urls)) }
        if let cost { data.append(.init(name: "cost", value: cost)) }
        data += failure
        var root: [JSONValue.Member] = []
        if !isLegacy {
            root.append(.init(name: "requestId", value: .string(job.runID)))
            root.append(.init(name: "model", value: .string(job.model)))
        }
        root.append(.init(name: "data", value: .object(data)))
        if !urls.isEmpty, place.isAtRoot { root.append(place.member(urls)) }
        return .object(root)
    }

    private var progress: [JSONValue.Member] {
        guard !job.behaviours.contains(.noProgress), !phase.isOver else { return [] }
        guard case .running(let percent) = phase else {
            return [
                .init(name: "details", value: "Video is waiting in the queue"),
                .init(name: "progress", value: 0),
            ]
        }
        return [
            .init(name: "details", value: "Video is being generated"),
            .init(name: "progress", value: .integer(percent)),
            .init(name: "estimatedTimeRemaining", value: .integer(job.secondsLeft(at: now))),
        ]
    }

    private var failure: [JSONValue.Member] {
        guard phase == .failed else { return [] }
        if job.behaviours.contains(.policyLate) {
            return [
                .init(name: "error", value: "Content policy violation"),
                .init(name: "isNSFWError", value: true),
                .init(name: "userFriendlyError", value: .string(Self.policyMessage)),
            ]
        }
        if job.behaviours.contains(.failedSilent) {
            return [
                .init(name: "error", value: .null),
                .init(name: "isNSFWError", value: false),
                .init(name: "userFriendlyError", value: "Something went wrong. Please try again."),
            ]
        }
        return [.init(name: "error", value: error)]
    }

    private var error: JSONValue {
        guard phase == .failed else { return .null }
        if job.behaviours.contains(.policyLate) { return "Content policy violation" }
        if job.behaviours.contains(.failedSilent) { return .null }
        guard job.behaviours.contains(.failedObject) else { return "Video generation failed" }
        return [
            "message": "The provider could not generate the video", "type": "provider_error",
            "code": "generation_failed",
        ]
    }

    /// The shape of the published schema: no envelope, nullable members.
    private var flat: JSONValue {
        let percent: JSONValue =
            switch phase {
            case .queued: 0
            case .running(let percent): .integer(percent)
            case .completed: 100
            case .failed, .canceled: .null
            }
        var members: JSONValue = .members([
            "requestId": .string(job.runID),
            "status": word,
            "progress": percent,
            "estimatedTimeRemaining": phase.isOver ? .null : .integer(job.secondsLeft(at: now)),
            "videoUrl": .stringOrNull(urls.first),
            "error": error,
            "createdAt": .string(CalendarText.rfc3339(job.createdAt)),
            "completedAt": .stringOrNull(phase.isOver ? CalendarText.rfc3339(job.endsAt) : nil),
        ])
        if urls.count > 1 {
            members = .object(members.members + [URLPlace.outputVideos.member(urls)])
        }
        return members
    }

    private var skills: JSONValue {
        .members([
            "status": word, "videoUrl": urls.first.map { .string($0) },
            "error": phase == .failed ? error : nil,
        ])
    }

    /// The shape of 2025: booleans, and a `requestId` that names the HTTP request.
    private var booleans: JSONValue {
        let isSuccess = phase == .completed
        return [
            "data": .members([
                "status": phase == .queued ? "QUEUED" : word,
                "isCompleted": .bool(phase.isOver),
                "isSuccess": .bool(isSuccess),
                "output": urls.first.map { ["url": .string($0), "size": .integer(job.video(0).size)] }
                    ?? .null,
                "error": error,
                "projectId": "00000000-0000-4000-8000-000000000000",
            ]),
            "requestId": .string("11111111-1111-4111-8111-\(String(now, radix: 16))"),
            "paymentSource": job.behaviours.contains(.xno) ? "XNO" : "USD",
        ]
    }
}
