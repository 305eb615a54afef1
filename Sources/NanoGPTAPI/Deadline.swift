/// What a limited operation threw when its time was over.
struct DeadlineExceeded: Error {}

/// What happened first, or next, within a time limit.
private enum DeadlineEvent<Value: Sendable>: Sendable {
    case ended(Result<Value, any Error>)
    case woke(inTime: Bool)
}

/// Runs an operation, cancels it when the time is over, and returns its value even if it came at the last moment.
///
/// The operation has ended in any case when this returns, so what it did can be relied on.
func withDeadline<Value: Sendable>(
    _ limit: Duration,
    clock: any Clock<Duration>,
    _ operation: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: DeadlineEvent<Value>.self) { group in
        group.addTask {
            do {
                return .ended(.success(try await operation()))
            } catch {
                return .ended(.failure(error))
            }
        }
        group.addTask {
            do {
                try await clock.sleep(for: limit)
                return .woke(inTime: true)
            } catch {
                // Cancelled, by us or from outside: the operation's own end says what came of it.
                return .woke(inTime: false)
            }
        }
        var timeIsOver = false
        while let event = try await group.next() {
            switch event {
            case .woke(let inTime):
                timeIsOver = inTime
                group.cancelAll()
            case .ended(.success(let value)):
                group.cancelAll()
                return value
            case .ended(.failure(let error)):
                group.cancelAll()
                throw timeIsOver ? DeadlineExceeded() : error
            }
        }
        // Not reached: the operation always reports its end.
        throw CancellationError()
    }
}
