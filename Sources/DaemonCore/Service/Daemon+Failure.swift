import Glibc
import Logging
import Systemd

extension Daemon {
    /// Says why the daemon ends: in the log, to the service manager, and to clients that wait for its start.
    ///
    /// - Parameters:
    ///   - exit: Why it ends.
    ///   - options: What the command line says.
    public static func report(_ exit: DaemonExit, _ options: DaemonOptions) {
        let environment = options.place.environment
        ServiceNotifier(environment: environment).failed(errno: exit.systemError, status: exit.message)
        if case .journal = LogDestination.current(environment: environment) {
            let logger = Logger(label: "videogend") { _ in LogDestination.journal.makeLogHandler() }
            let id = exit.isConfiguration ? JournalMessageID.configurationRejected.metadataValue : nil
            logger.critical("\(exit.message)", metadata: id.map { [JournalMessageID.metadataKey: $0] })
        } else {
            let line = Array("videogend: \(exit.message)\n".utf8)
            write(STDERR_FILENO, line, line.count)
        }
        // Everything else is tried again by the service manager.
        if exit.isConfiguration {
            WaitingClients.refuse(because: exit.message)
        }
    }
}
