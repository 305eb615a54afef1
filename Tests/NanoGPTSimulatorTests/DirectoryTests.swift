import Testing

@testable import NanoGPTSimulator

@Suite struct DirectoryTests {
    private let directory = ModelDirectory.embedded

    @Test func holdsAllModels() {
        #expect(directory.models.count == 65)
        #expect(directory["sora-2"]?.modes == ["t2v", "i2v"])
        #expect(directory.removed == ["promptchan-video"])
        let catalogue = directory.catalogue(detailed: true, now: 0)
        #expect(catalogue["data"]?.elements.count == 65)
        #expect(catalogue["meta"]?["generated_at"] == "1970-01-01T00:00:00.000Z")
    }

    @Test(arguments: [
        ("kling-video-v2", #"{"prompt":"x","duration":10}"#),
        ("veo2-video", #"{"prompt":"x","duration":"5s","seed":7,"unknown":true}"#),
        ("veo2-video", #"{"prompt":"x","duration":6}"#),
        ("minimax-video", #"{"imageUrl":"https://x/y.png"}"#),
        ("longstories-movie", #"{"script":"a story","duration":"30"}"#),
        ("sora-2", #"{"prompt":"x","resolution":"1792x1024","pro_mode":true}"#),
        ("kling-lipsync-t2v", #"{"video":"https://x","text":"hello","voiceId":"v"}"#),
        ("kling-v21-standard", #"{"prompt":"x","image":"data:image/png;base64,AA"}"#),
    ])
    func accepts(model: String, text: String) throws {
        let body = try JSONReader.value(of: text.utf8)
        #expect(try #require(directory[model]).refusal(of: body) == nil)
    }

    @Test(arguments: [
        (
            "kling-v21-standard", #"{"prompt":"x"}"#,
            "Kling 2.1 Standard requires an input image. Please select an image to generate a video."
        ),
        ("kling-video", #"{}"#, "Prompt is required"),
        (
            "kling-video-v2", #"{"prompt":"x","duration":"7"}"#,
            "Invalid duration for kling-video-v2: must be one of 5, 10"
        ),
        (
            "veo2-video", #"{"prompt":"x","duration":"31s"}"#,
            "Invalid duration for veo2-video: must be from 5 to 30"
        ),
        ("sora-2", #"{"prompt":"x","resolution":"1792x1024"}"#, "This resolution requires pro mode."),
        ("video-upscaler", #"{"video":"https://x"}"#, "Missing field target_resolution for video-upscaler"),
    ])
    func refuses(model: String, text: String, message: String) throws {
        let body = try JSONReader.value(of: text.utf8)
        #expect(try #require(directory[model]).refusal(of: body)?.message == message)
    }

    @Test func strictAboutForeignMedia() throws {
        let model = try #require(directory["kling-video"])
        let body: JSONValue = ["prompt": "x", "videoUrl": "https://x"]
        #expect(model.refusal(of: body) == nil)
        #expect(model.refusal(of: body, foreignMedia: directory.mediaNames) != nil)
    }

    @Test(arguments: [
        ("veo2-video", #"{}"#, 3_400_000), ("veo2-video", #"{"duration":"10s"}"#, 6_800_000),
        ("hunyuan-video", #"{"pro":true}"#, 800_000),
        ("wan-video-image-to-video", #"{"resolution":"720p"}"#, 400_000),
        ("sora-2", #"{"seconds":"8"}"#, 800_000), ("veo3-video", #"{"generateAudio":true}"#, 4_800_000),
        ("pixverse-v45", #"{"duration":"8","resolution":"540p"}"#, 230_000),
        ("seedance-video", #"{"duration":"10","resolution":"720p"}"#, 570_000),
        ("kling-video", #"{}"#, 350_000),
    ])
    func prices(model: String, text: String, micros: Int64) throws {
        let body = try JSONReader.value(of: text.utf8)
        #expect(try #require(directory[model]).priceMicros(of: body, standard: 0.35) == micros)
    }
}
