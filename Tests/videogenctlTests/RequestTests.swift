import Glibc
import JSON
import Testing

@testable import videogenctl

@Suite("What a request is made of")
struct RequestTests {
    @Test(
        "settings are typed",
        arguments: [
            ("duration=5", "5"), ("seed=12345678901234567890", "12345678901234567890"), ("cfg=0.10", "0.10"),
            ("pro=true", "true"), ("x=null", "null"), ("tags=[1,\"a\"]", "[1,\"a\"]"),
            ("o={\"a\":1}", "{\"a\":1}"),
            ("duration=5s", "\"5s\""), ("style=noir", "\"noir\""), ("duration=\"5\"", "\"5\""),
            ("a=b=c", "\"b=c\""),
            ("empty=", "\"\""), ("zip=007", "\"007\""), ("size=16:9", "\"16:9\""),
        ] as [(String, String)]
    )
    func settings(_ text: String, _ json: String) throws {
        #expect(try Setting(text).value.text == json)
    }

    @Test("what is no setting", arguments: ["duration", "=5", ""])
    func noSetting(_ text: String) {
        #expect(throws: CommandFailure.self) { try Setting(text) }
    }

    private static let files: [(String, [UInt8])] = [
        ("image/png", [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]),
        ("image/jpeg", [0xFF, 0xD8, 0xFF, 0xE0]),
        ("image/webp", Array("RIFF....WEBPVP8 ".utf8)), ("image/gif", Array("GIF89a".utf8)),
        ("video/mp4", Array("....ftypisom".utf8)), ("video/quicktime", Array("....ftypqt  ".utf8)),
        ("audio/mp4", Array("....ftypM4A ".utf8)), ("video/webm", [0x1A, 0x45, 0xDF, 0xA3]),
        ("audio/mpeg", Array("ID3\u{4}".utf8)), ("audio/mpeg", [0xFF, 0xFB, 0x90, 0x64]),
        ("audio/wav", Array("RIFF....WAVEfmt ".utf8)), ("audio/ogg", Array("OggS".utf8)),
        ("audio/flac", Array("fLaC".utf8)),
    ]

    @Test("media types are told from bytes", arguments: files)
    func mediaType(_ name: String, _ bytes: [UInt8]) {
        #expect(MediaType(firstBytes: bytes)?.name == name)
    }

    @Test(
        "text, nothing and half a header are no media",
        arguments: [[], Array("hello".utf8), [0xFF], [0x89, 0x50], [0xFF, 0xFF], [0xFF, 0xFE]]
    )
    func noMedia(_ bytes: [UInt8]) {
        #expect(MediaType(firstBytes: bytes) == nil)
    }

