import ControlClient
import Glibc

/// The end of a wait; every wait of these tests has one.
struct Deadline {
    private let end: Duration

    init(after duration: Duration) {
        end = SystemTime.monotonic + duration
    }

    /// Whether the time is over.
    var isOver: Bool {
        SystemTime.monotonic >= end
    }

    /// The time that is left.
    var remaining: Duration {
        max(.zero, end - SystemTime.monotonic)
    }

    /// Waits until a descriptor is readable, or cut.
    ///
    /// - Returns: The index of the first such descriptor, nil when the time is over.
    func firstReadable(of descriptors: [Int32]) -> Int? {
        while true {
            var entries = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            let (seconds, attoseconds) = remaining.components
            let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000 + 1
            let count = poll(&entries, nfds_t(entries.count), Int32(clamping: milliseconds))
            if count > 0 {
                return entries.firstIndex { $0.revents != 0 }
            }
            if count == 0 && isOver {
                return nil
            }
        }
    }

    /// Asks again and again, for what tells nobody when it changes.
    ///
    /// - Parameters:
    ///   - what: Named when the time is over.
    ///   - answer: The question; nil means not yet.
    /// - Returns: The first answer.
    /// - Throws: When the time is over, or what the question throws.
    @discardableResult
    func first<Answer>(_ what: String, _ answer: () throws -> Answer?) throws -> Answer {
        while true {
            if let found = try answer() {
                return found
            }
            guard !isOver else { throw EndToEndError("in vain waited for: \(what)") }
            _ = Deadline(after: min(.milliseconds(20), remaining)).firstReadable(of: [])
        }
    }
}
