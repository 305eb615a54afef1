import ArgumentParser
import JSON

/// `check`: what would happen to a submission.
struct Check: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Say what would happen to a submission; costs nothing.",
        discussion: "Takes what `submit` takes."
    )

    @OptionGroup(title: "Request")
    var request: RequestOptions

    @OptionGroup(title: "Common")
    var common: CommonOptions

    func execute(in session: Session) throws -> CommandStatus {
        try CheckRun(session: session, options: request).run()
    }
}
