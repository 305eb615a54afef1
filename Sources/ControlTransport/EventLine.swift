public import JSON

/// An event as all subscribers get it, encoded once: everything after the number of the subscription.
public struct EventLine: Hashable, Sendable {
    /// `"seq":…,"kind":…,"job":…}}` and a line feed.
    let tail: [UInt8]

    /// Encodes an event.
    ///
    /// - Parameters:
    ///   - seq: Its number in the stream.
    ///   - kind: Its kind.
    ///   - writing: Writes further members, `job` for example.
    public init(seq: Int, kind: String, writing: (inout JSONWriter) -> Void) {
        var writer = JSONWriter(capacity: 1024)
        writer.object { writer in
            writer.member("seq", seq)
            writer.member("kind", kind)
            writing(&writer)
        }
        // The opening brace goes: the members continue an object that has begun.
        tail = writer.bytes.dropFirst() + Array("}\n".utf8)
    }
}
