/// Where a completed status answer carries the URL of the video.
enum URLPlace: String, CaseIterable, Sendable {
    case outputVideoURL = "output.video.url"
    case outputURL = "output.url"
    case outputVideo = "output.video"
    case outputVideoList = "output.video[0].url"
    case outputVideos = "output.videos[0].url"
    case outputVideoURLSnake = "output.video_url"
    case outputVideoURLCamel = "output.videoUrl"
    case dataVideoURL = "videoUrl"
    case dataVideoURLSnake = "video_url"
    case dataURL = "url"
    case rootVideoURL = "root.videoUrl"
    case rootVideoURLSnake = "root.video_url"
    case rootURL = "root.url"
    case rootOutput = "root.output.video.url"
    case assets = "assets[0].url"

    /// Whether the member stands beside `data` and not in it.
    var isAtRoot: Bool {
        switch self {
        case .rootVideoURL, .rootVideoURLSnake, .rootURL, .rootOutput: true
        default: false
        }
    }

    /// The member that carries the URLs.
    ///
    /// - Parameter urls: At least one URL; only lists carry more than the first.
    /// - Returns: The member's name and value.
    func member(_ urls: [String]) -> JSONValue.Member {
        let first = JSONValue.string(urls.first ?? "")
        let list = JSONValue.array(urls.map { ["url": .string($0)] })
        return switch self {
        case .outputVideoURL, .rootOutput: .init(name: "output", value: ["video": ["url": first]])
        case .outputURL: .init(name: "output", value: ["url": first])
        case .outputVideo: .init(name: "output", value: ["video": first])
        case .outputVideoList: .init(name: "output", value: ["video": list])
        case .outputVideos: .init(name: "output", value: ["videos": list])
        case .outputVideoURLSnake: .init(name: "output", value: ["video_url": first])
        case .outputVideoURLCamel: .init(name: "output", value: ["videoUrl": first])
        case .dataVideoURL, .rootVideoURL: .init(name: "videoUrl", value: first)
        case .dataVideoURLSnake, .rootVideoURLSnake: .init(name: "video_url", value: first)
        case .dataURL, .rootURL: .init(name: "url", value: first)
        case .assets: .init(name: "assets", value: list)
        }
    }
}

extension JSONValue: ExpressibleByDictionaryLiteral {
    init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(elements.map { Member(name: $0.0, value: $0.1) })
    }
}
