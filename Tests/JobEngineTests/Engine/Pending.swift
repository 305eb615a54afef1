import Synchronization

/// A value that comes later; nil until then.
final class Pending<Value: Sendable>: Sendable {
    private let state = Mutex<Value?>(nil)

    var value: Value? {
        state.withLock { $0 }
    }

    func set(_ value: Value) {
        state.withLock { $0 = value }
    }
}
