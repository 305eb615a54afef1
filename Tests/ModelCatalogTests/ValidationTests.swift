import JSON
import ModelCatalog
import Testing

struct ValidationTests {
    // MARK: The model

    @Test func missingModel() throws {
        #expect(try check(["prompt": "a"]).error("model")?.kind == .paramsInvalid)
        #expect(try check(["model": 5, "prompt": "a"]).error("model")?.kind == .paramsInvalid)
        #expect(try check(["model": "", "prompt": "a"]).error("model")?.kind == .paramsInvalid)
    }

    @Test(
        arguments: [
            ("kling-v2.1-standard", "kling-v21-standard"), ("veo2", "veo2-video"), ("sora2", "sora-2"),
            ("Veo3-Video", "veo3-video"), ("seedance", "seedance-video"),
            ("minimax-hailuo-2", "minimax-hailuo-02"),
        ])
    func unknownModelSaysWhatWasMeant(_ written: String, _ meant: String) throws {
        let issue = try #require(try check(["model": .string(written), "prompt": "a"]).error("model"))
        #expect(issue.kind == .modelUnknown)
        #expect(issue.hint?.contains(meant) == true)
    }

    @Test func unknownModelIsLetThroughWithItsMediaChecked() throws {
        let options = ValidationOptions(allowUnknown: true)
        let request: JSONValue = ["model": "next-video-9", "prompt": "a", "whatever": [1], "duration": "5s"]
        let result = try check(request, options)
        #expect(result.body == request.objectValue)
        #expect(result.warnings.map(\.field) == ["model"])
        #expect(result.price == nil)
        let bad = try check(["model": "next-video-9", "imageUrl": "http://example.com/a"], options)
        #expect(bad.error("imageUrl")?.kind == .mediaInvalid)
        #expect(
            try check(["model": "next-video-9", "conversationUUID": "x"], options).error("conversationUUID")
                != nil
        )
    }

    @Test(arguments: [true, false]) func removedModel(_ allowUnknown: Bool) throws {
        let options = ValidationOptions(allowUnknown: allowUnknown)
        let issue = try #require(
            try check(["model": "promptchan-video", "prompt": "a"], options).error("model")
        )
        #expect(issue.kind == .modelUnknown)
        #expect(issue.message.contains("removed"))
    }

    // MARK: The body that is sent

    @Test func nothingElseIsTouched() throws {
        let request = try JSONParser.parse(
            #"{"prompt":"a","seed":12345678901234567890,"model":"veo2-video","duration":"7s","aspect_ratio":"1:1"}"#
        )
        let result = try check(request)
        #expect(JSONValue.object(try #require(result.body)).text == request.text)
        #expect(result.warnings.isEmpty)
        let number = try JSONParser.parse(
            #"{"model":"kling-video-v2","prompt":"a","cfg_scale":0.50,"duration":5}"#
        )
        #expect(
            JSONValue.object(try #require(try check(number).body)).text
                == #"{"model":"kling-video-v2","prompt":"a","cfg_scale":0.50,"duration":"5"}"#
        )
    }

    @Test func renamedMembersKeepTheirPlace() throws {
        let result = try check([
            "seconds": 5, "image": Sample.url("image"), "prompt": "a", "model": "kling-v21-pro", "seed": "7",
        ])
        #expect(result.body?.names == ["duration", "imageUrl", "prompt", "model", "seed"])
    }

    @Test func costDrivingDefaultsAreAdded() throws {
        let result = try check(["model": "seedance-lite-video", "prompt": "a"])
        #expect(result.body?.names == ["model", "prompt", "resolution", "duration"])
        #expect(result.body?["resolution"] == "720p")
        #expect(result.body?["duration"] == "5")
        #expect(result.warnings.isEmpty)
    }

    @Test func costDrivingFieldsWithoutDefaultAreNamed() throws {
        let result = try check(["model": "sora-2", "prompt": "a"])
        #expect(result.body?.names == ["model", "prompt", "pro_mode"])
        #expect(result.warning("resolution")?.hint == "allowed: 720p, 1792x1024")
        #expect(result.warning("seconds")?.hint == "allowed: 4, 8, 12")
        #expect(result.warning("orientation") == nil)
        #expect(
            try check(["model": "veo2-video", "prompt": "a"]).warning("duration")?.hint
                == "allowed: 5s to 30s"
        )
        // One of two fields that say the same is enough.
        let size = try check(["model": "wan-wavespeed-25", "prompt": "a", "size": "720p", "duration": "5"])
        #expect(size.warnings.isEmpty)
    }

    @Test func errorsLeaveNoBody() throws {
        let result = try check(["model": "veo2-video", "prompt": "a", "duration": "60"])
        #expect(!result.isValid)
        #expect(result.body == nil)
        #expect(result.price == nil)
    }

    // MARK: Fields

    @Test func misspelledField() throws {
        let issue = try #require(
            try check(["model": "sora-2", "prompt": "a", "resoluton": "720p"]).error("resoluton")
        )
        #expect(issue.kind == .paramsInvalid)
        #expect(issue.hint == "did you mean resolution?")
        let camel = try check(["model": "veo2-video", "prompt": "a", "negativePrompt": "blur"])
        #expect(camel.error("negativePrompt")?.hint == "did you mean negative_prompt?")
        let picture = try check(["model": "kling-v21-pro", "prompt": "a", "imgUrl": "https://example.com/a"])
        #expect(picture.error("imgUrl")?.hint?.contains("imageUrl") == true)
    }

    @Test func badValueListsWhatIsAllowed() throws {
        let issue = try #require(
            try check(["model": "sora-2", "prompt": "a", "resolution": "720"]).error("resolution")
        )
        #expect(issue.hint == "did you mean 720p? allowed: 720p, 1792x1024")
        let number = try check(["model": "sora-2", "prompt": "a", "resolution": 720])
        #expect(number.error("resolution")?.hint == #"did you mean "720p"? allowed: 720p, 1792x1024"#)
        let range = try check(["model": "wan-video-22-5b", "prompt": "a", "num_frames": 122])
        #expect(range.error("num_frames")?.hint == "allowed: 81 to 121")
    }

    @Test(arguments: ["true", 1, 0, "yes", []] as [JSONValue]) func booleansAreStrict(
        _ value: JSONValue
    ) throws {
        let result = try check(["model": "veo3-1-video", "prompt": "a", "generateAudio": value])
        #expect(result.error("generateAudio")?.message.contains("must be a boolean") == true)
    }

    @Test func seedIsANumberOrAString() throws {
        for seed in [42, "42", 1.5e3] as [JSONValue] {
            #expect(try check(["model": "veo2-video", "prompt": "a", "seed": seed]).body?["seed"] == seed)
        }
        #expect(try check(["model": "veo2-video", "prompt": "a", "seed": true]).error("seed") != nil)
        // Where the row says integer, a string is none.
        #expect(
            try check(["model": "wan-video-22-5b", "prompt": "a", "num_frames": "81"]).error("num_frames")
                != nil
        )
    }

    @Test func aFieldThatOnlySomeDocumentGivesIsAWarning() throws {
        // The core-fields table gives Wan a seed, the row of this model does not list it.
        let seed = try check(["model": "wan-video-22", "prompt": "a", "seed": 1])
        #expect(seed.isValid)
        #expect(seed.warning("seed") != nil)
        #expect(seed.body?["seed"] == 1)
        #expect(try check(["model": "wan-video-22", "prompt": "a", "seed": true]).error("seed") != nil)
        let scale = try check(["model": "kling-video-v2", "prompt": "a", "duration": "5", "cfg_scale": 0.5])
        #expect(scale.warning("cfg_scale")?.message.contains("disagree") == true)
        // No document gives it to this one.
        #expect(try check(["model": "wan-video-22", "prompt": "a", "motion": "low"]).error("motion") != nil)
    }

    @Test func allowUnknownTurnsErrorsAboutTheUnknownIntoWarnings() throws {
        let request: JSONValue = [
            "model": "sora-2", "prompt": "a", "resolution": "4k", "wibble": 1, "seconds": 60,
        ]
        #expect(try check(request).errors.map(\.field) == ["resolution", "wibble", "seconds"])
        let result = try check(request, .init(allowUnknown: true))
        #expect(result.isValid)
        #expect(result.body?["wibble"] == 1)
        #expect(result.body?["resolution"] == "4k")
        #expect(result.body?["seconds"] == "60")
        #expect(Set(result.warnings.map(\.field)).isSuperset(of: ["resolution", "wibble", "seconds"]))
        // What is missing or of the wrong type stays an error.
        #expect(
            try check(["model": "sora-2", "pro_mode": "yes"], .init(allowUnknown: true)).errors.count == 2
        )
    }

    @Test func proModeForTheLargeResolution() throws {
        let request: JSONValue = [
            "model": "sora-2", "prompt": "a", "resolution": "1792x1024", "seconds": "4",
        ]
        #expect(try check(request).error("resolution")?.hint == "set pro_mode to true")
        let pro: JSONValue = ["model": "sora-2", "prompt": "a", "resolution": "1792x1024", "pro": true]
        #expect(try check(pro).isValid)
    }

    @Test func orientationOnlyForText() throws {
        var request = JSONObject()
        request["model"] = "wan-wavespeed-22-plus"
        request["orientation"] = "portrait"
        request["prompt"] = "a"
        #expect(try check(.object(request)).isValid)
        request["imageUrl"] = Sample.url("image")
        #expect(try check(.object(request)).error("orientation") != nil)
    }

    @Test func longTextCountsAgainstTheBody() throws {
        let text = String(repeating: "\n", count: 1000)
        let request: JSONValue = ["model": "veo2-video", "prompt": .string("a" + text), "duration": "5s"]
        #expect(try check(request, .init(maximumBodyBytes: 10_000)).isValid)
        #expect(try check(request, .init(maximumBodyBytes: 1000)).error("prompt") != nil)
    }

    @Test func storiesTakeOneOfThree() throws {
        for field in ["prompt", "script", "storyConfig"] {
            let value: JSONValue = field == "storyConfig" ? ["scenes": [["text": "a"]]] : "once upon a time"
            let request: JSONValue = ["model": "longstories-movie", field: value, "duration": "60s"]
            #expect(try check(request).body?["duration"] == "60")
        }
        #expect(
            try check(["model": "longstories-movie", "duration": "60"]).error("prompt")?.message.contains(
                "script"
            ) == true
        )
        let old = try check(["model": "longstories-movie", "prompt": "a", "targetLengthInWords": 100])
        #expect(old.error("targetLengthInWords")?.hint == "did you mean duration?")
    }

    // MARK: Prices

    @Test func observedPrices() throws {
        func price(_ request: JSONValue) throws -> Int64? { try check(request).price?.micros }
        #expect(try price(["model": "veo2-video", "prompt": "a", "duration": 5]) == 3_400_000)
        #expect(try price(["model": "veo2-video", "prompt": "a", "duration": 8]) == 5_440_000)
        #expect(try price(["model": "sora-2", "prompt": "a", "resolution": "720p", "seconds": 8]) == 800_000)
        #expect(
            try price(["model": "sora-2", "prompt": "a", "resolution": "720p", "seconds": 8, "pro": true])
                == 2_400_000
        )
        #expect(try price(["model": "veo3-video", "prompt": "a"]) == 3_200_000)
        #expect(try price(["model": "veo3-video", "prompt": "a", "generateAudio": true]) == 4_800_000)
        #expect(try price(["model": "hunyuan-video", "prompt": "a", "pro_mode": true]) == 800_000)
        #expect(
            try price(["model": "seedance-video", "prompt": "a", "resolution": "480p", "duration": "10"])
                == 240_040
        )
        #expect(try price(["model": "lightricks-ltx-2-fast", "prompt": "a", "duration": 8]) == 320_000)
        let wan: JSONValue = [
            "model": "wan-video-image-to-video", "imageUrl": Sample.url("image"), "resolution": "720p",
            "num_frames": 90,
        ]
        #expect(try price(wan) == 500_000)
        // Not known, never 0.
        #expect(try price(["model": "kling-video", "prompt": "a"]) == nil)
        #expect(try price(["model": "sora-2", "prompt": "a", "seconds": 8]) == nil)
        #expect(
            try price(["model": "lightricks-ltx-2-fast", "prompt": "a", "duration": 8, "generateAudio": true])
                == nil
        )
    }
}
