/// One inline file of a request.
public struct MediaItem: Hashable, Sendable {
    /// The field that it is sent in.
    public let field: String
    /// Its media type, from its bytes where they are known, else as declared.
    public let mediaType: String
    /// Its size before base64.
    public let bytes: Int
}
