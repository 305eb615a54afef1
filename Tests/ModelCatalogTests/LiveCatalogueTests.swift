import JSON
import ModelCatalog
import Testing

/// Merging the live catalogue, in the shapes that FACTS section 9 describes.
struct LiveCatalogueTests {
    private let catalog: ModelCatalog

    init() throws {
        catalog = try ModelCatalog.builtIn().merging(live: fixture("live.json"))
    }

    private func check(
        _ request: JSONValue,
        _ options: ValidationOptions = .init()
    ) throws -> ValidationResult {
        catalog.validate(try #require(request.objectValue), options: options)
    }

    @Test func newModelsBecomeUsable() throws {
        let entry = try #require(catalog.entry("vendor/clip-3"))
        #expect(entry.source == .live)
        #expect(entry.name == "Clip 3")
        let result = try check(["model": "vendor/clip-3", "prompt": "a", "resolution": "4k", "sound": true])
        #expect(result.errors.isEmpty)
        #expect(result.body?["generate_audio"] == true)
        #expect(result.body?["duration"] == "5")
        #expect(try check(["model": "vendor/clip-3", "prompt": "a", "duration": 7]).body?["duration"] == nil)
        #expect(
            try check(["model": "vendor/clip-3", "prompt": "a", "resolution": "8k"]).error("resolution")
                != nil
        )
        #expect(try check(["model": "vendor/clip-3", "prompt": "a", "fps": 99]).error("fps") != nil)
        #expect(try check(["model": "vendor/clip-3", "prompt": "a", "fps": 24]).isValid)
        #expect(
            try check(["model": "vendor/clip-3", "prompt": "a", "resoluton": "4k"]).error("resoluton") != nil
        )
        // Named by the documents for other models: the live catalogue hides some fields.
        #expect(
            try check(["model": "vendor/clip-3", "prompt": "a", "negative_prompt": "b"]).warning(
                "negative_prompt"
            ) != nil
        )
        #expect(try check(["model": "vendor/clip-3"]).error("prompt") != nil)
    }

    /// The live catalogue writes all options as strings, numbers and switches too.
    @Test func optionsTakeTheTypeOfTheField() throws {
        let live: JSONValue = [
            "data": [
                [
                    "id": "hunyuan-video",
                    "supported_parameters": [
                        "parameters": [
                            "num_frames": [
                                "type": "select", "options": [["value": "65"], ["value": "161"]],
                            ],
                            "pro": ["type": "select", "options": [["value": "true"], ["value": "false"]]],
                        ]
                    ],
                ]
            ]
        ]
        let merged = try ModelCatalog.builtIn().merging(live: live)
        let entry = try #require(merged.entry("hunyuan-video"))
        let frames = try #require(entry.fields.first { $0.name == "num_frames" })
        #expect(frames.allowedValues == [65, 97, 129, 161])
        let request: JSONValue = ["model": "hunyuan-video", "prompt": "a", "num_frames": 161, "pro": true]
        #expect(merged.validate(try #require(request.objectValue), options: .init()).isValid)
    }

    @Test func inputsFollowTheModalities() throws {
        #expect(try check(["model": "vendor/clip-3", "imageUrl": Sample.url("a")]).isValid)
        let avatar = try #require(catalog.entry("vendor/avatar"))
        #expect(avatar.media.map(\.role) == ["image", "audio", "last_image"])
        #expect(avatar.media.map(\.isRequired) == [true, true, false])
        let result = try check([
            "model": "vendor/avatar", "image": Sample.inline("image"), "audioUrl": Sample.url("audio"),
            "last_image": Sample.url("image"),
        ])
        #expect(result.errors.isEmpty)
        #expect(result.body?.names == ["model", "imageDataUrl", "audio", "last_image"])
        #expect(try check(["model": "vendor/avatar", "image": Sample.url("a")]).error("audio") != nil)
        let anyway = try check(
            ["model": "vendor/avatar", "image": Sample.url("a")],
            .init(allowUnknown: true)
        )
        #expect(anyway.warning("audio") != nil)
        let references = try check([
            "model": "vendor/clip-3", "prompt": "a", "reference_images": [Sample.url("a")],
        ])
        #expect(references.isValid)
    }

    @Test func liveValuesCountAsKnown() throws {
        let sora: JSONValue = ["model": "sora-2", "prompt": "a", "resolution": "1024x1792", "seconds": 16]
        #expect(
            try ModelCatalog.builtIn().validate(#require(sora.objectValue), options: .init()).errors.count
                == 2
        )
        let result = try check(sora)
        #expect(result.errors.isEmpty)
        #expect(result.body?["seconds"] == "16")
        #expect(try check(["model": "sora-2", "prompt": "a", "seconds": 17]).error("seconds") != nil)
        // Live defaults fill in where the documents give none, in the row's form.
        #expect(try check(["model": "sora-2", "prompt": "a"]).body?["seconds"] == "4")
        #expect(try check(["model": "sora-2", "prompt": "a", "style": "noir"]).errors.isEmpty)
    }

    @Test func livePrices() throws {
        let clip: JSONValue = ["model": "vendor/clip-3", "prompt": "a", "resolution": "4k"]
        #expect(try check(clip).price == CataloguePrice(micros: 1_000_000, currency: "USD"))
        // Only a minimum, and a shape that nobody knows: unknown, never 0.
        #expect(catalog.entry("vendor/avatar")?.pricing?.isUnderstood == false)
        #expect(catalog.entry("vendor/odd")?.pricing?.isUnderstood == false)
        #expect(try check(["model": "vendor/odd", "prompt": "a"]).price == nil)
        #expect(try check(["model": "vendor/free", "prompt": "a"]).price == nil)
        #expect(catalog.entry("vendor/odd")?.description["price"]?["known"] == false)
        // The live list replaces the observed one.
        #expect(
            try check(["model": "sora-2", "prompt": "a", "resolution": "720p", "seconds": 4]).price?.micros
                == 480_000
        )
    }

    @Test(
        arguments: [
            (#"{"per_video":0.4}"#, "{}", 400_000), (#"{"per_second":0.05}"#, #"{"duration":"6"}"#, 300_000),
            (#"{"per_second":0.05,"default_duration":4}"#, "{}", 200_000),
            (#"{"per_second":0.05,"surcharge":1}"#, #"{"duration":"6"}"#, nil),
            (
                #"{"per_duration":{"5":0.35,"10":0.7},"audio_multiplier":2}"#,
                #"{"duration":"10","sound":true}"#, 1_400_000
            ),
            (#"{"per_duration":{"5":0.35}}"#, #"{"duration":"7"}"#, nil),
            (#"{"per_resolution":{"480p":0.05}}"#, #"{"resolution":"480p"}"#, 50_000),
            (#"{"per_resolution":{"480p":0.05}}"#, "{}", nil),
            (
                #"{"base_prices_by_resolution":{"720p":0.15},"duration_overrides":{"8":{"720p":0.3}},"duration_multipliers":{"5":1,"8":1}}"#,
                #"{"resolution":"720p","duration":"8"}"#, 300_000
            ),
            (
                #"{"base_prices_by_resolution":{"720p":0.66},"duration_multipliers":{"5":1,"8":1.6}}"#,
                #"{"resolution":"720p","duration":"8"}"#, 1_056_000
            ),
            (
                #"{"base_price_per_second":0.065,"resolution_multipliers":{"720p":2}}"#,
                #"{"resolution":"720p","duration":"2"}"#, 260_000
            ),
            (#"{"raw":{"type":"wan26-dynamic"}}"#, "{}", nil), (#"{"minimum":0.25,"note":"x"}"#, "{}", nil),
            (#"{"per_video":0}"#, "{}", nil), (#"{"currency":"USD"}"#, "{}", nil),
        ] as [(String, String, Int64?)]
    )
    func priceShapes(_ rates: String, _ request: String, _ micros: Int64?) throws {
        let live = try JSONParser.parse(
            #"{"data":[{"id":"m","architecture":{"input_modalities":["text"]},"pricing":\#(rates)}]}"#
        )
        let catalog = try ModelCatalog.builtIn().merging(live: live)
        var body = try #require(try JSONParser.parse(request).objectValue)
        body["model"] = "m"
        body["prompt"] = "a"
        #expect(catalog.validate(body, options: .init(allowUnknown: true)).price?.micros == micros)
    }

    @Test func documentedModelsThatAreGoneAreNamed() throws {
        #expect(
            try check(["model": "veo2-video", "prompt": "a", "duration": 5]).warning("model")?.kind
                == .modelUnknown
        )
        #expect(try check(["model": "sora-2", "prompt": "a"]).warning("model") == nil)
        #expect(catalog.hasLiveModels)
    }

    @Test func removedModelsStayRemoved() throws {
        #expect(catalog.entry("promptchan-video") == nil)
        #expect(
            try check(["model": "promptchan-video", "prompt": "a"]).error("model")?.message.contains(
                "removed"
            ) == true
        )
    }

    @Test(arguments: ["{}", "[]", #"{"data":[]}"#, #"{"data":[5,{"id":7},{}]}"#, "null", #"{"error":"x"}"#])
    func answersWithoutModelsChangeNothing(_ text: String) throws {
        let merged = try ModelCatalog.builtIn().merging(live: JSONParser.parse(text))
        #expect(merged.models.count == 50)
        #expect(!merged.hasLiveModels)
    }

    @Test func mergingTwiceIsMergingOnce() throws {
        let twice = catalog.merging(live: try fixture("live.json"))
        #expect(twice.models.map(\.id) == catalog.models.map(\.id))
        for (again, once) in zip(twice.models, catalog.models) {
            let isSame = again.description == once.description
            #expect(isSame, "\(once.id)")
        }
        // A model that the next answer does not list any more is gone.
        let less = try catalog.merging(live: JSONParser.parse(#"{"data":[{"id":"vendor/other"}]}"#))
        #expect(less.entry("vendor/clip-3") == nil)
        #expect(less.entry("sora-2")?.isListedLive == false)
    }
}
