/// Wake-ups by key; setting a key again replaces its time.
public struct TimerQueue<Key: Hashable & Sendable>: Sendable {
    private struct Entry: Sendable {
        let due: Duration
        let order: UInt64
        let key: Key
    }

    private var heap: [Entry] = []
    private var current: [Key: UInt64] = [:]
    private var nextOrder: UInt64 = 0

    /// Makes an empty queue.
    public init() {}

    /// How many keys wait.
    public var count: Int {
        current.count
    }

    /// Whether a key waits.
    ///
    /// - Parameter key: The key.
    /// - Returns: Whether it does.
    public func contains(_ key: Key) -> Bool {
        current[key] != nil
    }

    /// Sets or replaces a wake-up.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - due: Uptime.
    public mutating func set(_ key: Key, at due: Duration) {
        nextOrder += 1
        current[key] = nextOrder
        heap.append(Entry(due: due, order: nextOrder, key: key))
        siftUp(heap.count - 1)
        if heap.count > 64, heap.count > current.count * 3 {
            rebuild()
        }
    }

    /// Removes a wake-up, if there is one.
    ///
    /// - Parameter key: The key.
    public mutating func cancel(_ key: Key) {
        current[key] = nil
    }

    /// The earliest wake-up.
    public mutating func earliest() -> Duration? {
        dropStale()
        return heap.first?.due
    }

    /// Takes the earliest key that is due.
    ///
    /// - Parameter now: Uptime.
    /// - Returns: The key, or nil when none is due.
    public mutating func popDue(at now: Duration) -> Key? {
        dropStale()
        guard let first = heap.first, first.due <= now else { return nil }
        removeFirst()
        current[first.key] = nil
        return first.key
    }

    private mutating func dropStale() {
        while let first = heap.first, current[first.key] != first.order {
            removeFirst()
        }
    }

    private mutating func rebuild() {
        heap.removeAll { current[$0.key] != $0.order }
        for index in stride(from: heap.count / 2, through: 0, by: -1) where index < heap.count {
            siftDown(index)
        }
    }

    private mutating func removeFirst() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        if !heap.isEmpty {
            siftDown(0)
        }
    }

    private func isBefore(_ left: Int, _ right: Int) -> Bool {
        (heap[left].due, heap[left].order) < (heap[right].due, heap[right].order)
    }

    private mutating func siftUp(_ start: Int) {
        var index = start
        while index > 0, isBefore(index, (index - 1) / 2) {
            heap.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    private mutating func siftDown(_ start: Int) {
        var index = start
        while true {
            var least = index
            for child in [2 * index + 1, 2 * index + 2] where child < heap.count && isBefore(child, least) {
                least = child
            }
            guard least != index else { return }
            heap.swapAt(index, least)
            index = least
        }
    }
}
