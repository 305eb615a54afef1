import Synchronization

/// Lets a process pass so many points and no more.
///
/// From the point at which it dies nothing of it reaches the journal, the provider or the disk.
final class Death: Sendable {
    private struct State {
        var passed: [CrashPoint] = []
        var isDead = false
    }

    private let state = Mutex(State())
    private let limit: Int

    /// - Parameter limit: How many points it passes.
    init(after limit: Int = .max) {
        self.limit = limit
    }

    var isDead: Bool {
        state.withLock { $0.isDead }
    }

    /// The points it came to; at the last one it died, if it did.
    var points: [CrashPoint] {
        state.withLock { $0.passed }
    }

    /// Whether the process lives on.
    func passes(_ point: CrashPoint) -> Bool {
        state.withLock { state in
            guard !state.isDead else { return false }
            state.passed.append(point)
            state.isDead = state.passed.count > limit
            return !state.isDead
        }
    }
}
