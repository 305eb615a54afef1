import ControlClient

/// Why a command does not do what it was asked for: one sentence, what to do, and how the program ends.
struct CommandFailure: Error {
    /// What is wrong.
    let message: String
    /// What to do about it.
    let hint: String?
    /// How the program ends.
    let status: CommandStatus

    init(_ status: CommandStatus, _ message: String, hint: String? = nil) {
        self.status = status
        self.message = message
        self.hint = hint
    }

    /// Says what an error of the connection or of the daemon means for the user.
    init(_ error: ControlClientError) {
        status = CommandStatus(error)
        message = error.message
        hint = error.reply.map(Self.hint) ?? Self.hint(error.code)
    }

    /// The daemon's hint, and a word about money where it is at risk.
    private static func hint(_ reply: ErrorReply) -> String? {
        var sentences: [String] = []
        if let hint = reply.hint {
            sentences.append(hint)
        }
        switch reply.charged {
        case "unknown": sentences.append("It may have been paid for.")
        case "yes": sentences.append("It was paid for.")
        default: break
        }
        return sentences.isEmpty ? nil : sentences.map(\.asNextSentence).joined(separator: " ")
    }

    private static func hint(_ code: ControlClientError.Code) -> String? {
        switch code {
        case .socketMissing, .refused:
            "Start the daemon (systemctl start videogend, or videogend by hand), or name its socket with "
                + "--socket or VIDEOGEND_SOCKET."
        case .notPermitted:
            "Ask its administrator to add you to the group of the socket, then log in again."
        case .disconnected: "See with `systemctl status videogend` why, then try again."
        case .timedOut: "See with `systemctl status videogend` what it does, then try again."
        case .badReply: "Check that a videogend listens there."
        case .lineTooLong: "Host large files and pass their URLs."
        default: nil
        }
    }
}

extension StringProtocol {
    /// The text with a capital, unless it starts with a name or a quotation.
    var asNextSentence: String {
        let word = prefix { $0.isASCII && $0.isLetter || $0 == "'" || $0 == "-" || $0 == "." || $0 == "_" }
        guard word.allSatisfy({ $0.isLowercase }), !word.hasPrefix("videogen"), let first else {
            return asSentence
        }
        return first.uppercased() + dropFirst().asSentence
    }

    /// The text with a full stop, if it has no mark at its end.
    var asSentence: String {
        guard let last, !".!?".contains(last) else { return String(self) }
        return self + "."
    }
}
