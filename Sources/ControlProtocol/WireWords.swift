/// Words and numbers of the protocol that more than one place needs.
public enum WireWords {
    /// The protocol's version; within a major version members are only added.
    public static let version = (major: 1, minor: 0)
    /// The method of a notification that carries an event.
    public static let eventNotification = "events.event"
    /// The method of the notification that ends the stream of a reader that is too slow.
    public static let lostNotification = "events.lost"
    /// The parameter that every method takes and ignores.
    public static let meta = "_meta"

    /// Kinds of event.
    public enum EventKind: String, Hashable, Sendable, CaseIterable {
        /// A job was accepted.
        case jobCreated = "job.created"
        /// A job changed its state.
        case jobState = "job.state"
        /// A job made progress; at most one a second per job.
        case jobProgress = "job.progress"
        /// A job was forgotten.
        case jobRemoved = "job.removed"
        /// The daemon changed its state.
        case daemonState = "daemon.state"
    }

    /// The states of a job in the order in which they usually come.
    public static let jobStates = [
        "queued", "submitting", "unconfirmed", "in_queue", "in_progress", "downloading", "completed",
        "failed",
        "canceled", "held",
    ]
}
