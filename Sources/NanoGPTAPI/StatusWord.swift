/// The provider's words for the state of a run, in normal form (FACTS 4.4).
enum StatusWord: Hashable, Sendable {
    case queued
    case running
    case done
    case failed
    case canceled
    /// A word that we do not know: go on asking.
    case unknown

    /// Reads a word; case, hyphens and spaces do not count (C4).
    init(_ word: String) {
        switch word.normalisedWord {
        case "in_queue", "queued", "queue", "pending", "submitted", "not_start": self = .queued
        case "in_progress", "processing", "running", "executing", "generating", "delivering", "uploading",
            "finishing":
            self = .running
        case "completed", "complete", "succeeded", "success": self = .done
        case "failed", "failure", "error", "content_policy_violation": self = .failed
        case "canceled", "cancelled": self = .canceled
        default: self = .unknown
        }
    }
}
