import Synchronization

/// One question that many ask: whoever asks while it is being answered, or just after, gets the same answer.
///
/// Clients can ask as often as they like; what they ask costs something elsewhere, a request to the provider.
final class SharedInquiry<Answer: Sendable, C: Clock>: Sendable
where C.Duration == Duration, C.Instant: Sendable {
    private struct State {
        var isAsking = false
        var waiting: [CheckedContinuation<Answer, Never>] = []
        var last: (answer: Answer, at: C.Instant)?
    }

    private let freshFor: Duration
    private let clock: C
    private let state = Mutex(State())

    /// Makes an inquiry that nobody has made yet.
    ///
    /// - Parameters:
    ///   - freshFor: How long an answer counts.
    ///   - clock: What that is measured with.
    init(freshFor: Duration, clock: C) {
        self.freshFor = freshFor
        self.clock = clock
    }

    /// Asks, or takes the answer that others get.
    ///
    /// - Parameter ask: Asks; must return even when its task is cancelled, since others wait for it.
    /// - Returns: The answer.
    func answer(_ ask: () async -> Answer) async -> Answer {
        let now = clock.now
        let (isMine, known) = state.withLock { state -> (Bool, Answer?) in
            if let last = state.last, last.at.duration(to: now) < freshFor {
                return (false, last.answer)
            }
            defer { state.isAsking = true }
            return (!state.isAsking, nil)
        }
        if let known {
            return known
        }
        guard isMine else { return await wait() }
        let answer = await ask()
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            state.isAsking = false
            state.last = (answer, clock.now)
            return state.waiting
        }
        for continuation in waiting {
            continuation.resume(returning: answer)
        }
        return answer
    }

    private func wait() async -> Answer {
        await withCheckedContinuation { continuation in
            let known = state.withLock { state -> Answer? in
                // The answer may have come in between.
                guard state.isAsking else { return state.last?.answer }
                state.waiting.append(continuation)
                return nil
            }
            if let known {
                continuation.resume(returning: known)
            }
        }
    }
}
