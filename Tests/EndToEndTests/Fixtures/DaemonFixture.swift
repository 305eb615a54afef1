import ControlClient
import Glibc
import JSON

/// A simulator, a daemon that uses it, and the directories of both, for the time of a closure.
final class DaemonFixture {
    let folder: TestFolder
    let simulator: Simulator
    let notifications: NotifySocket
    var environment: [String: String]
    private var running: ProcessHandle?
    private var connection: ControlClient?

    /// Starts a simulator and a daemon; both are gone when the closure is over.
    ///
    /// - Parameters:
    ///   - simulator: Arguments of the simulator.
    ///   - environment: Variables of the daemon besides the usual ones.
    ///   - starts: Whether the daemon is started, too.
    ///   - body: What to do with it.
    /// - Throws: What the closure throws, with the end of the daemon's log.
    static func with(
        simulator: [String] = [],
        environment: [String: String] = [:],
        starts: Bool = true,
        _ body: (DaemonFixture) throws -> Void
    ) throws {
        try TestFolder.with { folder in
            let fixture = try DaemonFixture(folder, simulator, environment)
            defer { fixture.stopAll() }
            if starts {
                try fixture.start()
            }
            do {
                try body(fixture)
            } catch {
                let log = TestFolder.text(of: folder("daemon.log")).suffix(6000)
                throw EndToEndError("\(error)\n--- end of the daemon's log ---\n\(log)")
            }
        }
    }

    private init(_ folder: TestFolder, _ simulator: [String], _ environment: [String: String]) throws {
        self.folder = folder
        _ = try folder.makeDirectory("videos")
        self.simulator = try Simulator(
            folder,
            ["--submit-per-minute", "0", "--processing-seconds", "0.3"] + simulator
        )
        notifications = try NotifySocket(path: folder("notify"))
        let usual = [
            "HOME": folder.path, "NANOGPT_API_KEY": Simulator.key, "NOTIFY_SOCKET": notifications.path,
            "VIDEOGEND_API_BASE_URL": self.simulator.baseURL,
            "VIDEOGEND_API_SUBMIT_PER_MINUTE": "1000", "VIDEOGEND_API_REQUESTS_PER_SECOND": "1000",
            "VIDEOGEND_POLLING_MINIMUM": "200ms",
            "VIDEOGEND_CONTROL_SOCKET": folder("s"), "VIDEOGEND_STATE_DIRECTORY": folder("state"),
            "VIDEOGEND_OUTPUT_DIRECTORY": folder("videos"), "VIDEOGEND_OUTPUT_MINIMUM_FREE": "1MiB",
        ]
        self.environment = usual.merging(environment) { $1 }
    }

    /// The watched directory.
    var output: String {
        folder("videos")
    }

    /// The control socket.
    var socket: String {
        folder("s")
    }

    // MARK: The daemon's process

    /// Starts the daemon and waits until it says that it is ready.
    func start() throws {
        try untilReady(try spawn([try Programs.path("videogend")]))
    }

    /// Starts the daemon in another way and waits until it says that it is ready.
    func start(_ arguments: [String], listening: Int32? = nil) throws {
        try untilReady(try spawn(arguments, listening: listening))
    }

    /// Starts the daemon and does not wait for it.
    func launch() throws {
        connection = nil
        running = try spawn([try Programs.path("videogend")])
    }

    /// Waits until the daemon that was launched says that it is ready.
    func waitUntilReady() throws {
        try untilReady(try process())
    }

    /// Starts a daemon that is expected to end by itself.
    ///
    /// - Returns: Its exit status and what it said on standard error.
    func refusedStart(
        _ arguments: [String] = [],
        changing changes: [String: String?] = [:]
    ) throws -> (status: Int32, error: String) {
        var changed = environment
        for (name, value) in changes {
            changed[name] = value
        }
        let file = folder("refused.log")
        unlink(file)
        let process = try ProcessHandle(
            [try Programs.path("videogend")] + arguments,
            environment: changed,
            output: .file(folder("refused.out")),
            errorFile: file
        )
        return (try process.wait(.seconds(15)), process.errorText)
    }

    private func spawn(_ arguments: [String], listening: Int32? = nil) throws -> ProcessHandle {
        notifications.drain()
        return try ProcessHandle(
            arguments,
            environment: environment,
            output: .file(folder("daemon.out")),
            errorFile: folder("daemon.log"),
            listening: listening
        )
    }

    private func untilReady(_ process: ProcessHandle) throws {
        connection = nil
        running = process
        try notifications.wait(.seconds(20), from: process, "READY=1") { $0["READY"] == "1" }
    }

    /// The daemon's process.
    func process() throws -> ProcessHandle {
        guard let running else { throw EndToEndError("the daemon was not started") }
        return running
    }

