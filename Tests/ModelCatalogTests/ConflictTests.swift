import JSON
import ModelCatalog
import Testing

/// One test per conflict between the documents (FACTS) that the catalogue has to bear.
struct ConflictTests {
    @Test("C13: 4 MB of file, 4.4 MiB of body, and the way out is a URL") func c13FourMegabytes() throws {
        func request(_ bytes: Int) -> JSONValue {
            // 18 bytes make 24 characters without padding; the rest is zeros.
            let rest = bytes - 18
            let zeros = String(repeating: "AAAA", count: rest / 3) + ["", "AA==", "AAA="][rest % 3]
            let content = Sample.base64(Sample.png + [0, 0]) + zeros
            return [
                "model": "kling-v21-standard", "imageDataUrl": .string("data:image/png;base64," + content),
            ]
        }
        let roomy = ValidationOptions(maximumBodyBytes: 10_000_000)
        #expect(try check(request(4_000_000), roomy).isValid)
        let large = try #require(try check(request(4_000_001), roomy).error("imageDataUrl"))
        #expect(large.kind == .mediaInvalid)
        #expect(large.hint?.contains("https URL") == true)
        // Base64 grows by a third, so the 4.4 MiB of the body are reached first.
        #expect(try check(request(3_300_000)).isValid)
        let body = try #require(try check(request(3_500_000)).error("imageDataUrl"))
        #expect(body.message.contains("4613734"))
        #expect(body.hint?.contains("https URL") == true)
    }

    @Test(
        "C17: a duration in any form goes out in the model's form",
        arguments: [5, "5", "5s"] as [JSONValue]
    ) func c17DurationInEveryForm(_ duration: JSONValue) throws {
        func sent(
            _ model: String,
            _ field: String = "duration",
            _ more: JSONObject = JSONObject()
        ) throws -> JSONValue? {
            var request = more
            request["model"] = .string(model)
            request["prompt"] = "a lighthouse"
            request[field] = duration
            let result = try check(.object(request))
            #expect(result.errors.isEmpty)
            return result.body?["duration"]
        }
        #expect(try sent("veo2-video") == "5s")
        #expect(try sent("kling-video-v2") == "5")
        #expect(try sent("bytedance-seedance-v1-pro-fast") == "5")
        #expect(try sent("wan-wavespeed-22-plus") == "5")
        // Sora calls it seconds: both spellings lead there.
        #expect(try sent("kling-video-v2", "seconds") == "5")
        let sora = try check([
            "model": "sora-2", "prompt": "a lighthouse", "resolution": "720p", "duration": 8,
        ])
        #expect(sora.body?["seconds"] == "8")
        #expect(sora.body?["duration"] == nil)
    }

    @Test(
        "C17: what is no number of seconds is refused with the form",
        arguments: [0, -5, 5.5, "5 s", "five", "", true, "5m"] as [JSONValue]
    )
    func c17NoNumberOfSeconds(_ duration: JSONValue) throws {
        let result = try check(["model": "veo2-video", "prompt": "a lighthouse", "duration": duration])
        #expect(result.error("duration")?.hint?.contains("5s") == true)
    }

    @Test("C18: the aspect in the field of the model") func c18AspectPerModel() throws {
        let story = try check([
            "model": "longstories-movie", "prompt": "a", "aspect_ratio": "16:9", "duration": "30",
        ])
        #expect(story.body?["aspectRatio"] == "16:9")
        let veo = try check(["model": "veo2-video", "prompt": "a", "aspectRatio": "9:16"])
        #expect(veo.body?["aspect_ratio"] == "9:16")
        let sora = try check(["model": "sora-2", "prompt": "a", "aspect_ratio": "16:9"])
        #expect(sora.error("aspect_ratio")?.hint == "did you mean orientation?")
        let vidu = try check(["model": "vidu-video", "prompt": "a", "aspect_ratio": "16:9"])
        #expect(vidu.error("aspect_ratio")?.hint == "did you mean size?")
    }

