/// What the simulator knows about one run.
public struct JobReport: Hashable, Sendable {
    /// The id of the run.
    public let runID: String
    /// The model.
    public let model: String
    /// The prompt as it was sent.
    public let prompt: String
    /// The `conversationUUID` as it was sent.
    public let conversationUUID: String?
    /// The present state: `queued`, `processing`, `completed`, `failed`, `cancelled`.
    public let state: String
    /// The behaviours, as text.
    public let behaviours: String
    /// When it was made, in milliseconds since the epoch.
    public let createdAt: Int64
    /// When it ends or ended, in milliseconds since the epoch.
    public let endsAt: Int64
    /// The number of videos.
    public let videoCount: Int
    /// The size of each video, in bytes.
    public let videoBytes: Int
}

extension JobReport {
    init(_ job: SimulatedJob, at now: Int64) {
        runID = job.runID
        model = job.model
        prompt = job.prompt
        conversationUUID = job.conversationUUID
        state = StatusWord.lower(job.phase(at: now))
        behaviours = job.behaviours.text
        createdAt = job.createdAt
        endsAt = job.endsAt
        videoCount = job.videoCount
        videoBytes = job.video(0).size
    }

    /// The report as JSON.
    var json: JSONValue {
        [
            "run_id": .string(runID),
            "model": .string(model),
            "prompt": .string(prompt),
            "conversation_uuid": .stringOrNull(conversationUUID),
            "state": .string(state),
            "behaviours": .string(behaviours),
            "created_at": .string(CalendarText.rfc3339(createdAt)),
            "ends_at": .string(CalendarText.rfc3339(endsAt)),
            "videos": .integer(videoCount),
            "video_bytes": .integer(videoBytes),
        ]
    }
}
