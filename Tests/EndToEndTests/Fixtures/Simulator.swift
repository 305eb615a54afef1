import Glibc
import JSON

/// A running `nanogpt-simulator`.
final class Simulator {
    let baseURL: String
    private let process: ProcessHandle
    private let port: UInt16

    init(_ folder: TestFolder, _ arguments: [String]) throws {
        process = try ProcessHandle(
            [try Programs.path("nanogpt-simulator"), "--api-key", Self.key] + arguments,
            environment: [:],
            output: .pipe,
            errorFile: folder("simulator.log")
        )
        baseURL = try process.readLine(.seconds(20))
        guard let colon = baseURL.lastIndex(of: ":"), let port = UInt16(baseURL[colon...].dropFirst()) else {
            throw EndToEndError("the simulator's first line is no URL: \(baseURL)")
        }
        self.port = port
    }

    static let key = "simulated-key-0123456789"

    /// The ledger of charges.
    func ledger() throws -> Ledger {
        try Ledger(get("ledger"))
    }

    /// Asks one of the simulator's own endpoints.
    func get(_ name: String) throws -> JSONValue {
        try exchange("GET", name, nil)
    }

    /// Tells one of the simulator's own endpoints.
    @discardableResult
    func post(_ name: String, _ body: JSONValue) throws -> JSONValue {
        try exchange("POST", name, body)
    }

    /// Adds a rule: what happens to submissions whose prompt holds that text.
    func rule(_ prompt: String, _ behaviours: String...) throws {
        try post(
            "rules",
            ["prompt": .string(prompt), "behaviours": .array(behaviours.map { .string($0) })]
        )
    }

    private func exchange(_ method: String, _ name: String, _ body: JSONValue?) throws -> JSONValue {
        let content = body?.text ?? ""
        let head = "\(method) /__simulator/\(name) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        let request =
            head + "Content-Type: application/json\r\nContent-Length: \(content.utf8.count)\r\n\r\n" + content
        let answer =
            baseURL.hasPrefix("https:") ? try overTLS(request) : try LoopbackHTTP.exchange(port, request)
        guard answer.hasPrefix("HTTP/1.1 200"), let blank = answer.firstRange(of: "\r\n\r\n") else {
            throw EndToEndError("the simulator answered to \(request): \(answer)")
        }
        return try JSONParser.parse(String(answer[blank.upperBound...]))
    }

    private func overTLS(_ request: String) throws -> String {
        try TestFolder.with { folder in
            try folder.write("request", request)
            return try Programs.shell(
                "openssl s_client -quiet -ign_eof -connect 127.0.0.1:\(port) < \(folder("request")) 2>/dev/null"
            )
        }
    }
}
