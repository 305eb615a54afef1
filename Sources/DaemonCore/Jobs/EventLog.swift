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
            admits(Subject(job))
        }

        func admits(_ subject: Subject) -> Bool {
            access.sees(ownerUID: subject.uid) && (id == nil || id == subject.id.description)
                && (label == nil || label == subject.label)
                && (uid == nil || uid == subject.uid)
                && (states.isEmpty || states.contains(subject.state.rawValue))
        }
    }

    /// What a filter looks at; not the job, which may be large, since the newest 10 000 events keep theirs.
    struct Subject: Sendable {
        let id: JobID
        let label: String?
        let uid: UInt32
        let state: JobState.Word

        init(_ job: Job) {
            id = job.id
            label = job.label
            uid = job.owner.uid
            state = job.state.word
        }
    }

    private struct Event {
        let seq: Int
        let line: EventLine
        /// Nil for events of the daemon, which everybody gets.
        let subject: Subject?
    }

    struct Subscriber {
        let subscription: ControlSubscription
        var filter: Filter
    }

    /// How far back a subscriber can resume (CONTRACT section 3).
    static let capacity = 10_000

    /// Names this run of the daemon.
    let epoch: String
    /// The number of the newest event.
    private(set) var seq = 0
    private var events: [Event] = []
    private var head = 0
    private(set) var subscribers: [Subscriber] = []
    private var nextLook = 64

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
        store(Event(seq: seq, line: line, subject: Subject(text.job)))
    }

    mutating func append(_ kind: String, writing: (inout JSONWriter) -> Void) {
        seq += 1
        store(Event(seq: seq, line: EventLine(seq: seq, kind: kind, writing: writing), subject: nil))
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
            if let subject = event.subject, !subscriber.filter.admits(subject) {
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
        if let after {
            let missed = events[head...].filter { event in
                event.seq > after && event.subject.map(filter.admits) ?? true
            }
            guard subscription.replay(missed.map(\.line)) == .accepted else { return }
        }
        forgetClosed()
        subscribers.append(Subscriber(subscription: subscription, filter: filter))
    }

    /// Without events nobody would notice who is gone; looked at whenever there are twice as many.
    private mutating func forgetClosed() {
        guard subscribers.count >= nextLook else { return }
        subscribers.removeAll(where: \.subscription.isClosed)
        nextLook = max(64, 2 * subscribers.count)
    }

    /// Who may see what has changed: streams that are open follow at once.
    mutating func updateAccess(_ access: (ControlPeer) -> Access) {
        for index in subscribers.indices {
            subscribers[index].filter.access = access(subscribers[index].subscription.connection.peer)
        }
    }
}
