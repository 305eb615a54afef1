import NIOCore
import NIOHTTP1

/// A request as it goes out.
struct APIRequest: Sendable {
    /// The method.
    var method = HTTPMethod.GET
    /// The absolute URL, percent-encoded.
    let url: String
    /// The headers, but for `host` and `content-length`.
    var headers = HTTPHeaders()
    /// The body, if it has one.
    var body: ByteBuffer?
}
