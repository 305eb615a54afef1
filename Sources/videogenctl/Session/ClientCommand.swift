import ArgumentParser

/// A subcommand that talks to the daemon.
///
/// Its configuration names it: making the name of the type's costs the parser more than all else it does.
protocol ClientCommand: ParsableCommand {
    /// The options that every command has.
    var common: CommonOptions { get }

    /// Does the work.
    ///
    /// - Returns: How the program ends.
    func execute(in session: Session) throws -> CommandStatus
}

extension ClientCommand {
    func run() throws {
        let session = Session(common)
        let status = try session.run { try execute(in: session) }
        guard status == .done else { throw ExitCode(status.rawValue) }
    }
}
