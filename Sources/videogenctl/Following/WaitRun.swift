import ControlClient
import JSON

/// Waits for jobs with `jobs.wait`, for the command of that name.
struct WaitRun {
    /// Below the 256 waits that a connection may have under way (CONTRACT section 3, "Limits").
    private static let window = 200
    /// How long a restart of the daemon may take.
    private static let patience = Duration.seconds(60)

    /// How long an answer may take that the daemon sends when the time is up.
    private static let grace = Duration.seconds(30)

    private let session: Session
    /// Until when, by the monotonic clock; `nil` waits for ever.
    private let deadline: Duration?
    private var queue: [String] = []
    private var underWay: [ControlClient.PendingCall: String] = [:]
    private var statuses: [CommandStatus] = []
    private var running: [String] = []

    init(session: Session, deadline: Duration?) {
        self.session = session
        self.deadline = deadline
    }

    /// Adds a job; the same one twice counts once.
    mutating func add(_ id: String) {
        if !queue.contains(id) {
            queue.append(id)
        }
    }

    /// Waits for all of them.
    ///
    /// - Returns: The worst end.
    mutating func run() throws(ControlClientError) -> CommandStatus {
        do throws(ControlClientError) {
            while !queue.isEmpty || !underWay.isEmpty {
                do throws(ControlClientError) {
                    try step()
                } catch let error where error.code == .disconnected {
                    session.console.note(StyledText("the connection was cut; trying again", .warning))
                    queue = underWay.values.sorted() + queue
                    underWay = [:]
                    _ = try session.reconnect(patience: Self.patience)
                }
            }
        } catch let error where error.code == .interrupted {
            statuses.append(.interrupted)
            running += queue + underWay.values.sorted()
        }
        if !running.isEmpty {
            JobEnd.tellHowToComeBack(
                running,
                interrupted: statuses.contains(.interrupted),
                quiet: false,
                console: session.console
            )
        }
        return CommandStatus.worst(of: statuses)
    }

    private mutating func step() throws(ControlClientError) {
        let client = try session.client()
        while underWay.count < Self.window, let id = queue.first {
            var params = JSONObject(["id": .string(id)])
            if let deadline {
                params["timeout_ms"] = .integer(
                    max(0, (deadline - SystemTime.monotonic).roundedUpMilliseconds)
                )
            }
            underWay[try client.start("jobs.wait", params)] = id
            queue.removeFirst()
        }
        // The daemon keeps the time; a daemon that hangs does not keep us.
        guard
            let (call, result) = try client.firstResult(
                of: underWay.keys,
                until: deadline.map { $0 + Self.grace }
            )
        else {
            throw ControlClientError.noAnswer(to: "jobs.wait", path: session.address.description)
        }
        if let id = underWay.removeValue(forKey: call) {
            take(result, id)
        }
    }

    private mutating func take(_ result: Result<JSONValue, ControlClientError>, _ id: String) {
        switch result {
        case .failure(let error):
            statuses.append(session.report(error, about: id))
        case .success(let value):
            let isDone = value["done"]?.boolValue ?? true
            // Without a time of our own the daemon's default ran out: go on.
            guard isDone || deadline != nil else {
                queue.append(id)
                return
            }
            tell(value, id, isDone: isDone)
        }
    }

    private mutating func tell(_ value: JSONValue, _ id: String, isDone: Bool) {
        let console = session.console
        guard let job = Job(value["job"]) else {
            statuses.append(
                session.report(CommandFailure(.unreachable, "The daemon's answer about \(id) holds no job."))
            )
            return
        }
        statuses.append(CommandStatus(lastState: job.state))
        if console.json {
            console.jsonLine(value)
        }
        if !isDone {
            running.append(id)
        } else if job.state != "completed" {
            JobEnd.tellUnfinished(job, now: SystemTime.unixMilliseconds, console: console)
        } else if !console.json {
            job.files.forEach(console.data)
        }
        console.out.flush()
    }
}
