import ArgumentParser
import JSON

/// `reload`: read the configuration again.
struct Reload: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Make the daemon read its configuration again (administrators)."
    )

    @OptionGroup(title: "Common")
    var common: CommonOptions

    func execute(in session: Session) throws -> CommandStatus {
        let console = session.console
        let result = try session.call("daemon.reload")
        guard !console.json else {
            console.jsonLine(result)
            return .done
        }
        let changed = names(result["changed"])
        console.out.line(
            StyledText(changed.isEmpty ? "Nothing changed." : "Changed: \(changed.joined(separator: ", "))")
        )
        let waiting = names(result["needs_restart"])
        if !waiting.isEmpty {
            console.out.line(StyledText("After a restart: \(waiting.joined(separator: ", "))", .warning))
        }
        return .done
    }

    private func names(_ list: JSONValue?) -> [String] {
        (list?.arrayValue ?? []).compactMap(\.stringValue)
    }
}