    @Test(
        "C19: every spelling of a field, sent in that of the model's row",
        arguments: [
            ("sora-2", "pro", "pro_mode", true), ("hunyuan-video", "pro_mode", "pro", true),
            ("hunyuan-video", "pro", "pro", true), ("seedance-video", "cameraFixed", "camera_fix", true),
            ("seedance-video", "camera_fixed", "camera_fix", true),
            ("seedance-lite-video", "camera_fix", "camera_fixed", true),
            ("bytedance-seedance-v1-pro-fast", "cameraFixed", "camera_fixed", true),
            ("veo3-1-video", "generate_audio", "generateAudio", true),
        ] as [(String, String, String, JSONValue)]
    )
    func c19FieldSpellings(_ model: String, _ given: String, _ sent: String, _ value: JSONValue) throws {
        var request: JSONObject = JSONObject()
        request["model"] = .string(model)
        request["prompt"] = "a"
        request[given] = value
        let body = try #require(try check(.object(request)).body)
        #expect(body[sent] == value)
        #expect(given == sent || body[given] == nil)
    }

    @Test("C19: every spelling of a medium, sent in that of the model's row") func c19MediaSpellings() throws
    {
        func sent(_ model: String, _ field: String, _ value: JSONValue) throws -> [String]? {
            var request = JSONObject()
            request["model"] = .string(model)
            request["prompt"] = "a"
            request[field] = value
            return try check(.object(request)).body?.names.filter { $0 != "model" && $0 != "prompt" }
        }
        for field in ["imageDataUrl", "imageUrl", "image", "image_data_url"] {
            #expect(try sent("kling-v21-pro", field, Sample.url("image")) == ["imageUrl"])
            #expect(try sent("kling-v21-pro", field, Sample.inline("image")) == ["imageDataUrl"])
            #expect(try sent("bytedance-waver-1.0", field, Sample.url("image")) == ["image"])
            #expect(try sent("bytedance-waver-1.0", field, Sample.inline("image")) == ["image"])
        }
        for field in ["video", "videoUrl", "videoDataUrl"] {
            #expect(try sent("runwayml-gen4-aleph", field, Sample.url("video")) == ["video"])
        }
        let voice = try check([
            "model": "kling-lipsync-t2v", "text": "hello", "video": Sample.url("video"), "voiceId": "v1",
        ])
        #expect(voice.body?["voice_id"] == "v1")
    }

    @Test("C19: two spellings of one field are refused") func c19BothSpellingsAreRefused() throws {
        let result = try check(["model": "sora-2", "prompt": "a", "pro": true, "pro_mode": false])
        #expect(result.error("pro_mode")?.message.contains("same field") == true)
    }

