import JobCore
import JobEngine

/// A point on a job's way at which the process can die.
enum CrashPoint: Hashable, Sendable, CustomStringConvertible {
    /// What crosses the border between the engine and the world.
    enum Step: Hashable, Sendable {
        /// A commit of the journal; the word says what it makes durable of the job.
        case commit(String)
        /// The paid request.
        case submit
        /// A question about the run.
        case status
        /// A look at the provider's list.
        case look
        /// A download.
        case download
        /// The removal of what is left in the staging directory.
        case removeStaging
    }

    /// Nothing of the step has happened.
    case before(Step)
    /// The step has happened, and nobody heard of it.
    case after(Step)
    /// Before the publisher does this to the disk.
    case disk(PublishingEffect)

    var description: String {
        switch self {
        case .before(let step): "before \(step)"
        case .after(let step): "after \(step)"
        case .disk(let effect): "before \(effect) on the disk"
        }
    }

    /// Whether somebody has to decide afterwards: the intent is on disk, and no request was sent.
    var leavesTheSubmissionUnknown: Bool {
        self == .after(.commit("submitting")) || self == .before(.submit)
    }

    /// The points of one job that meets no trouble, in the order in which it passes them first.
    static let plainWay: [CrashPoint] =
        around(.commit("submitting")) + around(.submit) + around(.commit("in_queue")) + around(.status)
        + around(.commit("in_progress")) + around(.commit("downloading"))
        + disk(.openPart) + [.before(.download)] + disk(.dropRecord, .emptyPart, .writeRecord, .writePart)
        + [.after(.download)] + disk(.syncPart, .movePart, .syncStaged, .removeRecord)
        + around(.commit("downloading, staged"))
        + disk(.makeSubdirectory, .writeReceipt, .syncReceipt, .syncVideo, .markMove)
        + disk(.moveReceipt, .moveVideo, .syncOutput, .syncStaging)
        + around(.commit("completed")) + around(.removeStaging)

    private static func disk(_ effects: PublishingEffect...) -> [CrashPoint] {
        effects.map { .disk($0) }
    }

    private static func around(_ step: Step) -> [CrashPoint] {
        [.before(step), .after(step)]
    }

    /// What a batch of changes makes durable, in a few words.
    static func words(_ changes: [JournalChange]) -> String {
        for change in changes.reversed() {
            guard case .job(let job) = change else { continue }
            var words = job.state.word.rawValue
            if case .delivering(let delivery) = job.attempts.last?.phase {
                let isStaged = delivery.items.contains { $0.staged != nil && !$0.published }
                words +=
                    isStaged ? ", staged" : delivery.items.contains(where: \.published) ? ", published" : ""
            }
            return words
        }
        return "no job"
    }
}
