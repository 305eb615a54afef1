import Glibc
import JSON

/// Another user of this machine, as far as the kernel can tell: calls come from a process of that uid.
struct Visitor {
    let fixture: DaemonFixture
    let uid: Int
    /// Supplementary groups.
    var groups: [Int] = []

    /// Whether this process may become others.
    static var isPossible: Bool {
        getuid() == 0
    }

    /// What lets every user through to the socket.
    static let environment = ["VIDEOGEND_CONTROL_MODE": "0666"]

    /// Lets others through to the socket, but to nothing else.
    static func admit(to fixture: DaemonFixture) {
        chmod(fixture.folder.path, 0o711)
    }

    /// Sends lines and takes everything that comes back.
    func talk(_ lines: [String]) throws -> [JSONValue] {
        let process = try start(lines, "talk", seconds: 20)
        guard try process.handle.wait(.seconds(40)) == 0 else {
            throw EndToEndError("socat as \(uid): \(process.handle.errorText)")
        }
        return try process.received()
    }

    /// Calls a method.
    ///
    /// - Returns: The reply.
    func reply(_ method: String, _ params: JSONValue = [:]) throws -> JSONValue {
        let replies = try talk([requestLine(method, params.text)])
        guard replies.count == 1, let reply = replies.first else { throw EndToEndError("\(replies)") }
        return reply
    }

    /// Calls a method that must succeed.
    func call(_ method: String, _ params: JSONValue = [:]) throws -> JSONValue {
        let reply = try reply(method, params)
        guard let result = reply["result"] else { throw EndToEndError("\(method): \(reply.text)") }
        return result
    }

    /// Subscribes, and takes the result only.
    func subscription(_ params: JSONValue = [:]) throws -> JSONValue {
        let stream = try start([requestLine("events.subscribe", params.text)], "subscription", seconds: 30)
        return try Deadline(after: .seconds(20)).first("a subscription") {
            try stream.received().first?["result"]
        }
    }

    /// A connection in another process.
    struct Conversation {
        let handle: ProcessHandle
        let output: String

        /// What has come so far, whole lines only.
        func received() throws -> [JSONValue] {
            let text = TestFolder.text(of: output)
            return try text[..<(text.lastIndex(of: "\n") ?? text.startIndex)].split(separator: "\n")
                .map { try JSONParser.parse(String($0)) }
        }
    }

    /// Begins to talk: sends lines, half-closes, and takes what comes for some seconds after that.
    func start(_ lines: [String], _ name: String, seconds: Int) throws -> Conversation {
        let input = try fixture.folder.write(
            "\(name)-\(uid)-in",
            lines.map { $0 + "\n" }.joined(),
            mode: 0o644
        )
        let output = fixture.folder("\(name)-\(uid)-out")
        unlink(output)
        let numbers = groups.map(String.init).joined(separator: ",")
        let membership = groups.isEmpty ? "--clear-groups" : "--groups=\(numbers)"
        let command =
            "exec setpriv --reuid=\(uid) --regid=\(uid) \(membership) "
            + "socat -t \(seconds) - UNIX-CONNECT:\(fixture.socket) < \(input)"
        let handle = try ProcessHandle(
            ["sh", "-c", command],
            environment: [:],
            output: .file(output),
            errorFile: fixture.folder("\(name)-\(uid)-err")
        )
        return Conversation(handle: handle, output: output)
    }
}
