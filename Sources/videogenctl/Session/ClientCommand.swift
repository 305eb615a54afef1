import ArgumentParser

/// A subcommand that talks to the daemon.
///
/// Its configuration names it: making the name of the type's costs the parser more than all else it does.
protocol ClientCommand: ParsableCommand {
    /// The options that every command has.
    var common: CommonOptions { get }

    /// Whether Ctrl-C ends its waits, and so the program with 130, instead of killing the process.
    static var catchesInterruption: Bool { get }

    /// Does the work.
    ///
    /// - Returns: How the program ends.
    func execute(in session: Session) throws -> CommandStatus
}

extension ClientCommand {
    static var catchesInterruption: Bool { true }

    func run() throws {
        let session = Session(common)
        if Self.catchesInterruption {
            session.catchInterruption()
        }
        let status = try session.run { try execute(in: session) }
        guard status == .done else { throw ExitCode(status.rawValue) }
    }
}
