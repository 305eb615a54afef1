import ControlClient
import Glibc
import JSON

/// One run of a command: its console and its connection, made when it is first needed.
final class Session {
    /// How long an ordinary call may take.
    ///
    /// The daemon answers from memory or after one write to disk, except for
    /// calls that ask the provider, which has its own limit of a minute.
    static let callTimeout = Duration.seconds(120)

    let console: Console
    /// Where the daemon is.
    let address: DaemonAddress
    /// Readable after Ctrl-C, once that is caught.
    private(set) var interruption: Int32?
    private var connection: ControlClient?

    init(console: Console, address: DaemonAddress, interruption: Int32? = nil) {
        self.console = console
        self.address = address
        self.interruption = interruption
    }

    convenience init(_ options: CommonOptions) {
        self.init(
            console: Console(options),
            address: options.address(Self.environment)
        )
    }

    /// An environment variable.
    static func environment(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }

    // MARK: Running

    /// Runs a command's work and reports what went wrong.
    func run(_ work: () throws -> CommandStatus) throws -> CommandStatus {
        let status: CommandStatus
        do {
            status = try work()
        } catch let error as ControlClientError {
            status = report(error)
        } catch let failure as CommandFailure {
            status = report(failure)
        }
        guard console.out.flush() else {
            return report(CommandFailure(.outputLost, "The output could not be written."))
        }
        return status
    }

    /// Shows a failure.
    ///
    /// - Parameters:
    ///   - failure: What is wrong.
    ///   - subject: The job that it is about, where there are several.
    /// - Returns: How the program ends if nothing worse happens.
    @discardableResult
    func report(_ failure: CommandFailure, about subject: String? = nil) -> CommandStatus {
        let place = subject.map { "\($0): " } ?? ""
        let hint = failure.hint.map { " " + $0.asNextSentence } ?? ""
        console.err.line(
            StyledText("error: ", .failure) + StyledText(place + failure.message.asSentence + hint)
        )
        return failure.status
    }

    /// Shows a failure of a call.
    @discardableResult
    func report(_ error: ControlClientError, about subject: String? = nil) -> CommandStatus {
        if error.code == .interrupted {
            return .interrupted
        }
        return report(CommandFailure(error), about: subject)
    }

    // MARK: Connection

    /// Lets Ctrl-C end waits instead of the process; before the first call.
    func catchInterruption() {
        if interruption == nil {
            interruption = Interruption.install()
        }
    }

    /// The connection.
    func client() throws(ControlClientError) -> ControlClient {
        if let connection {
            return connection
        }
        let made = try ControlClient(connectingTo: address, interruption: interruption)
        connection = made
        return made
    }

    /// Calls a method.
    func call(
        _ method: String,
        _ params: JSONObject = JSONObject(),
        timeout: Duration? = Session.callTimeout
    ) throws(ControlClientError) -> JSONValue {
        try client().call(method, params, timeout: timeout)
    }

    /// Calls a method that may cost money and cannot be repeated safely: no answer is no refusal.
    func callThatPays(_ method: String, _ params: JSONObject) throws -> JSONValue {
        _ = try client()
        do throws(ControlClientError) {
            return try call(method, params)
        } catch {
            guard [.disconnected, .timedOut, .badReply].contains(error.code) else { throw error }
            throw CommandFailure(
                .maybePaid,
                "The daemon did not answer, so the call may have been carried out: " + error.message,
                hint: "Look with `\(console.program) list` before you repeat it."
            )
        }
    }

    /// Gives up a connection that was cut.
    func disconnect() {
        connection = nil
    }

    /// Connects anew, trying until the daemon is back or patience ends.
    ///
    /// - Parameter patience: How long a restart of the daemon may take.
    /// - Returns: The new connection.
    /// - Throws: `ControlClientError` of the last try.
    func reconnect(patience: Duration) throws(ControlClientError) -> ControlClient {
        disconnect()
        let deadline = SystemTime.monotonic + patience
        var pause = Duration.milliseconds(50)
        while true {
            do throws(ControlClientError) {
                return try client()
            } catch let error where error.code != .notPermitted && SystemTime.monotonic < deadline {
                try wait(min(pause, deadline - SystemTime.monotonic))
                pause = min(pause * 2, .seconds(1))
            }
        }
    }

    /// Lets time pass, unless Ctrl-C comes.
    func wait(_ duration: Duration) throws(ControlClientError) {
        try ControlClient.pause(duration, interruption: interruption)
    }
}
