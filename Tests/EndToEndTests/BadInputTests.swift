import ControlClient
import JSON
import Testing

extension EndToEnd {
    @Suite("Bad input on the socket")
    struct BadInputTests {
        @Test("each gets its error object, nothing is sent, the connection goes on", .timeLimit(.minutes(1)))
        func errors() throws {
            try DaemonFixture.with { fixture in
                let client = try fixture.connect()
                func refused(
                    _ line: String,
                    _ code: Int,
                    _ kind: String,
                    field: String?,
                    hint: Bool = true
                ) throws {
                    try client.sendLine(Array(line.utf8))
                    let answer = try client.receiveLine(timeout: .seconds(5)) ?? []
                    let error = try JSONParser.parse(answer)["error"] ?? .null
                    let text = Comment(rawValue: "\(line) -> \(error.text)")
                    #expect(error["code"]?.intValue == code, text)
                    #expect(error["data"]?["kind"]?.stringValue == kind, text)
                    #expect(error["data"]?["charged"] == "no", text)
                    #expect(error["data"]?["retryable"] == false, text)
                    #expect(error["data"]?["field"]?.stringValue == field, text)
                    if hint {
                        #expect(error["data"]?["hint"]?.stringValue?.isEmpty == false, text)
                    }
                }
                func call(_ method: String, _ params: String) -> String {
                    #"{"jsonrpc":"2.0","id":7,"method":"\#(method)","params":\#(params)}"#
                }
                try refused("not json", -32700, "request.parse", field: nil)
                try refused(
                    #"{"jsonrpc":"2.0","id":1}"#,
                    -32600,
                    "request.invalid",
                    field: "method",
                    hint: false
                )
                try refused(call("jobs.sumbit", "{}"), -32601, "method.unknown", field: "method")
                try refused(
                    call("jobs.submit", #"{"request":{"model":"kling-video","prompt":"x"},"labell":"y"}"#),
                    -32602,
                    "params.invalid",
                    field: "labell"
                )
                try refused(
                    call("jobs.submit", #"{"request":"a cat"}"#),
                    -32602,
                    "params.invalid",
                    field: "request"
                )
                try refused(call("jobs.get", #"{"id":5}"#), -32602, "params.invalid", field: "id")
                try refused(call("jobs.get", "{}"), -32602, "params.invalid", field: "id", hint: false)
                try refused(
                    call("jobs.submit", #"{"request":{"prompt":"x"}}"#),
                    -32602,
                    "params.invalid",
                    field: "model"
                )
                try refused(
                    call("jobs.submit", #"{"request":{"model":"kling-video"}}"#),
                    -32602,
                    "params.invalid",
                    field: "prompt",
                    hint: false
                )
                try refused(
                    call("jobs.submit", #"{"request":{"model":"kling-video","prompt":"x","durtion":5}}"#),
                    -32602,
                    "params.invalid",
                    field: "durtion"
                )
                try refused(
                    call("jobs.submit", #"{"request":{"model":"kling-vdeo","prompt":"x"}}"#),
                    44,
                    "model.unknown",
                    field: "model"
                )
                try refused(
                    call("jobs.get", #"{"id":"01aaaaaaaaaaaaaa"}"#),
                    40,
                    "job.not_found",
                    field: "id",
                    hint: false
                )
                try client.sendLine(Array(#"{"jsonrpc":"2.0","id":8,"method":"daemon.status"}"#.utf8))
                let status = try JSONParser.parse(client.receiveLine(timeout: .seconds(5)) ?? [])
                #expect(status["id"] == 8 && status["result"]?["state"] == "running")
                #expect(try fixture.simulator.ledger().charges.isEmpty)
                #expect(try fixture.simulator.get("requests")["routes"]?["submit"]?["requests"] ?? 0 == 0)
                #expect(try fixture.call("jobs.list")["jobs"] == [])
            }
        }
    }
}
