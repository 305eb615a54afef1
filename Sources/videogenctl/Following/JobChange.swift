import JSON

/// What somebody who follows jobs is told.
enum JobChange {
    /// A job is as it is now: from the snapshot, or because something happened to it.
    case job(Job)
    /// The daemon forgot the job, or it is not ours to see.
    case gone(String)
    /// The connection was cut; what follows is the state after it is back.
    case connectionLost(String)
    /// The connection is back.
    case connectionBack
    /// The daemon itself is as it is now: the result of `daemon.status`.
    case status(JSONValue)
}
