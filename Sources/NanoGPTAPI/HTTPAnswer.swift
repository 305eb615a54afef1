import NIOHTTP1

/// A complete answer to a request.
struct HTTPAnswer: Sendable {
    /// The status code.
    let status: Int
    /// The headers.
    let headers: HTTPHeaders
    /// The body as sent; we ask for no compression.
    let body: [UInt8]

    /// Makes an answer.
    init(status: Int, headers: HTTPHeaders = [:], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// `Content-Type` in lower case without parameters.
    var mediaType: String? {
        headers.mediaType
    }
}

extension HTTPHeaders {
    /// `Content-Type` in lower case without parameters.
    var mediaType: String? {
        guard let value = first(name: "content-type") else { return nil }
        let type = value.prefix { $0 != ";" }.lowercased().filter { $0 != " " && $0 != "\t" }
        return type.isEmpty ? nil : type
    }

    /// Whether the body says it is JSON.
    var isJSON: Bool {
        guard let mediaType else { return false }
        return mediaType == "application/json" || mediaType == "text/json" || mediaType.hasSuffix("+json")
    }
}

/// Why there is no complete answer.
enum HTTPFailure: Error, Hashable {
    /// No connection came about: not one byte of the request was sent.
    case notConnected(String)
    /// The connection broke, or what came is no HTTP.
    case broken(String)
    /// The time for head and body together is over.
    case timedOut(Duration)
    /// The body is larger than we read.
    case tooLarge(limit: Int)
    /// Our own task was cancelled.
    case cancelled

    /// A part of a sentence for people.
    var words: String {
        switch self {
        case .notConnected(let words): "no connection: \(words)"
        case .broken(let words): words
        case .timedOut(let limit): "no complete answer within \(Int(limit.components.seconds)) s"
        case .tooLarge(let limit): "an answer of more than \(limit) bytes"
        case .cancelled: "the daemon stopped waiting"
        }
    }
}
