import ArgumentParser
import JSON

/// `discover`: the daemon's description of itself.
struct Discover: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "discover",
        abstract: "Print the OpenRPC description of the control protocol."
    )

    @OptionGroup(title: "Common")
    var common: CommonOptions

    func execute(in session: Session) throws -> CommandStatus {
        PrettyJSON.print(try session.call("rpc.discover"), to: session.console)
        return .done
    }
}
