/// One run.
struct SimulatedJob: Sendable {
    /// Where a run is in its course.
    enum Phase: Equatable {
        /// Waits; goes on to ``running(percent:)`` or stays.
        case queued
        /// Is worked on; goes on to an end or stays.
        case running(percent: Int)
        /// Is over: the video is there.
        case completed
        /// Is over without a video, and refunded.
        case failed
        /// Is over, canceled by the provider, and refunded.
        case canceled

        var isOver: Bool { self == .completed || self == .failed || self == .canceled }
    }

    let runID: String
    let ordinal: Int
    let model: String
    let prompt: String
    let conversationUUID: String?
    /// The key that made it; other keys get 403.
    var apiKey: String
    let createdAt: Int64
    /// Milliseconds from ``createdAt`` to the end.
    var duration: Int64
    var behaviours: BehaviourSet
    /// The position of its charge in the ledger.
    let charge: Int
    var costMicros: Int64
    let videoBytes: Int
    /// Whether the money of its end has been booked.
    var isSettled = false
    /// How often counted behaviours have applied.
    var used: [Behaviour: Int] = [:]
    /// How often counted behaviours have applied to downloads, by video.
    var usedByVideo: [Int: [Behaviour: Int]] = [:]
    /// How many URLs have been handed out, and until when the last one works.
    var urlGeneration = 0
    var urlExpiry: Int64 = 0

    /// The end, in milliseconds since the epoch.
    var endsAt: Int64 { createdAt + duration }

    /// The number of its videos.
    var videoCount: Int { max(1, behaviours.times(.multi, default: 4) ?? 1) }

    /// The letters after the dot of its videos.
    var fileExtension: String { behaviours.contains(.webm) ? "webm" : "mp4" }

    /// The end that the behaviours ask for.
    private var outcome: Phase {
        if behaviours.contains(.canceled) { return .canceled }
        let failures: [Behaviour] = [.failed, .failedObject, .failedSilent, .failedLate, .policyLate]
        return failures.contains { behaviours.contains($0) } ? .failed : .completed
    }

    /// Where the run is at a time.
    func phase(at now: Int64) -> Phase {
        let elapsed = max(0, now - createdAt)
        if behaviours.contains(.stuck) || (elapsed < duration && elapsed * 5 < duration) { return .queued }
        let share = duration == 0 ? 100 : Int(elapsed * 100 / duration)
        if behaviours.contains(.stuckRunning) { return .running(percent: min(share, 50)) }
        if elapsed >= duration { return outcome }
        if behaviours.contains(.failedLate) { return .running(percent: min(share * 2, 100)) }
        return .running(percent: min(share, 99))
    }

    /// Seconds until the end, as far as it is known.
    func secondsLeft(at now: Int64) -> Int64 { max(0, (endsAt - now + 999) / 1000) }

    /// Takes one of the times that a counted behaviour applies.
    ///
    /// - Parameters:
    ///   - behaviour: The behaviour.
    ///   - count: How often it applies without a value.
    /// - Returns: Whether it applies now.
    mutating func takes(_ behaviour: Behaviour, default count: Int) -> Bool {
        guard let times = behaviours.times(behaviour, default: count), used[behaviour, default: 0] < times
        else {
            return false
        }
        used[behaviour, default: 0] += 1
        return true
    }

    /// As ``takes(_:default:)``, counted for one video.
    mutating func takes(_ behaviour: Behaviour, default count: Int, video: Int) -> Bool {
        let taken = usedByVideo[video]?[behaviour] ?? 0
        guard let times = behaviours.times(behaviour, default: count), taken < times else { return false }
        usedByVideo[video, default: [:]][behaviour] = taken + 1
        return true
    }
}
