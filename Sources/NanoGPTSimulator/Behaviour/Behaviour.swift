/// One thing that the simulator can do differently for a job.
///
/// The raw value is the word that prompts, rules and the control endpoints use.
public enum Behaviour: String, CaseIterable, Hashable, Sendable {
    // MARK: Answers to a submission, without a job

    case policy, balance, unauthorized, forbidden, invalid
    case rateLimited = "rate-limited"
    case rateLimitedDate = "rate-limited-date"
    case dailyLimit = "daily-limit"
    case retryAfter = "retry-after"
    case tooLarge = "too-large"
    case resetBeforeAccept = "reset-before-accept"
    case errorBeforeAccept = "error-before-accept"
    case gatewayBeforeAccept = "gateway-before-accept"
    case redirectBeforeAccept = "redirect-before-accept"
    case timeoutBeforeAccept = "timeout-before-accept"

    // MARK: Answers to a submission, with a job

    case resetAfterAccept = "reset-after-accept"
    case errorAfterAccept = "error-after-accept"
    case gatewayAfterAccept = "gateway-after-accept"
    case garbledAfterAccept = "garbled-after-accept"
    case cutAfterAccept = "cut-after-accept"
    case timeoutAfterAccept = "timeout-after-accept"
    case slowAccept = "slow-accept"
    case submit200 = "submit-200"
    case submitS1 = "submit-s1"
    case submitMinimal = "submit-minimal"
    case submitProject = "submit-project"
    case submitStatus = "submit-status"

    // MARK: Money

    case xno, cost, refund
    case finalCost = "final-cost"
    case noCost = "no-cost"

    // MARK: The course of a job

    case slow, processing, stuck, failed, canceled
    case stuckRunning = "stuck-running"
    case failedObject = "failed-object"
    case failedSilent = "failed-silent"
    case failedLate = "failed-late"
    case policyLate = "policy-late"

    // MARK: The shape of status answers

    case flat, skills, booleans, multi, webm
    case lowerCase = "lower-case"
    case s2Words = "s2-words"
    case statusWord = "status-word"
    case oddStates = "odd-states"
    case noProgress = "no-progress"
    case legacyOnly = "legacy-only"
    case urlAt = "url-at"
    case relativeURL = "relative-url"
    case contentJSON = "content-json"
    case noURLFirst = "no-url-first"

    // MARK: Faults of status answers

    case htmlStatus = "html-status"
    case brokenJSONStatus = "broken-json-status"
    case status403First = "status-403-first"
    case status404First = "status-404-first"
    case status429First = "status-429-first"
    case status500First = "status-500-first"
    case status502First = "status-502-first"
    case status503First = "status-503-first"
    case resetStatus = "reset-status"
    case slowStatus = "slow-status"
    case timeoutStatus = "timeout-status"

    // MARK: Recover

    case lateRecover = "late-recover"
    case recoverWithoutUUID = "recover-without-uuid"
    case recoverMissing = "recover-missing"

    // MARK: Downloads

    case truncated, expired, gone, trickle, stalled
    case truncatedAlways = "truncated-always"
    case resetMedia = "reset-media"
    case htmlVideo = "html-video"
    case jsonVideo = "json-video"
    case garbageVideo = "garbage-video"
    case emptyVideo = "empty-video"
    case noRange = "no-range"
    case noValidator = "no-validator"
    case changingFile = "changing-file"
    case noLength = "no-length"
    case wrongType = "wrong-type"
    case noType = "no-type"
    case media429First = "media-429-first"
    case media500First = "media-500-first"
    case mediaRedirect = "media-redirect"
    case videoBytes = "video-bytes"

    /// Finds the behaviour that a word names.
    ///
    /// - Parameter word: The name; case does not matter, `_` counts as `-`.
    /// - Returns: The behaviour, or nil for an unknown word.
    public static func named(_ word: some StringProtocol) -> Behaviour? {
        Behaviour(rawValue: String(word.lowercased().map { $0 == "_" ? "-" : $0 }))
    }
}
