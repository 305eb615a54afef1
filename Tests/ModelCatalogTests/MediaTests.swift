import JSON
import ModelCatalog
import Testing

struct MediaTests {
    @Test(
        arguments: [
            ("image/png", Sample.png), ("image/jpeg", Sample.jpeg), ("image/gif", Sample.gif),
            ("image/webp", Sample.webp),
            ("image/bmp", Sample.bmp), ("image/avif", Sample.avif), ("image/heic", Sample.heic),
        ])
    func images(_ type: String, _ bytes: [UInt8]) throws {
        #expect(MediaType.detect(bytes)?.name == type)
        try expectOnly("image", type, bytes)
    }

    @Test(
        arguments: [
            ("audio/wav", Sample.wav), ("audio/mpeg", Sample.mp3), ("audio/mpeg", Sample.mp3Tagged),
            ("audio/aac", Sample.aac), ("audio/flac", Sample.flac), ("audio/mp4", Sample.m4a),
        ])
    func sounds(_ type: String, _ bytes: [UInt8]) throws {
        #expect(MediaType.detect(bytes)?.name == type)
        try expectOnly("audio", type, bytes)
    }

    @Test(
        arguments: [
            ("video/mp4", Sample.mp4), ("video/quicktime", Sample.mov), ("video/webm", Sample.webm),
            ("audio/ogg", Sample.ogg),
        ])
    func containers(_ type: String, _ bytes: [UInt8]) throws {
        let detected = try #require(MediaType.detect(bytes))
        #expect(detected.name == type)
        #expect(detected.kinds == [.audio, .video])
        #expect(try error("image", "image/png", bytes) != nil)
        #expect(try error("audio", "audio/mp4", bytes) == nil)
        #expect(try error("video", "video/mp4", bytes) == nil)
    }

    @Test(
        arguments: [
            [], [0xFF], [0xFF, 0x00], Array("<html>".utf8), Array("RIFF1234OTHR".utf8), [0, 0, 0, 0, 1],
        ] as [[UInt8]]
    )
    func unknownContent(_ bytes: [UInt8]) {
        #expect(MediaType.detect(bytes) == nil)
    }

    /// What stands in the field is fit for its role, and for no other.
    private func expectOnly(_ kind: String, _ type: String, _ bytes: [UInt8]) throws {
        for role in ["image", "audio", "video"] {
            #expect((try error(role, type, bytes) == nil) == (role == kind), "\(type) as \(role)")
        }
        // Declared as another kind than it is.
        #expect(try error(kind, kind == "video" ? "image/png" : "video/mp4", bytes) != nil)
    }

    private func error(_ role: String, _ type: String, _ bytes: [UInt8]) throws -> ValidationIssue? {
        let others: [String: JSONValue] = [
            "image": Sample.url("image"), "audio": Sample.url("audio"), "video": Sample.url("video"),
        ]
        var request = JSONObject()
        request["model"] = role == "audio" ? "kling-lipsync-a2v" : "wan-wavespeed-22-animate"
        for name in role == "audio" ? ["video"] : ["image", "video"] { request[name] = others[name] }
        request[role] = Sample.dataURL(type, bytes)
        return try check(.object(request)).error(role)
    }

    // MARK: Data URLs

    @Test(
        arguments: [
            "data:image/png,abc", "data:image/png;base64", "data:image/png;base64,", "data:,abcd",
            "data:image/png;base64,a",
            "data:image/png;base64,iVBORw0KGgo", "data:image/png;base64,iVBO Rw0KGgo=",
            "data:image/png;base64,iVBO\nRw0KGgo=",
            "data:image/png;base64,iVBO-w0KGgo=", "data:image/png;base64,iVBORw0K=gg=",
            "data:image/png;base64,iVBORw0KG===",
            "data:image/png;base64,====", "data:image/jpeg;base64,/9j/4AAQ...",
            "data:image/png;base64,iVBORw0KGgoé",
        ])
    func brokenDataURLs(_ url: String) throws {
        let result = try check(["model": "kling-v21-pro", "prompt": "a", "imageDataUrl": .string(url)])
        #expect(result.error("imageDataUrl")?.kind == .mediaInvalid)
    }

    @Test(arguments: [
        "data:image/png;base64,", "DATA:Image/PNG;base64,", "data:image/png;charset=utf-8;BASE64,",
    ])
    func headersOfDataURLs(_ header: String) throws {
        let url = header + Sample.base64(Sample.png)
        let result = try check([
            "model": "kling-v21-pro", "prompt": "a", "image": .string(url), "duration": "5",
        ])
        #expect(result.isValid)
        #expect(result.warnings.isEmpty)
        #expect(result.media == [result.media.first])
        let item = try #require(result.media.first)
        #expect(item.field == "imageDataUrl")
        #expect(item.mediaType == "image/png")
        #expect(item.bytes == Sample.png.count)
    }

