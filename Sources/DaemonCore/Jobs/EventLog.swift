import ControlProtocol
import ControlTransport
import JSON
import JobCore

/// The newest events and who subscribes to them.
///
/// Each event is encoded once, whoever gets it.
struct EventLog {
    /// What a subscriber wants to see.
    struct Filter: Sendable {
        var id: String?
        var label: String?
        var uid: UInt32?
        var states: Set<String> = []
        var access: Access

        func admits(_ job: Job) -> Bool {
            access.sees(job) && (id == nil || id == job.id.description)
                && (label == nil || label == job.label)
                && (uid == nil || uid == job.owner.uid)
                && (states.isEmpty || states.contains(job.state.word.rawValue))
        }
    }

    private struct Event {
        let seq: Int
        let line: EventLine
        /// Nil for events of the daemon, which everybody gets.
        let job: JobText?
    }

    private struct Subscriber {
        let subscription: ControlSubscription
        let filter: Filter
    }

    /// How far back a subscriber can resume (CONTRACT section 3).
    static let capacity = 10_000

    /// Names this run of the daemon.
    let epoch: String
    /// The number of the newest event.
    private(set) var seq = 0
    private var events: [Event] = []
    private var head = 0
    private var subscribers: [Subscriber] = []

    init(epoch: String) {
        self.epoch = epoch
    }

    mutating func append(_ kind: String, _ text: JobText, holdUp: String?) {
        let bytes = text.bytes(brief: true, holdUp: holdUp)
        seq += 1
        let line = EventLine(seq: seq, kind: kind) { writer in
            writer.name("job")
            writer.raw(bytes)
        }
        store(Event(seq: seq, line: line, job: text))
    }

    mutating func append(_ kind: String, writing: (inout JSONWriter) -> Void) {
        seq += 1
        store(Event(seq: seq, line: EventLine(seq: seq, kind: kind, writing: writing), job: nil))
    }

    private mutating func store(_ event: Event) {
        events.append(event)
        if events.count - head > Self.capacity {
            head += 1
            if head > Self.capacity {
                events.removeFirst(head)
                head = 0
            }
        }
        let current = subscribers
        subscribers = current.filter { subscriber in
            if let job = event.job?.job, !subscriber.filter.admits(job) {
                return true
            }
            return deliver(event, to: subscriber)
        }
    }

    /// Whether the subscriber is still there.
    private func deliver(_ event: Event, to subscriber: Subscriber) -> Bool {
        switch subscriber.subscription.send(event.line) {
        case .accepted: return true
        case .closed: return false
        case .full:
            let epoch = epoch
            subscriber.subscription.lose(reason: "the reader is too slow") { writer in
                writer.object { writer in
                    writer.member("epoch", epoch)
                    writer.member("seq", event.seq - 1)
                }
            }
            return false
        }
    }

    /// Whether everything after an event can still be told.
    func canResume(epoch: String, seq: Int) -> Bool {
        epoch == self.epoch && seq <= self.seq && seq >= self.seq - (events.count - head)
    }

    /// Registers a subscriber; with `after`, what it missed is sent first.
    mutating func subscribe(_ subscription: ControlSubscription, filter: Filter, after: Int?) {
        let subscriber = Subscriber(subscription: subscription, filter: filter)
        if let after {
            for event in events[head...] where event.seq > after {
                if let job = event.job?.job, !filter.admits(job) { continue }
                guard deliver(event, to: subscriber) else { return }
            }
        }
        subscribers.append(subscriber)
    }
}
