import JSON
import ModelCatalog
import Testing

struct DescriptionTests {
    private let catalog: ModelCatalog

    init() throws {
        catalog = try ModelCatalog.builtIn()
    }

    private func entry(_ id: String) throws -> JSONValue {
        try #require(catalog.entry(id)).description
    }

    @Test func aModelSaysWhatToPass() throws {
        let kling = try entry("kling-v21-standard")
        #expect(kling["source"] == "built_in")
        #expect(kling["modes"] == ["image-to-video"])
        let image = try #require(kling["media"]?.arrayValue?.first)
        #expect(image["required"] == true)
        #expect(image["inline_field"] == "imageDataUrl")
        #expect(image["url_field"] == "imageUrl")
        #expect(image["accepts"]?.arrayValue?.contains("image") == true)
        let duration = try #require(kling["fields"]?.arrayValue?.first { $0["name"] == "duration" })
        #expect(duration["allowed"] == ["5"])
        #expect(duration["drives_cost"] == true)
        #expect(duration["aliases"] == ["seconds"])
        #expect(kling["price"] == ["known": false])
        let veo = try entry("veo2-video")
        let seconds = try #require(veo["fields"]?.arrayValue?.first { $0["name"] == "duration" })
        #expect(seconds["minimum"] == 5)
        #expect(seconds["maximum"] == 30)
        #expect(seconds["form"] == "5s")
        #expect(veo["price"]?["rates"]?["base_price"]?.doubleValue == 3.4)
        #expect(try entry("vidu-video")["fixed"] == ["duration": "5"])
        #expect(try entry("sora-2")["requirements"]?.arrayValue?.count == 1)
        #expect(try entry("veo3-video")["conflicts"]?.arrayValue?.first?["number"] == "C20")
    }

    @Test func everyDescriptionIsJSONThatReadsBack() throws {
        for model in catalog.models {
            let text = model.description.text
            let isSame = try JSONParser.parse(text) == model.description
            #expect(isSame, "\(model.id)")
            #expect(!text.contains(":\"\""), "\(model.id) has an empty text")
        }
    }

    @Test func everyTokenOfTheRowsIsThere() throws {
        // The rows are quoted from the documents: what they name in back-ticks has to be somewhere in the entry.
        let elsewhere: Set<String> = ["targetLengthInWords", "longstories-movie", "image", "1920×1080"]
        for model in catalog.models {
            let text = model.description.text
            for row in model.rows {
                let tokens = row.split(separator: "`", omittingEmptySubsequences: false).enumerated()
                for (index, token) in tokens where index % 2 == 1 && !elsewhere.contains(String(token)) {
                    let ends = token.split(separator: "-").map { $0.filter { $0 != "s" } }
                    let isRange = ends.count == 2 && ends.allSatisfy { Double(String($0)) != nil }
                    for part in isRange ? ends : [String(token)] {
                        // A whole number is shown without its fraction.
                        let part = part.hasSuffix(".0") ? String(part.dropLast(2)) : part
                        #expect(text.contains(part), "\(model.id): \(token)")
                    }
                }
            }
        }
    }

    @Test func modalitiesFilter() throws {
        func count(_ word: String) -> Int { catalog.models.filter { $0.matches(modality: word) }.count }
        #expect(count("image") == 40)
        #expect(count("audio") == 4)
        #expect(count("video") == 9)
        #expect(count("face-swap") == 1)
        #expect(count("text-to-video") == 29)
        #expect(count("hologram") == 0)
    }

    // MARK: Where a file goes

    @Test(
        arguments: [
            ("kling-v21-standard", .image, true, "imageDataUrl"),
            ("kling-v21-standard", .image, false, "imageUrl"),
            ("bytedance-waver-1.0", .image, true, "image"), ("veed-fabric-1.0", .audio, true, "audioDataUrl"),
            ("wan-wavespeed-s2v", .audio, false, "audio"), ("video-upscaler", .video, true, "video"),
            ("wan-wavespeed-22-spicy-extend", .video, true, "videoDataUrl"),
            ("magicapi-video-face-swap", .swapImage, true, "swapImage"),
            ("magicapi-video-face-swap", .image, true, "swapImage"),
            ("magicapi-video-face-swap", .video, false, "targetVideo"),
            ("runwayml-gen4-aleph", .referenceImage, true, "reference_image"),
            ("runwayml-gen4-aleph", .image, false, "reference_image"),
        ] as [(String, MediaPlacement.Option, Bool, String)]
    )
    func placement(_ model: String, _ option: MediaPlacement.Option, _ isInline: Bool, _ field: String) throws
    {
        let read = try JSONParser.parse(try entry(model).text)
        #expect(try MediaPlacement.field(for: option, isInline: isInline, in: read) == field)
    }

    @Test(
        arguments: [
            ("kling-video", .image), ("kling-v21-standard", .swapImage),
            ("kling-v21-standard", .referenceImage),
            ("sora-2", .audio),
        ] as [(String, MediaPlacement.Option)]
    )
    func placementThatThereIsNot(_ model: String, _ option: MediaPlacement.Option) throws {
        let read = try entry(model)
        #expect(throws: MediaPlacement.Refusal.self) {
            try MediaPlacement.field(for: option, isInline: true, in: read)
        }
    }
}