    @Test(arguments: [" ", "\n", "-", "_", "=", "é", "\u{0}", "."]) func oneBadByteFarBehind(
        _ byte: String
    ) throws {
        let good = Sample.base64(Sample.png + [0, 0]) + String(repeating: "AbCd", count: 1000)
        let bad = good.dropLast(byte.utf8.count) + byte + "AAAA"
        let fault = #expect(throws: DataURL.Fault.self) { try DataURL("data:image/png;base64," + bad) }
        #expect(fault?.message == "is not valid base64")
    }

    @Test(arguments: 0..<70) func decodedContentIsTheContent(_ length: Int) throws {
        let bytes = (0..<length + 1).map { UInt8(truncatingIfNeeded: $0 * 37 + 5) }
        let url = try DataURL("data:application/x;base64," + Sample.base64(bytes))
        #expect(url.decoded() == bytes)
        #expect(url.byteCount == bytes.count)
        #expect(url.declaredType == "application/x")
    }

    @Test func typeThatIsDeclaredWrongly() throws {
        func result(_ type: String) throws -> ValidationResult {
            try check([
                "model": "kling-v21-pro", "prompt": "a", "duration": "5",
                "imageDataUrl": Sample.dataURL(type, Sample.jpeg),
            ])
        }
        #expect(try result("image/jpeg").warnings.isEmpty)
        #expect(try result("image/jpg").warnings.isEmpty)
        // The same kind under another name is worth a warning; another kind is an error.
        #expect(try result("image/png").warning("imageDataUrl") != nil)
        #expect(try result("video/mp4").error("imageDataUrl")?.hint == "write data:image/jpeg;base64,…")
        #expect(try result("").error("imageDataUrl") != nil)
        #expect(try result("application/octet-stream").error("imageDataUrl") != nil)
    }

    @Test func contentThatNobodyKnows() throws {
        let request: JSONValue = [
            "model": "kling-v21-pro", "prompt": "a",
            "imageDataUrl": Sample.dataURL("image/jxl", [0xFF, 0x0A, 1, 2]),
        ]
        #expect(try check(request).error("imageDataUrl")?.hint?.contains("PNG") == true)
        #expect(try check(request, .init(allowUnknown: true)).warning("imageDataUrl") != nil)
    }

    // MARK: Fields

    @Test func groupsAreAllNeeded() throws {
        let both = try check(["model": "veed-fabric-1.0"])
        #expect(both.errors.map(\.field) == ["imageUrl", "audioUrl"])
        #expect(both.error("audioUrl")?.hint == "give audioUrl (https URL) or audioDataUrl (data URL)")
        let one = try check(["model": "veed-fabric-1.0", "imageDataUrl": Sample.inline("image")])
        #expect(one.errors.map(\.field) == ["audioUrl"])
        #expect(one.errors.first?.kind == .mediaInvalid)
        let face = try check(["model": "magicapi-video-face-swap", "swapImage": Sample.inline("image")])
        #expect(face.errors.map(\.field) == ["targetVideo"])
        #expect(face.errors.first?.message == "magicapi-video-face-swap needs a video (target_video)")
    }

    @Test func extraMediaAreRefused() throws {
        let result = try check(["model": "kling-video", "prompt": "a", "imageUrl": Sample.url("image")])
        #expect(result.error("imageUrl")?.kind == .mediaInvalid)
        let other = try check(["model": "sora-2", "prompt": "a", "swapImage": Sample.url("image")])
        #expect(other.error("swapImage")?.hint == "did you mean imageUrl?")
    }

    @Test func attachments() throws {
        let result = try check(["model": "midjourney-video", "imageAttachmentId": "att_1"])
        #expect(result.body?["imageAttachmentId"] == "att_1")
        #expect(
            try check(["model": "midjourney-video", "imageAttachmentId": ""]).error("imageAttachmentId")
                != nil
        )
    }

    @Test func referencesMayBeLists() throws {
        func result(_ value: JSONValue) throws -> ValidationResult {
            try check(["model": "sora-2", "prompt": "a", "referenceImages": value])
        }
        #expect(try result([Sample.url("a"), Sample.inline("image")]).isValid)
        #expect(try result([Sample.inline("image")]).media.count == 1)
        #expect(try result(Sample.url("a")).warning("referenceImages") != nil)
        #expect(try result("[\"https://example.com/a\"]").isValid)
        #expect(try result("[\"http://example.com/a\"]").error("referenceImages") != nil)
        #expect(try result(["https://10.0.0.1/a"]).error("referenceImages") != nil)
        #expect(try result([5]).error("referenceImages") != nil)
        #expect(try result([Sample.inline("audio")]).error("referenceImages") != nil)
    }

    @Test func mediaMustBeTexts() throws {
        for value in [5, ["https://example.com/a"], ["url": "https://example.com/a"], nil] as [JSONValue] {
            #expect(try check(["model": "kling-v21-standard", "imageUrl": value]).error("imageUrl") != nil)
        }
    }
}
