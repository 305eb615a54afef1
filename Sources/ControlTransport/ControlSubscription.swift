public import JSON

/// One stream of events on one connection.
public struct ControlSubscription: Sendable {
    /// Its number, as the client knows it.
    public let number: Int
    /// The connection that it is on.
    public let connection: ControlConnection

    /// Queues an event.
    ///
    /// - Parameter event: The event.
    /// - Returns: What became of it; after `full` only ``lose(reason:resume:)`` may follow.
    public func send(_ event: EventLine) -> ControlConnection.SendOutcome {
        connection.send(event, on: number)
    }

    /// Ends the stream with one `events.lost`; what waits is still sent before it.
    ///
    /// - Parameters:
    ///   - reason: Why, in words.
    ///   - resume: Writes what the client may pass as `since`.
    public func lose(reason: String, resume: (inout JSONWriter) -> Void) {
        connection.lose(number, reason: reason, resume: resume)
    }
}
