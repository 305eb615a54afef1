/// The part of a video that one answer sends, and how.
struct VideoTransfer: Sendable {
    /// What happens on the way.
    enum Course: Sendable {
        /// All of it, as fast as the client reads, or at a speed.
        case whole(bytesPerSecond: Int)
        /// The connection ends after so many bytes.
        case cut(after: Int)
        /// Nothing comes after so many bytes.
        case stall(after: Int)
    }

    let file: VideoFile
    let range: Range<Int>
    let course: Course
    /// Whether `Content-Length` is sent.
    let hasLength: Bool
}