    /// Kills the daemon as a power cut would.
    func kill() throws {
        let process = try process()
        process.send(SIGKILL)
        try process.wait(.seconds(10))
        connection = nil
    }

    /// Waits a moment for the daemon to die by itself.
    ///
    /// - Returns: Its exit status, or nil while it runs.
    func statusAfter(_ pause: Duration) throws -> Int32? {
        let process = try process()
        guard Deadline(after: pause).firstReadable(of: [process.exitDescriptor]) != nil else { return nil }
        connection = nil
        return try process.wait(.seconds(10))
    }

    /// Ends the daemon as systemd would.
    ///
    /// - Returns: Its exit status.
    @discardableResult
    func terminate(within timeout: Duration = .seconds(35)) throws -> Int32 {
        let process = try process()
        process.send(SIGTERM)
        let status = try process.wait(timeout)
        connection = nil
        return status
    }

    private func stopAll() {
        connection = nil
        running = nil
    }

    // MARK: Calls

    /// A new connection to the daemon.
    func connect() throws -> ControlClient {
        try ControlClient(connectingTo: socket)
    }

    /// Calls a method on the fixture's own connection.
    @discardableResult
    func call(
        _ method: String,
        _ params: JSONValue = [:],
        timeout: Duration = .seconds(20)
    ) throws -> JSONValue {
        let client = try connection ?? connect()
        connection = client
        return try client.call(method, params.objectValue ?? JSONObject(), timeout: timeout)
    }

    /// The daemon's refusal of a call.
    func refusal(_ method: String, _ params: JSONValue) throws -> ErrorReply {
        do {
            let result = try call(method, params)
            throw EndToEndError("\(method) was not refused: \(result.text)")
        } catch let error as ControlClientError {
            guard let reply = error.reply else { throw error }
            return reply
        }
    }

    /// Submits a job with that prompt.
    ///
    /// - Returns: Its id.
    func submit(_ prompt: String, key: String? = nil) throws -> String {
        var params: JSONValue = ["request": ["model": "kling-video", "prompt": .string(prompt)]]
        if let key, var object = params.objectValue {
            object["client_key"] = .string(key)
            params = .object(object)
        }
        let result = try call("jobs.submit", params)
        guard let id = result["job"]?["id"]?.stringValue else {
            throw EndToEndError("no job in \(result.text)")
        }
        return id
    }

    /// The job as it is.
    func job(_ id: String) throws -> JSONValue {
        try call("jobs.get", ["id": .string(id)])["job"] ?? .null
    }

    /// Waits until a job is over or held.
    func finished(_ id: String, within timeout: Duration = .seconds(30)) throws -> JSONValue {
        let milliseconds = timeout.components.seconds * 1000
        let result = try call(
            "jobs.wait",
            ["id": .string(id), "timeout_ms": .number(JSONNumber(milliseconds))],
            timeout: timeout + .seconds(5)
        )
        guard result["done"] == true, let job = result["job"] else {
            throw EndToEndError("not over after \(timeout): \(result.text)")
        }
        return job
    }

    /// Submits a job and waits until it is over or held.
    func run(_ prompt: String, within timeout: Duration = .seconds(30)) throws -> JSONValue {
        try finished(submit(prompt), within: timeout)
    }

    /// Follows a job's events until it is as wanted.
    @discardableResult
    func follow(
        _ id: String,
        until what: String,
        within timeout: Duration = .seconds(20),
        _ isWanted: (JSONValue) -> Bool
    ) throws -> JSONValue {
        let client = try connect()
        let params: JSONValue = ["filter": ["id": .string(id)], "finished_s": 3600]
        let subscription = try client.call(
            "events.subscribe",
            params.objectValue ?? JSONObject(),
            timeout: timeout
        )
        var last = subscription["snapshot"]?.arrayValue?.first ?? .null
        let deadline = Deadline(after: timeout)
        while !isWanted(last) {
            guard let notification = try client.nextNotification(timeout: deadline.remaining) else {
                throw EndToEndError("no \(what) within \(timeout): \(last.text)")
            }
            last = notification.params["job"] ?? last
        }
        return last
    }

    /// Follows a job until it is in a state.
    @discardableResult
    func follow(
        _ id: String,
        until state: String,
        within timeout: Duration = .seconds(20)
    ) throws -> JSONValue {
        try follow(id, until: state, within: timeout) { $0["state"]?.stringValue == state }
    }

    /// Runs `videogenctl` against the daemon.
    func control(
        _ arguments: [String],
        timeout: Duration = .seconds(40)
    ) throws -> (status: Int32, output: String, error: String) {
        try Programs.run(
            [try Programs.path("videogenctl"), "--socket", socket] + arguments,
            environment: ["HOME": folder.path],
            timeout: timeout
        )
    }
}
