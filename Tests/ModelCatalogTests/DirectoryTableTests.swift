import Glibc
import JSON
import ModelCatalog
import Testing

/// Walks the model directory as it was gathered from the documents, independently of the data file: every minimal
/// request passes, and every documented constraint, broken one at a time, is refused naming the field.
struct DirectoryTableTests {
    private final class Tally {
        var cases = 0
        let catalog: ModelCatalog

        init() throws {
            catalog = try ModelCatalog.builtIn()
        }

        func passes(_ request: JSONObject, _ what: String) -> JSONObject? {
            cases += 1
            let result = catalog.validate(request, options: .init())
            #expect(result.errors.isEmpty, "\(what) must pass: \(result.errors)")
            return result.body
        }

        func refuses(_ request: JSONObject, naming fields: Set<String>, _ what: String) {
            cases += 1
            let result = catalog.validate(request, options: .init())
            #expect(
                result.errors.contains { fields.contains($0.field) },
                "\(what) must name \(fields): \(result.errors)"
            )
            #expect(result.body == nil, "\(what) must not be sent")
        }

        func warns(_ request: JSONObject, naming field: String, _ what: String) {
            cases += 1
            let result = catalog.validate(request, options: .init())
            #expect(result.errors.isEmpty, "\(what) must not block: \(result.errors)")
            #expect(
                result.warnings.contains { $0.field == field },
                "\(what) must warn of \(field): \(result.warnings)"
            )
        }
    }

    /// Where the catalogue deliberately differs from the directory, because the documents disagree (C22).
    private static let disputedInputs: Set<String> = [
        "kling-v25-turbo-std", "midjourney-video", "kling-lipsync-t2v",
    ]
    /// Fields in the directory that are spellings of another one in it (C19), and what is sent.
    private static let folded = [
        "hunyuan-video": ["pro_mode": "pro"], "seedance-video": ["camera_fixed": "camera_fix"],
    ]
    private static let costDriving: Set<String> = [
        "duration", "seconds", "resolution", "size", "num_frames", "generateAudio", "pro", "pro_mode",
    ]

    @Test func everyModelOfTheDirectory() throws {
        let directory = try #require(try fixture("directory.json").arrayValue)
        #expect(directory.count == 50)
        let tally = try Tally()
        #expect(tally.catalog.models.map(\.id) == directory.compactMap { $0["id"]?.stringValue })
        for model in directory {
            let minimal = try minimalRequest(model)
            checkMinimal(model, minimal, tally)
            try checkPrompt(model, minimal, tally)
            try checkMedia(model, minimal, tally)
            for member in try #require(model["fields"]?.objectValue).members where member.name != "prompt" {
                try checkField(model, minimal, member.name, member.value, tally)
            }
            checkStrangers(model, minimal, tally)
        }
        print("model directory: \(tally.cases) cases over \(directory.count) models")
        #expect(tally.cases > 400)
    }

    // MARK: Requests

    private func minimalRequest(_ model: JSONValue) throws -> JSONObject {
        var request = JSONObject()
        request["model"] = model["id"]
        if model["prompt"] != false { request["prompt"] = "a lighthouse in the fog" }
        for input in model["required_media"]?.arrayValue ?? [] {
            let fields = try strings(input["fields"])
            request[fields.last ?? ""] =
                fields.last == "imageDataUrl" ? Sample.inline("image") : Sample.url(kind(input))
        }
        for field in try #require(model["fields"]?.objectValue).members where field.value["required"] == true
        {
            if field.name != "prompt" {
                request[field.name] = field.value["allowed"]?.arrayValue?.first ?? "word"
            }
        }
        return request
    }

    private func kind(_ input: JSONValue) -> String {
        let role = input["role"]?.stringValue ?? ""
        return role.hasSuffix("image") ? "image" : role.hasSuffix("video") ? "video" : role
    }

    private func strings(_ value: JSONValue?) throws -> [String] {
        try #require(value?.arrayValue).compactMap(\.stringValue)
    }

    private func id(_ model: JSONValue) -> String { model["id"]?.stringValue ?? "" }

    // MARK: Rules

    private func checkMinimal(_ model: JSONValue, _ minimal: JSONObject, _ tally: Tally) {
        guard let body = tally.passes(minimal, "\(id(model)), minimal") else { return }
        for field in model["fields"]?.objectValue?.members ?? []
        where Self.costDriving.contains(field.name) && Self.folded[id(model)]?[field.name] == nil {
            if let value = field.value["default"] {
                tally.cases += 1
                #expect(body[field.name] == value, "\(id(model)): \(field.name) is sent with its default")
            } else if body[field.name] == nil, field.value["required"] != true {
                tally.warns(minimal, naming: field.name, "\(id(model)) without \(field.name)")
            }
        }
    }

    private func checkPrompt(_ model: JSONValue, _ minimal: JSONObject, _ tally: Tally) throws {
        var request = minimal
        request["prompt"] = nil
        switch model["prompt"] {
        case true?, "when no image is sent"?, "one of prompt|script|storyConfig"?, "one of prompt|text"?:
            tally.refuses(request, naming: ["prompt"], "\(id(model)) without prompt")
            request["prompt"] = "  \n"
            tally.refuses(request, naming: ["prompt"], "\(id(model)) with a blank prompt")
        default:
            _ = tally.passes(request, "\(id(model)) without prompt")
        }
        request["prompt"] = 5
        tally.refuses(request, naming: ["prompt"], "\(id(model)) with a number as prompt")
        guard case .string(let rule)? = model["prompt"], rule.hasPrefix("one of") else { return }
        for name in rule.dropFirst("one of ".count).split(separator: "|").map(String.init) {
            request["prompt"] = nil
            request[name] = name == "storyConfig" ? ["scenes": []] : "once upon a time"
            _ = tally.passes(request, "\(id(model)) with \(name)")
            request[name] = nil
        }
    }

    private func checkMedia(_ model: JSONValue, _ minimal: JSONObject, _ tally: Tally) throws {
        let required = model["required_media"]?.arrayValue ?? []
        for input in required + (model["optional_media"]?.arrayValue ?? []) {
            let name = id(model)
            let kind = kind(input)
            let spellings = try strings(input["fields"]) + strings(input["accept"])
            let all = Set(spellings)
            var without = minimal
            for spelling in spellings { without[spelling] = nil }
            if required.contains(input) {
                if Self.disputedInputs.contains(name) {
                    cases(without, tally, spellings, name)
                } else {
                    tally.refuses(without, naming: all, "\(name) without \(kind)")
                }
            }
            for spelling in spellings {
                var request = without
                let isAttachment = spelling.hasSuffix("AttachmentId")
                request[spelling] = isAttachment ? "att_123" : Sample.url(kind)
                let body = tally.passes(request, "\(name) with a URL in \(spelling)")
                #expect(
                    body?.names.contains { $0.hasSuffix("DataUrl") } == false,
                    "\(name): a URL is sent as a URL"
                )
                guard !isAttachment else { continue }
                request[spelling] = Sample.inline(kind)
                _ = tally.passes(request, "\(name) with a file in \(spelling)")
                request[spelling] = Sample.inline(kind == "image" ? "audio" : "image")
                tally.refuses(
                    request,
                    naming: [spelling],
                    "\(name) with the wrong kind of file in \(spelling)"
                )
                request[spelling] = "http://assets.example.com/file"
                tally.refuses(request, naming: [spelling], "\(name) with a plain http URL in \(spelling)")
            }
            guard let first = spellings.first, let second = spellings.dropFirst().first else { continue }
            var twice = without
            twice[first] = Sample.url(kind)
            twice[second] = Sample.url(kind)
            tally.refuses(twice, naming: [first, second], "\(name) with \(first) and \(second)")
        }
    }

    private func cases(_ request: JSONObject, _ tally: Tally, _ spellings: [String], _ name: String) {
        tally.cases += 1
        let result = tally.catalog.validate(request, options: .init())
        #expect(result.errors.isEmpty, "\(name), C22")
        #expect(result.warnings.contains { spellings.contains($0.field) }, "\(name), C22")
    }

    private func checkField(
        _ model: JSONValue,
        _ minimal: JSONObject,
        _ name: String,
        _ field: JSONValue,
        _ tally: Tally
    ) throws {
        let what = "\(id(model)), \(name)"
        func with(_ value: JSONValue) -> JSONObject {
            var request = minimal
            request[name] = value
            if name == "resolution", value == "1792x1024" { request["pro_mode"] = true }
            return request
        }
        let sent = Self.folded[id(model)]?[name] ?? name
        let allowed = field["allowed"]?.arrayValue ?? []
        for value in allowed {
            let body = tally.passes(with(value), "\(what) \(value.text)")
            #expect(body?[sent] == value, "\(what) is sent as given")
        }
        if !allowed.isEmpty {
            let stranger: JSONValue =
                allowed.first?.numberValue != nil ? 7 : ["duration", "seconds"].contains(name) ? "7" : "7x"
            tally.refuses(with(stranger), naming: [name], "\(what) \(stranger.text)")
        }
        if let low = field["range"]?["min"]?.doubleValue, let high = field["range"]?["max"]?.doubleValue {
            let isSuffixed = field["pattern"] != nil
            let isText = field["type"] == "string"
            func value(_ number: Double) -> JSONValue {
                let digits = Int(exactly: number).map(String.init) ?? "\(number)"
                return isText ? .string(digits + (isSuffixed ? "s" : "")) : .number(JSONNumber(number))
            }
            for number in [low, high] { _ = tally.passes(with(value(number)), "\(what) \(number)") }
            for number in [low - 1, high + 1] {
                tally.refuses(with(value(number)), naming: [name], "\(what) \(number)")
            }
        }
        let wrong: JSONValue? =
            switch field["type"]?.stringValue {
            case "string"?: ["a"]
            case "boolean"?: "true"
            case "integer"?: 1.5
            case "number"?: "fast"
            case "object"?: "scenes"
            case "number|string"?: true
            default: nil
            }
        if let wrong { tally.refuses(with(wrong), naming: [name], "\(what) as \(wrong.text)") }
        tally.refuses(with(.null), naming: [name], "\(what) as null")
        if field["required"] == true {
            var request = minimal
            request[name] = nil
            tally.refuses(request, naming: [name], "\(what) left out")
        }
        var misspelt = minimal
        let typo = String(name.dropLast(2)) + String(name.suffix(2).reversed()) + "x"
        misspelt[typo] = allowed.first ?? "a"
        tally.refuses(misspelt, naming: [typo], "\(what) written \(typo)")
        let hint = tally.catalog.validate(misspelt, options: .init()).errors.first { $0.field == typo }?.hint
        #expect(hint?.contains(sent) == true, "\(what) written \(typo): \(hint ?? "no hint")")
    }

    private func checkStrangers(_ model: JSONValue, _ minimal: JSONObject, _ tally: Tally) {
        let name = id(model)
        var request = minimal
        request["conversationUUID"] = "b7c75a5e-0000-4000-8000-000000000000"
        tally.refuses(request, naming: ["conversationUUID"], "\(name) with conversationUUID")
        request = minimal
        request["wibble"] = 1
        tally.refuses(request, naming: ["wibble"], "\(name) with a field of no document")
        request = minimal
        request["targetVideo"] = Sample.url("video")
        if name != "magicapi-video-face-swap" {
            tally.refuses(request, naming: ["targetVideo"], "\(name) with extra media")
        }
        for fixed in model["fixed"]?.objectValue?.members ?? [] {
            request = minimal
            request[fixed.name] = fixed.value
            _ = tally.passes(request, "\(name) with its fixed \(fixed.name)")
            request[fixed.name] = "9"
            tally.refuses(request, naming: [fixed.name], "\(name) with another \(fixed.name)")
        }
    }
}

/// A file beside the tests.
func fixture(_ name: String) throws -> JSONValue {
    let directory = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(
        separator: "/"
    )
    let file = try #require(fopen("\(directory)/Fixtures/\(name)", "r"))
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65536)
    while true {
        let count = fread(&chunk, 1, chunk.count, file)
        guard count > 0 else { break }
        bytes.append(contentsOf: chunk[..<count])
    }
    return try JSONParser.parse(bytes)
}