    @Test("C20: Veo 3 takes 8 seconds without doubt, 5 with a warning") func c20Veo3Duration() throws {
        #expect(try check(["model": "veo3-video", "prompt": "a"]).body?["duration"] == "8s")
        let eight = try check(["model": "veo3-video", "prompt": "a", "duration": 8])
        #expect(eight.body?["duration"] == "8s")
        #expect(eight.warning("duration") == nil)
        let five = try check(["model": "veo3-video", "prompt": "a", "duration": "5"])
        #expect(five.body?["duration"] == "5s")
        #expect(five.warning("duration")?.message.contains("C20") == true)
        #expect(try check(["model": "veo3-video", "prompt": "a", "duration": 9]).error("duration") != nil)
        let fast = try check(["model": "veo3-fast-video", "prompt": "a", "duration": "8"])
        #expect(fast.body?["duration"] == "8s")
        #expect(fast.warning("duration")?.message.contains("C20") == true)
        #expect(try check(["model": "veo3-fast-video", "prompt": "a"]).body?["duration"] == nil)
        #expect(
            try check(["model": "veo3-fast-video", "prompt": "a", "duration": "5"]).error("duration") != nil
        )
    }

    @Test("C21: Seedance takes the union of the resolutions") func c21SeedanceResolution() throws {
        for resolution in ["480p", "720p", "1080p"] {
            let result = try check([
                "model": "seedance-video", "prompt": "a", "duration": "5", "resolution": .string(resolution),
            ])
            #expect(result.isValid)
            #expect((result.warning("resolution") == nil) == (resolution == "480p"))
        }
        #expect(
            try check(["model": "seedance-video", "prompt": "a", "resolution": "4k"]).error("resolution")
                != nil
        )
    }

    @Test(
        "C22: text without the disputed image is a warning",
        arguments: ["kling-v21-pro", "kling-v21-master", "kling-v25-turbo-std", "midjourney-video"]
    )
    func c22TextWithoutImageIsAWarning(_ model: String) throws {
        let result = try check(["model": .string(model), "prompt": "a"])
        #expect(result.isValid)
        #expect(result.warnings.contains { $0.kind == .mediaInvalid && $0.message.contains("C22") })
        #expect(try check(["model": .string(model)]).error("prompt") != nil)
    }

    @Test("C22: other disputed inputs are warnings") func c22OtherInputs() throws {
        let waver = try check([
            "model": "bytedance-waver-1.0", "image": Sample.url("image"), "audio": Sample.url("audio"),
        ])
        #expect(waver.isValid)
        #expect(waver.warning("audio")?.message.contains("C22") == true)
        #expect(try check(["model": "bytedance-waver-1.0"]).error("image") != nil)
        let spoken = try check(["model": "kling-lipsync-t2v", "prompt": "hello", "voice_id": "v1"])
        #expect(spoken.isValid)
        #expect(spoken.warning("video")?.message.contains("C22") == true)
    }

    @Test("C23: spicy-extend is sent videoUrl") func c23SpicyExtendSendsVideoURL() throws {
        for field in ["video", "videoUrl"] {
            let result = try check([
                "model": "wan-wavespeed-22-spicy-extend", field: Sample.url("video"), "resolution": "480p",
                "duration": 5, "prompt": "on and on",
            ])
            #expect(result.warnings.isEmpty)
            let sent = try members([
                "model": "wan-wavespeed-22-spicy-extend", "videoUrl": Sample.url("video"),
                "resolution": "480p",
                "duration": "5", "prompt": "on and on",
            ])
            #expect(result.body == sent)
        }
        let file = try check([
            "model": "wan-wavespeed-22-spicy-extend", "video": Sample.inline("video"), "prompt": "a",
        ])
        #expect(file.body?["videoDataUrl"] != nil)
        let silent = try check(["model": "wan-wavespeed-22-spicy-extend", "video": Sample.url("video")])
        #expect(silent.isValid)
        #expect(silent.warning("prompt")?.message.contains("C23") == true)
    }

    @Test("C24: mode means something else for each model") func c24ModePerModel() throws {
        var request = try members([
            "model": "wan-wavespeed-22-animate", "image": Sample.url("image"), "video": Sample.url("video"),
            "resolution": "480p",
        ])
        request["mode"] = "replace"
        #expect(try check(.object(request)).warnings.isEmpty)
        request["mode"] = "text-to-video"
        #expect(try check(.object(request)).error("mode")?.hint?.contains("animate, replace") == true)
        let other = try check(["model": "wan-video-22", "prompt": "a", "mode": "text-to-video"])
        #expect(other.isValid)
        #expect(other.warning("mode")?.message.contains("C24") == true)
    }

    @Test(
        "C28: only public https URLs",
        arguments: [
            "http://example.com/a.png", "https://localhost/a.png", "https://printer.local/a.png",
            "https://db.internal/a", "https://nas/a.png", "https://127.0.0.1/a", "https://127.1/a",
            "https://2130706433/a", "https://0x7f000001/a", "https://0177.0.0.1/a", "https://10.1.2.3/a",
            "https://172.16.0.1/a", "https://172.31.255.255/a", "https://192.168.1.1:8443/a",
            "https://169.254.169.254/latest/meta-data", "https://100.64.0.1/a", "https://0.0.0.0/a",
            "https://224.0.0.1/a", "https://255.255.255.255/a", "https://[::1]/a", "https://[::]/a",
            "https://[fe80::1]/a", "https://[fd00::1]/a", "https://[::ffff:10.0.0.1]/a",
            "https://[64:ff9b::7f00:1]/a",
            "https://[2002:7f00:1::]/a", "https://[2001:db8::1]/a", "https://user:secret@example.com/a",
            "https://user@example.com/a", "https:///a.png", "https://", "https://?x",
            "https://example.com:0/a",
            "https://example.com:99999/a", "https://example.com:x/a", "https://exa mple.com/a",
            "https://example.com/a b.png", "https://exam%70le.com/a", "https://.example.com/a",
            "https://example..com/a", "https://1.2.3/4", "https://1.2.3.4.5/a", "https://[::1/a",
            "ftp://example.com/a", "file:///home/me/a.png", "/home/me/a.png", "a.png", "",
            "https:example.com/a",
            "https://localhost./a", "https://host.localhost/a", "https://999.1.1.1/a",
            "blob:https://example.com/1",
        ]
    )
    func c28OnlyPublicURLs(_ url: String) throws {
        // As the URL standard reads it, this is 1.2.0.3, a public address.
        let isPublic = url == "https://1.2.3/4"
        let result = try check(["model": "kling-v21-pro", "prompt": "a", "imageUrl": .string(url)])
        #expect((result.error("imageUrl") == nil) == isPublic)
        #expect(isPublic || result.error("imageUrl")?.kind == .mediaInvalid)
    }

    @Test(
        "C28: public URLs pass",
        arguments: [
            "https://example.com/a.png", "HTTPS://Example.COM/a.png", "https://example.com:8443/a?b=c#d",
            "https://8.8.8.8/a", "https://[2606:4700::1111]/a", "https://xn--bcher-kva.example/a",
            "https://example.com", "https://example.com./a", "https://172.32.0.1/a",
            "https://images.unsplash.com/photo-1504196606672-aef5c9cefc92?w=1024",
            "https://a_b.example.com/ü.png",
        ]
    )
    func c28PublicURLsPass(_ url: String) throws {
        #expect(try check(["model": "kling-v21-pro", "prompt": "a", "imageUrl": .string(url)]).isValid)
    }

    @Test(
        "C28: no passwords in URLs, nor in what is said about them",
        arguments: ["https://user:secret@example.com/a", "https://user@example.com/a"]
    )
    func c28NoPasswords(_ url: String) throws {
        let issue = try check(["model": "kling-v21-pro", "prompt": "a", "imageUrl": .string(url)]).error(
            "imageUrl"
        )
        #expect(issue?.message.contains("password") == true)
        #expect(issue?.message.contains("secret") == false)
    }

    @Test("C28: loopback URLs only for an API on loopback") func c28LoopbackOnlyForALoopbackAPI() throws {
        let options = ValidationOptions(allowLoopbackMediaURLs: true)
        for url in ["http://127.0.0.1:8080/a.png", "https://localhost/a.png", "http://[::1]:9/a.png"] {
            let request: JSONValue = ["model": "kling-v21-pro", "prompt": "a", "imageUrl": .string(url)]
            #expect(try check(request, options).isValid)
            #expect(try check(request).error("imageUrl") != nil)
        }
        let other: JSONValue = [
            "model": "kling-v21-pro", "prompt": "a", "imageUrl": "https://10.0.0.1/a.png",
        ]
        #expect(try check(other, options).error("imageUrl") != nil)
    }
}
