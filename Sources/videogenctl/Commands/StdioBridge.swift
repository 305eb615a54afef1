import ArgumentParser
import ControlClient
import Glibc

/// `stdio-bridge`: the far end of `--host`.
struct StdioBridge: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "stdio-bridge",
        abstract: "Connect standard input and output with the daemon's socket; what --host runs over there.",
        shouldDisplay: false
    )

    /// It waits for two sides that know nothing of Ctrl-C; whoever ends it wants it gone.
    static let catchesInterruption = false

    @OptionGroup(title: "Common")
    var common: CommonOptions

    func execute(in session: Session) throws -> CommandStatus {
        guard case .socket(let path) = session.address else {
            throw CommandFailure(.usage, "A bridge connects with a socket of this machine.")
        }
        try StreamBridge.run(path: path, input: STDIN_FILENO, output: STDOUT_FILENO)
        return .done
    }
}
