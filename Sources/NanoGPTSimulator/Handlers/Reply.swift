import HTTPTypes
import NIOCore

/// What a request gets.
struct Reply: Sendable {
    /// The body of an answer.
    enum Body: Sendable {
        case bytes([UInt8])
        case video(VideoTransfer)
    }

    /// What happens to the connection.
    enum Ending: Sendable {
        /// The answer is sent.
        case answer
        /// Half of the answer is sent, then the connection breaks.
        case cut
        /// The connection is reset without an answer.
        case reset
    }

    var status: HTTPResponse.Status = .ok
    var fields = HTTPFields()
    var body = Body.bytes([])
    /// How long to wait before answering.
    var delay = Duration.zero
    var ending = Ending.answer

    /// A JSON answer.
    static func json(_ value: JSONValue, _ status: HTTPResponse.Status = .ok) -> Reply {
        encoded(value.bytes, status)
    }

    /// A JSON answer from its text.
    static func encoded(_ bytes: [UInt8], _ status: HTTPResponse.Status = .ok) -> Reply {
        Reply(status: status, fields: [.contentType: "application/json; charset=utf-8"], body: .bytes(bytes))
    }

    /// A page as a gateway or a web server makes it.
    static func html(_ status: HTTPResponse.Status, title: String) -> Reply {
        let text =
            "<!DOCTYPE html>\n<html><head><title>\(title)</title></head>\n<body><h1>\(title)</h1></body></html>\n"
        return Reply(
            status: status,
            fields: [.contentType: "text/html; charset=utf-8"],
            body: .bytes(Array(text.utf8))
        )
    }

    /// An error of the storage behind the CDN.
    static func xml(_ status: HTTPResponse.Status, code: String, message: String) -> Reply {
        let text =
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>\(code)</Code><Message>\(message)</Message></Error>"
        return Reply(
            status: status,
            fields: [.contentType: "application/xml"],
            body: .bytes(Array(text.utf8))
        )
    }

    /// The older error form: `{"error": text, "status": code}`.
    static func error(_ status: HTTPResponse.Status, _ message: String) -> Reply {
        json(["error": .string(message), "status": .integer(status.code)], status)
    }

    /// The error form of the status routes: `{"error": code, "message": text}`.
    static func statusError(_ status: HTTPResponse.Status, _ message: String) -> Reply {
        json(["error": .integer(status.code), "message": .string(message)], status)
    }

    /// The newer error form: `{"error": {message, type}, ...}`.
    static func typedError(
        _ status: HTTPResponse.Status,
        _ message: String,
        type: String,
        code: String? = nil,
        and more: [JSONValue.Member] = []
    ) -> Reply {
        let error: JSONValue = .members([
            "message": .string(message),
            "type": .string(type),
            "code": code.map { .string($0) },
        ])
        return json(.object([.init(name: "error", value: error)] + more), status)
    }

    /// A reset connection.
    static var reset: Reply { Reply(ending: .reset) }

    /// The same, later.
    func after(seconds: Double) -> Reply {
        var reply = self
        reply.delay += .milliseconds(Int64(seconds * 1000))
        return reply
    }

    /// The same with one more header field.
    func with(_ name: HTTPField.Name, _ value: String) -> Reply {
        var reply = self
        reply.fields[name] = value
        return reply
    }
}
