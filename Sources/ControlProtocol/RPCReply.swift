public import JSON

/// The lines that a server sends.
///
/// The pieces are public because the server writes them around a result without a copy.
public enum RPCReply {
    /// Stands before the id.
    public static let head: StaticString = #"{"jsonrpc":"2.0","id":"#
    /// Stands between the id and a result.
    public static let resultName: StaticString = #","result":"#
    /// Stands between the id and an error object.
    public static let errorName: StaticString = #","error":"#
    /// Ends a reply, without the line feed.
    public static let tail: StaticString = "}"

    /// Makes a reply with a result.
    ///
    /// - Parameters:
    ///   - id: The id's JSON text, verbatim; nil writes `null`.
    ///   - writing: Writes the result.
    /// - Returns: One line with its line feed.
    public static func result(id: [UInt8]?, writing: (inout JSONWriter) -> Void) -> [UInt8] {
        line(id: id, name: "result", writing: writing)
    }

    /// Makes a reply with an error.
    ///
    /// - Parameters:
    ///   - id: The id's JSON text, verbatim; nil writes `null`.
    ///   - error: The error.
    /// - Returns: One line with its line feed.
    public static func error(id: [UInt8]?, _ error: RPCError) -> [UInt8] {
        line(id: id, name: "error") { error.write(to: &$0) }
    }

    /// Makes a notification.
    ///
    /// - Parameters:
    ///   - method: Its method.
    ///   - params: Writes the value of `params`.
    /// - Returns: One line with its line feed.
    public static func notification(_ method: String, params: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter(capacity: 256)
        writer.object { writer in
            writer.member("jsonrpc", "2.0")
            writer.member("method", method)
            writer.name("params")
            params(&writer)
        }
        return writer.bytes + [UInt8(ascii: "\n")]
    }

    private static func line(id: [UInt8]?, name: String, writing: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter(capacity: 256)
        writer.object { writer in
            writer.member("jsonrpc", "2.0")
            writer.name("id")
            if let id {
                writer.raw(id)
            } else {
                writer.null()
            }
            writer.name(name)
            writing(&writer)
        }
        return writer.bytes + [UInt8(ascii: "\n")]
    }
}
