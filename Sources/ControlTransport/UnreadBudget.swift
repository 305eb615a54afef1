internal import Synchronization

/// Bounds the memory that answers take which their peers do not read.
///
/// Every connection may have 64 requests in flight, and every answer may have 6 MiB: peers that ask and do not read
/// could fill the memory. When there is no room for a long answer, the call gets an error instead, and connections
/// that take nothing for a while are closed; short answers are always written.
final class UnreadBudget: Sendable {
    /// How many bytes there may be over all connections.
    let maximum: Int
    private let bytes = Atomic(0)

    /// Makes a budget.
    ///
    /// - Parameter maximum: How many bytes there may be.
    init(maximum: Int) {
        self.maximum = maximum
    }

    /// Notes that more bytes wait, or, with a negative number, fewer.
    ///
    /// - Parameter change: How many.
    func add(_ change: Int) {
        bytes.add(change, ordering: .relaxed)
    }

    /// Whether a long answer may be written.
    ///
    /// - Parameter count: Its bytes.
    /// - Returns: Whether it fits.
    func hasRoom(for count: Int) -> Bool {
        total + count <= maximum
    }

    /// Whether readers that pause take memory from others.
    var isShort: Bool {
        total > maximum / 2
    }

    /// How many bytes wait.
    var total: Int {
        bytes.load(ordering: .relaxed)
    }
}
