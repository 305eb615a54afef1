import Glibc

/// The socket that systemd would listen on for a service's messages (sd_notify(3)).
final class NotifySocket {
    typealias Message = [String: String]

    let path: String
    private let descriptor: Int32
    /// All messages so far, in their order.
    private(set) var received: [Message] = []

    init(path: String) throws {
        self.path = path
        descriptor = try UnixAddress.bound(path, SOCK_DGRAM)
    }

    deinit {
        close(descriptor)
    }

    /// Waits for a message of a kind; others are kept in `received`.
    ///
    /// - Parameters:
    ///   - timeout: How long at most.
    ///   - process: Who sends; when it ends first, that is an error.
    ///   - what: Named when it does not come.
    ///   - isWanted: Whether it is the one.
    /// - Returns: The message.
    /// - Throws: When it does not come.
    @discardableResult
    func wait(
        _ timeout: Duration,
        from process: ProcessHandle,
        _ what: String,
        _ isWanted: (Message) -> Bool
    ) throws -> Message {
        let deadline = Deadline(after: timeout)
        while true {
            switch deadline.firstReadable(of: [descriptor, process.exitDescriptor]) {
            case 0:
                let message = read()
                received.append(message)
                if isWanted(message) {
                    return message
                }
            case nil:
                throw EndToEndError("no \(what) within \(timeout): \(process.errorText)")
            default:
                let status = try process.wait(.seconds(5))
                throw EndToEndError("\(process.name) ended with \(status): \(process.errorText)")
            }
        }
    }

    /// Takes what is waiting.
    func drain() {
        while Deadline(after: .zero).firstReadable(of: [descriptor]) != nil {
            received.append(read())
        }
    }

    private func read() -> Message {
        var buffer = [UInt8](repeating: 0, count: 8192)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        var message: Message = [:]
        for line in String(decoding: buffer.prefix(max(0, count)), as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            message[String(parts[0])] = parts.count == 2 ? String(parts[1]) : ""
        }
        return message
    }
}
