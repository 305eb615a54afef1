public import JSON

/// One stream of events on one connection.
public struct ControlSubscription: Sendable {
    /// Its number, as the client knows it.
    public let number: Int
    /// The connection that it is on.
    public let connection: ControlConnection

    /// Whether nothing can be sent on it any more.
    public var isClosed: Bool {
        connection.isClosed(number)
    }

    /// Queues an event.
    ///
    /// - Parameter event: The event.
    /// - Returns: What became of it; after `full` only ``lose(reason:resume:)`` may follow.
    public func send(_ event: EventLine) -> ControlConnection.SendOutcome {
        connection.send(event, on: number)
    }

    /// Queues the events that a client missed, in front of those that follow; there is always room for them.
    ///
    /// - Parameter events: Events that the sender keeps anyway, in their order.
    /// - Returns: What became of them; never `full`.
    public func replay(_ events: [EventLine]) -> ControlConnection.SendOutcome {
        connection.replay(events, on: number)
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
