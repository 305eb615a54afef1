import ArgumentParser
import ControlClient
import JSON

/// `events`: the daemon's events as they come.
struct Events: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "Print the daemon's events as JSON, one per line, until Ctrl-C.",
        discussion: """
            The first line is the answer to the subscription, with the jobs at work; each further line is one \
            event. Its epoch and seq can be given to --since later.
            """
    )

    @Option(
        help: ArgumentHelp("Only events of this job.", valueName: "id"),
        completion: .custom(Completions.jobs)
    )
    var id: String?

    @Option(help: ArgumentHelp("Only events of jobs with this label.", valueName: "text"))
    var label: String?

    @Option(help: ArgumentHelp("Only events of jobs of this user.", valueName: "user"))
    var owner: String?

    @Option(
        help: ArgumentHelp(
            "Only events of jobs in these states, with commas between them.",
            valueName: "state"
        )
    )
    var state: [String] = []

    @Option(help: ArgumentHelp("Go on after an earlier event.", valueName: "epoch:seq"))
    var since: String?

    @OptionGroup(title: "Common")
    var common: CommonOptions

    func execute(in session: Session) throws -> CommandStatus {
        do {
            try follow(session)
        } catch let error as ControlClientError where error.code == .interrupted {
            return .interrupted
        }
    }

    private func follow(_ session: Session) throws -> Never {
        let console = session.console
        var params = try parameters(session)
        while true {
            console.jsonLine(try session.call("events.subscribe", params))
            console.out.flush()
            var isSubscribed = true
            while isSubscribed {
                guard let notification = try session.client().nextNotification(timeout: nil) else { continue }
                console.jsonLine(notification.params)
                console.out.flush()
                if notification.method == "events.lost" {
                    // We read too slowly; what was missed follows the new subscription.
                    params["since"] = notification.params["resume"].flatMap {
                        $0.objectValue == nil ? nil : $0
                    }
                    isSubscribed = false
                }
            }
        }
    }

    private func parameters(_ session: Session) throws -> JSONObject {
        let states = state.flatMap { $0.split(separator: ",") }.map { JSONValue.string(String($0)) }
        let filter = JSONObject([
            "id": .optional(try id.map { try JobFinder(session: session).id($0) }), "label": .optional(label),
            "owner": owner.map { text in UInt32(text).map { .integer($0) } ?? .string(text) },
            "states": states.isEmpty ? nil : .array(states),
        ])
        return JSONObject(["filter": filter.isEmpty ? nil : .object(filter), "since": try sinceValue()])
    }

    private func sinceValue() throws(CommandFailure) -> JSONValue? {
        guard let since else { return nil }
        guard let colon = since.lastIndex(of: ":"), let seq = Int(since[since.index(after: colon)...]),
            seq >= 0
        else {
            throw CommandFailure(.usage, "--since \(since) is not EPOCH:SEQ.")
        }
        return ["epoch": .string(String(since[..<colon])), "seq": .integer(seq)]
    }
}
