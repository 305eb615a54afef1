import JSON

/// Finds the URLs of a run's videos at every place where they were seen (FACTS 4.5), in that order.
///
/// A list of several videos (Midjourney delivers four) wins over a place with one, since the one is in the list.
enum VideoURLFinder {
    /// The URLs as sent, relative ones included, without repetitions.
    ///
    /// - Parameters:
    ///   - data: The inner object, or the root where there is none.
    ///   - root: The whole answer.
    /// - Returns: The URLs in the provider's order.
    static func urls(data: JSONValue, root: JSONValue) -> [String] {
        var places: [[String]] = []
        places += outputPlaces(data["output"])
        places += directPlaces(data)
        places += directPlaces(root)
        places += outputPlaces(root["output"])
        places.append(urls(in: data["assets"]))
        places.append(urls(in: root["assets"]))
        let found = places.map(withoutRepetitions)
        return found.first { $0.count > 1 } ?? found.first { !$0.isEmpty } ?? []
    }

    /// The only URL anywhere in an answer, whatever its member is called.
    ///
    /// For the content endpoint, whose answer the document describes as an object of any properties (FACTS E6): where
    /// there are several, nothing says which is the video.
    ///
    /// - Parameter root: The whole answer.
    /// - Returns: An absolute URL, or a path at the API's origin; nil where there is none, or more than one.
    static func onlyURL(anywhereIn root: JSONValue) -> String? {
        let found = withoutRepetitions(strings(in: root).filter(isPlainURL))
        return found.count == 1 ? found.first : nil
    }

    private static func strings(in value: JSONValue) -> [String] {
        switch value {
        case .string(let text): [text.trimmed]
        case .array(let elements): elements.flatMap(strings)
        case .object(let object): object.members.flatMap { strings(in: $0.value) }
        case .null, .bool, .number: []
        }
    }

    /// Whether a text is a URL beyond doubt: of words with a slash in them, a media type for one, any object has some.
    private static func isPlainURL(_ text: String) -> Bool {
        guard isURL(text) else { return false }
        let text = text.lowercased()
        return text.hasPrefix("https://") || text.hasPrefix("http://")
            || text.hasPrefix("/") && !text.hasPrefix("//")
    }

    private static func outputPlaces(_ output: JSONValue?) -> [[String]] {
        guard let output, output.objectValue != nil else {
            return [urls(in: output)]
        }
        return [
            urls(in: output["video"]), urls(in: output["url"]), urls(in: output["videos"]),
            urls(in: output["video_url"]), urls(in: output["videoUrl"]), urls(in: output["urls"]),
            urls(in: output["assets"]),
        ]
    }

    private static func directPlaces(_ object: JSONValue) -> [[String]] {
        [
            urls(in: object["videoUrl"]), urls(in: object["video_url"]), urls(in: object["url"]),
            urls(in: object["videos"]), urls(in: object["videoUrls"]), urls(in: object["video"]),
        ]
    }

    /// The URLs in a string, an object with a URL, or a list of either.
    private static func urls(in value: JSONValue?) -> [String] {
        switch value {
        case .string(let text)?:
            return isURL(text) ? [text.trimmed] : []
        case .array(let elements)?:
            return elements.flatMap { isOtherMedia($0) ? [] : urls(in: $0) }
        case .object?:
            for name in ["url", "videoUrl", "video_url", "video"] {
                let found = urls(in: value?[name])
                if !found.isEmpty {
                    return found
                }
            }
            return []
        default: return []
        }
    }

    /// Whether an element of a list says that it is a preview, a sound or data and not a video.
    private static func isOtherMedia(_ element: JSONValue) -> Bool {
        let kinds = ["type", "kind", "variant", "content_type", "contentType", "mimeType", "media_type"]
        let words = kinds.compactMap { element.text($0)?.lowercased() }
        let others = ["image", "thumbnail", "spritesheet", "audio", "json", "text"]
        return words.contains { word in others.contains { word.contains($0) } && !word.contains("video") }
    }

    /// Whether a text is an `http` URL or a reference relative to the API's origin, and no other scheme or a word.
    private static func isURL(_ text: String) -> Bool {
        let text = text.trimmed.lowercased()
        guard !text.utf8.contains(where: { $0 <= 0x20 }) else { return false }
        if text.hasPrefix("https://") || text.hasPrefix("http://") || text.hasPrefix("/") {
            return true
        }
        let beforeColon = text.prefix { $0 != ":" }
        return text.contains("/") && beforeColon.contains("/")
    }

    private static func withoutRepetitions(_ urls: [String]) -> [String] {
        var seen: Set<String> = []
        return urls.filter { seen.insert($0).inserted }
    }
}
