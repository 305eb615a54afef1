import JobCore
import JobEngine
import Synchronization
import TestSupport

/// What is wrong with the provider at present, and what it therefore does.
final class WorldMood: Sendable {
    enum Word: CaseIterable {
        case well, wellAgain, mute, broke, keyRefused, limited, offline, confused
    }

    private struct State {
        var word = Word.well
        var isCalm = false
        var topUps: Int64 = 0
        var videos: UInt64 = 0
    }

    private let state = Mutex(State())
    private let dice: Dice

    init(seed: UInt64) {
        dice = Dice(seed: seed)
    }

    func change() {
        let word = Word.allCases[dice.below(Word.allCases.count)]
        state.withLock { $0.word = word }
    }

    /// From now on all is well.
    func calmDown() {
        state.withLock { state in
            state.isCalm = true
            state.word = .well
        }
    }

    private var word: Word {
        state.withLock { $0.word }
    }

    private var isCalm: Bool {
        state.withLock { $0.isCalm }
    }

    private static func fault(_ message: String) -> JobFault {
        JobFault(.providerError, message, charged: .unknown)
    }

    // MARK: The script

    func script(checking submission: @escaping @Sendable (AttemptUUID) -> Void) -> ProviderScript {
        var script = ProviderScript()
        script.submission = { uuid, _ in
            submission(uuid)
            return self.fate()
        }
        script.latency = { _ in self.latency() }
        script.takesAbandoned = { self.dice.chance(0.5) }
        script.status = { _, _ in self.status() }
        script.look = { _ in self.look() }
        script.account = { _ in self.account() }
        script.download = { _, _ in self.download() }
        script.urlLifetime = .seconds([3, 60, 3600][dice.below(3)])
        return script
    }

    private func latency() -> Duration {
        guard !isCalm, dice.chance(0.15) else { return .milliseconds(1 + dice.below(300)) }
        return .milliseconds(dice.below(60_000))
    }

    private func plan() -> RunPlan {
        let number = state.withLock { state in
            state.videos += 2
            return state.videos
        }
        let videos = [number, number + 1].map { SampleVideo.mp4(length: 60 + dice.below(40), seed: $0) }
        let luck = dice.below(100)
        return RunPlan(
            takes: .milliseconds(500 + dice.below(150_000)),
            ending: luck < 70
                ? .done([videos[0]]) : luck < 85 ? .done(videos) : luck < 93 ? .failed : .canceled,
            hiddenFor: dice.chance(0.7) ? .zero : .seconds(dice.below(3000))
        )
    }

    private func fate() -> SubmissionFate {
        if isCalm {
            return .accepted(plan())
        }
        switch word {
        case .well, .wellAgain, .confused:
            switch dice.below(20) {
            case 0: return .rejected(Self.fault("HTTP 400"))
            case 1, 2: return .answerLost(plan())
            case 3 where word == .confused: return .requestLost
            default: return .accepted(plan())
            }
        case .mute: return dice.chance(0.3) ? .answerLost(plan()) : .requestLost
        case .broke: return .refused(.balance(Self.fault("HTTP 402")))
        case .keyRefused: return .refused(.unauthorized(Self.fault("HTTP 401")))
        case .limited:
            let wait = Duration.seconds(dice.below(90))
            return .refused(.rateLimited(Self.fault("HTTP 429"), retryAfter: dice.chance(0.5) ? wait : nil))
        case .offline: return .refused(.unreachable(Self.fault("no route")))
        }
    }

    private func status() -> StatusOutcome? {
        switch word {
        case .keyRefused: .unauthorized(Self.fault("HTTP 401"))
        case .offline: .unavailable(Self.fault("no route"))
        case .mute where dice.chance(0.5): .unavailable(Self.fault("HTTP 503"))
        case .confused where dice.chance(0.3): .missing(Self.fault("HTTP 404"))
        case .limited where dice.chance(0.5):
            .rateLimited(Self.fault("HTTP 429"), retryAfter: dice.chance(0.5) ? .seconds(3) : nil)
        default: nil
        }
    }

    private func look() -> LookOutcome? {
        switch word {
        case .keyRefused: .unauthorized(Self.fault("HTTP 401"))
        case .offline: .unavailable(Self.fault("no route"))
        case .mute where dice.chance(0.6): .unavailable(Self.fault("HTTP 503"))
        case .limited where dice.chance(0.5): .rateLimited(Self.fault("HTTP 429"), retryAfter: nil)
        case .confused where dice.chance(0.3): .runs([])
        default: nil
        }
    }

    private func account() -> BalanceOutcome? {
        switch word {
        case .keyRefused: return .unauthorized(Self.fault("HTTP 401"))
        case .offline, .mute: return .unavailable(Self.fault("no route"))
        case .broke: return .balances([Money(micros: 1000, currency: "USD")])
        default:
            let topUps = state.withLock { state in
                state.topUps += 1
                return state.topUps
            }
            return .balances([Money(micros: 1_000_000_000 + topUps, currency: "USD")])
        }
    }

    private func download() -> DownloadFate {
        guard !isCalm else { return .whole }
        switch dice.below(20) {
        case 0..<4: return .breaksOff(after: dice.below(60))
        case 4, 5: return .expired
        default: return .whole
        }
    }
}
