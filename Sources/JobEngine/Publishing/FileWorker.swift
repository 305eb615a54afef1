import Dispatch
import Synchronization

/// Runs blocking file calls beside the cooperative thread pool, a few at a time.
///
/// An fsync may take seconds; on the pool it would stop every other task of the daemon.
final class FileWorker: Sendable {
    private struct State {
        var waiting: [@Sendable () -> Void] = []
        var running = 0
    }

    private let queue: DispatchQueue
    private let limit: Int
    private let state = Mutex(State())

    /// Makes a worker.
    ///
    /// - Parameters:
    ///   - label: The queue's name in debuggers.
    ///   - limit: How many calls run at a time, 1 or more.
    init(label: String, limit: Int) {
        queue = DispatchQueue(label: label, attributes: .concurrent)
        self.limit = limit
    }

    /// Runs a function that blocks; calls are begun in the order in which they came.
    func run<Value: Sendable, Failure: Error>(
        _ body: @escaping @Sendable () throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let result: Result<Value, Failure> = await withCheckedContinuation { continuation in
            enqueue {
                do throws(Failure) {
                    continuation.resume(returning: .success(try body()))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try result.get()
    }

    private func enqueue(_ call: @escaping @Sendable () -> Void) {
        let mayStart = state.withLock { state in
            state.waiting.append(call)
            guard state.running < limit else { return false }
            state.running += 1
            return true
        }
        if mayStart {
            queue.async { self.drain() }
        }
    }

    /// Every call in `waiting` is taken by a drain that is running: one ends only under the lock, with nothing left.
    private func drain() {
        while let call = next() {
            call()
        }
    }

    private func next() -> (@Sendable () -> Void)? {
        state.withLock { state in
            guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
            state.running -= 1
            return nil
        }
    }
}
