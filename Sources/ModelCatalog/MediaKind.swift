/// What a media input shows or plays.
public enum MediaKind: String, CaseIterable, Hashable, Sendable {
    /// A still picture.
    case image
    /// Sound.
    case audio
    /// Moving pictures.
    case video

    /// The kind with its article, for messages.
    var phrase: String {
        self == .video ? "a video" : self == .image ? "an image" : "an audio file"
    }
}
