import JSON

/// A job object of the protocol with its known members within reach; all else stays in `json`.
struct Job {
    /// The object as it came.
    let json: JSONValue
    /// The job's name.
    let id: String
    /// The state's word; a newer daemon may know further ones.
    let state: String

    /// Reads a job; `nil` when the value is none.
    init?(_ json: JSONValue?) {
        guard let json, let id = json["id"]?.stringValue, let state = json["state"]?.stringValue else {
            return nil
        }
        self.json = json
        self.id = id
        self.state = state
    }

    /// Reads the member `job` of a result.
    init(in result: JSONValue) throws(CommandFailure) {
        guard let job = Job(result["job"]) else {
            throw CommandFailure(.unreachable, "The daemon's answer holds no job.")
        }
        self = job
    }

    /// Whether nothing more happens without a person.
    var isOver: Bool {
        ["completed", "failed", "canceled", "held"].contains(state)
    }

    var reason: String? { text("reason") }
    var model: String { text("model") ?? "" }
    var label: String? { text("label") }
    var runID: String? { text("run_id") }
    var progress: Int? { json["progress"]?.intValue.map { min(100, max(0, $0)) } }
    var prompt: String? { json["request"]?["prompt"]?.stringValue }
    var owner: String? {
        json["owner"]?["user"]?.stringValue ?? json["owner"]?["uid"]?.intValue.map { String($0) }
    }

    /// What was charged so far.
    var cost: String? {
        MoneyText.text(json["cost"]?["charged"])
    }

    var createdAt: Int64? { time("created_at") }
    var completedAt: Int64? { time("completed_at") }

    /// The place in the queue, 1 for the job that is sent next.
    var queuePosition: Int? { state == "queued" ? json["queue_position"]?.intValue : nil }

    /// The published files.
    var files: [String] {
        let outputs = json["outputs"]?.arrayValue ?? json["output"].map { [$0] } ?? []
        return outputs.compactMap { $0["file"]?.stringValue }
    }

    /// Why it failed.
    var error: (message: String, hint: String?)? {
        guard let error = json["error"], let message = error["message"]?.stringValue else { return nil }
        return (message, error["data"]?["hint"]?.stringValue)
    }

    /// A text member of the object.
    func text(_ name: String) -> String? {
        json[name]?.stringValue
    }

    /// A time of the object in milliseconds since 1970.
    func time(_ name: String) -> Int64? {
        TimeText.milliseconds(text(name))
    }

    /// How long it took or has been going on, in milliseconds.
    func elapsed(now: Int64) -> Int64 {
        createdAt.map { max(0, (completedAt ?? now) - $0) } ?? 0
    }
}