    @Test(
        "base 64, the examples of RFC 4648",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ]
    )
    func base64(_ text: String, _ encoded: String) {
        #expect(Base64.encode(Array(text.utf8)) == encoded)
    }

    @Test("files go inline, URLs as they are")
    func sources() throws {
        try withDirectory { directory in
            try write(Array("GIF89a".utf8), to: directory + "/a.gif")
            let file = try MediaSource(directory + "/a.gif", kind: "image")
            #expect(file.url == "data:image/gif;base64,R0lGODlh")
            #expect(file.isInline)
        }
        let url = try MediaSource("HTTPS://example.com/a.png", kind: "image")
        #expect(url.url == "HTTPS://example.com/a.png")
        #expect(!url.isInline)
        #expect(try MediaSource("data:image/png;base64,AA==", kind: "image").isInline)
    }

    @Test("a file of 4 MB passes, one byte more does not")
    func largest() throws {
        try withDirectory { directory in
            let path = directory + "/a.gif"
            var bytes = Array("GIF89a".utf8) + [UInt8](repeating: 0, count: MediaSource.maximumBytes - 6)
            try write(bytes, to: path)
            #expect(try MediaSource(path, kind: "image").url.utf8.count == 22 + (bytes.count + 2) / 3 * 4)
            bytes.append(0)
            try write(bytes, to: path)
            let failure = #expect(throws: CommandFailure.self) { try MediaSource(path, kind: "image") }
            #expect(failure?.status == .usage)
            #expect(failure?.hint == "Host it and pass its URL.")
        }
    }

    @Test("a file of another kind, an unknown one and a missing one are refused")
    func wrongFiles() throws {
        try withDirectory { directory in
            try write(Array("fLaC".utf8), to: directory + "/a")
            try write(Array("text".utf8), to: directory + "/b")
            func message(_ name: String) -> String? {
                #expect(throws: CommandFailure.self) {
                    try MediaSource("\(directory)/\(name)", kind: "image")
                }?.message
            }
            #expect(message("a") == "The file \(directory)/a is audio/flac, where image is needed.")
            #expect(message("b") == "The file \(directory)/b is no media file that is known here.")
            #expect(message("c") == "The file \(directory)/c cannot be read: No such file or directory.")
        }
    }

    private let faceSwap: JSONValue = [
        "media": [
            [
                "role": "target_video", "kind": "video", "inline_field": "targetVideo",
                "url_field": "targetVideo",
            ],
            ["role": "swap_image", "kind": "image", "inline_field": "swapImage", "url_field": "swapImage"],
        ]
    ]

    @Test("the model says which field a file goes into")
    func fields() throws {
        let plain: JSONValue = [
            "media": [
                ["role": "image", "kind": "image", "inline_field": "image_data", "url_field": "image_link"]
            ]
        ]
        #expect(try MediaOption.image.field(isInline: true, model: plain) == "image_data")
        #expect(try MediaOption.image.field(isInline: false, model: plain) == "image_link")
        #expect(try MediaOption.image.field(isInline: true, model: faceSwap) == "swapImage")
        #expect(try MediaOption.video.field(isInline: true, model: faceSwap) == "targetVideo")
        #expect(try MediaOption.swapImage.field(isInline: true, model: faceSwap) == "swapImage")
    }

    @Test("without a model the usual names are taken")
    func usualFields() throws {
        let names = MediaOption.allCases.map { option in
            // `try?`: an error would show as a missing name.
            [true, false].map { try? option.field(isInline: $0, model: nil) }
        }
        #expect(
            names == [
                ["imageDataUrl", "imageUrl"], ["videoDataUrl", "videoUrl"], ["audioDataUrl", "audioUrl"],
                ["swapImage", "swapImage"], ["reference_image", "reference_image"],
            ]
        )
    }

    @Test("an option that could mean several inputs is refused")
    func ambiguousField() {
        let model: JSONValue = [
            "media": [
                ["role": "first_frame", "kind": "image", "inline_field": "first", "url_field": "first"],
                ["role": "last_frame", "kind": "image", "inline_field": "last", "url_field": "last"],
            ]
        ]
        let failure = #expect(throws: CommandFailure.self) {
            try MediaOption.image.field(isInline: true, model: model)
        }
        #expect(failure?.hint == "Name the field: --set first=@FILE or --set last=@FILE")
    }

    @Test("keys have 128 bits and differ")
    func keys() {
        let keys = Set((0..<100).map { _ in ClientKey.make() })
        #expect(keys.count == 100)
        #expect(keys.allSatisfy { $0.utf8.count == 32 && $0.allSatisfy(\.isHexDigit) })
    }

    @Test("common options may stand before the command")
    func placement() {
        #expect(CommonOptionsPlacement.moved(["--json", "list", "--all"]) == ["list", "--json", "--all"])
        #expect(
            CommonOptionsPlacement.moved(["--socket", "/s", "--color=never", "show", "x"])
                == ["show", "--socket", "/s", "--color=never", "x"]
        )
        for same in [[], ["--help"], ["--json"], ["--json", "--help"], ["list", "--json"], ["--socket"]] {
            #expect(CommonOptionsPlacement.moved(same) == same)
        }
    }

    @Test("the worst end wins")
    func worst() {
        #expect(CommandStatus.worst(of: [.done, .stillRunning, .refused, .failed, .maybePaid]) == .maybePaid)
        #expect(CommandStatus.worst(of: [.done, .stillRunning, .refused, .failed]) == .failed)
        #expect(CommandStatus.worst(of: [.done, .stillRunning, .refused]) == .refused)
        #expect(CommandStatus.worst(of: [.done, .stillRunning]) == .stillRunning)
        #expect(CommandStatus.worst(of: [.done]) == .done)
        #expect(CommandStatus.worst(of: []) == .done)
    }
}
