import JSON
import Testing

@testable import DaemonCore

/// Inline media are shown as what they are, wherever a model may take them.
@Suite struct ShownRequestTests {
    private static let base64 = "iVBORw0KGgo="
    private static let described =
        #"{"media_type":"image/png","bytes":8,"sha256":"4c4b6a3be1314ab86138bef4314dde022e600960d8689a2c8f8631802d20dab6"}"#

    private func shown(_ value: JSONValue) -> String {
        var request = JSONObject()
        request["image"] = value
        return ShownRequest.make(request).text
    }

    @Test(arguments: [
        "data:image/png;base64,", "DATA:image/png;base64,", "Data:IMAGE/PNG;BASE64,",
        "data:image/png;charset=x;base64,",
    ])
    func everySpellingIsReplaced(_ head: String) {
        #expect(shown(.string(head + Self.base64)) == #"{"image":"# + Self.described + "}")
    }

    @Test func listsAreReplacedInsideAndAsText() {
        let url = "data:image/png;base64," + Self.base64
        let list: JSONValue = [.string(url), "https://x.example/a.png"]
        let expected = #"{"image":["# + Self.described + #","https://x.example/a.png"]}"#
        #expect(shown(list) == expected)
        #expect(shown(.string(list.text)) == expected)
    }

    @Test(arguments: [
        "a cat", "data: of the day", "[cat]", #"["https://x.example/a.png"]"#, "data:,plain", "[",
    ])
    func otherTextsStay(_ text: String) {
        #expect(shown(.string(text)) == #"{"image":"# + JSONValue.string(text).text + "}")
    }

    /// The same media written in another way are the same request.
    @Test func theFingerprintIsOfTheContent() {
        var requests = [JSONObject(), JSONObject(), JSONObject()]
        requests[0]["image"] = .string("data:image/png;base64," + Self.base64)
        requests[1]["image"] = .string("DATA:image/png;base64," + Self.base64)
        requests[2]["image"] = "data:image/png;base64,iVBORw0KGgs="
        let prints = requests.map { ShownRequest.make($0).fingerprint }
        #expect(prints[0] == prints[1])
        #expect(prints[0] != prints[2])
    }
}
