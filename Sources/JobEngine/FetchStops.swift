import JobCore
import Synchronization

/// Stops single downloads: each waits on a stream that ends when somebody wants it to stop.
final class FetchStops: Sendable {
    private struct State {
        var running: [AttemptKey: AsyncStream<Never>.Continuation] = [:]
        var allStopped = false
    }

    private let state = Mutex(State())

    /// The stream that ends when the download has to stop.
    func stream(for key: AttemptKey) -> AsyncStream<Never> {
        let (stream, continuation) = AsyncStream<Never>.makeStream()
        let stopNow = state.withLock { state in
            if !state.allStopped {
                state.running[key] = continuation
            }
            return state.allStopped
        }
        if stopNow {
            continuation.finish()
        }
        return stream
    }

    /// The download is over.
    func ended(_ key: AttemptKey) {
        state.withLock { $0.running.removeValue(forKey: key) }?.finish()
    }

    /// Stops one download, if it runs.
    func stop(_ key: AttemptKey) {
        state.withLock { $0.running[key] }?.finish()
    }

    /// Stops every download, now and later.
    func stopAll() {
        let running = state.withLock { state in
            state.allStopped = true
            return Array(state.running.values)
        }
        for continuation in running {
            continuation.finish()
        }
    }
}
