/// The words for the phases of a job, in the dialects of the documents.
enum StatusWord {
    /// `IN_QUEUE`, `IN_PROGRESS`, `COMPLETED`, `FAILED`, `CANCELED`.
    static func upper(_ phase: SimulatedJob.Phase) -> String {
        switch phase {
        case .queued: "IN_QUEUE"
        case .running: "IN_PROGRESS"
        case .completed: "COMPLETED"
        case .failed: "FAILED"
        case .canceled: "CANCELED"
        }
    }

    /// `queued`, `processing`, `completed`, `failed`, `cancelled`.
    static func lower(_ phase: SimulatedJob.Phase) -> String {
        switch phase {
        case .queued: "queued"
        case .running: "processing"
        case .completed: "completed"
        case .failed: "failed"
        case .canceled: "cancelled"
        }
    }

    /// The words for a job; nil is an answer without a status.
    static func word(of job: SimulatedJob, _ phase: SimulatedJob.Phase) -> String? {
        let behaviours = job.behaviours
        if let word = behaviours.value(of: .statusWord) { return word }
        if behaviours.contains(.oddStates), case .running(let percent) = phase {
            let words: [String?] = ["generating", "unknown", nil, "delivering"]
            return words[min(3, max(0, percent - 20) / 20)]
        }
        if behaviours.contains(.s2Words) {
            if phase == .completed { return "succeeded" }
            guard case .running(let percent) = phase else { return lower(phase) }
            return ["processing", "generating", "delivering"][min(2, percent / 34)]
        }
        let isLower = [.lowerCase, .flat, .skills].contains { behaviours.contains($0) }
        return isLower ? lower(phase) : upper(phase)
    }
}
