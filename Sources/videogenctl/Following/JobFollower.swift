import ControlClient
import JSON

/// Follows jobs by the daemon's events, over lost subscriptions and restarts of the daemon.
final class JobFollower {
    /// What is followed.
    enum Scope {
        /// These jobs.
        case jobs([String])
        /// Every job that may be seen, and those that finished within so many seconds.
        case everything(finishedSeconds: Int)
    }

    /// How long a restart of the daemon may take.
    private static let patience = Duration.seconds(60)

    private let session: Session
    private let scope: Scope
    private let ids: Set<String>
    private var subscription: Int?
    private var since: JSONValue?
    private var pending: [JobChange] = []
    /// Since when the daemon has been away, by the monotonic clock.
    private var awaySince: Duration?
    private var pause = Duration.milliseconds(50)
    /// What no event tells, asked for while somebody looks.
    private var refresh: ViewRefresh?

    /// Follows jobs.
    ///
    /// - Parameters:
    ///   - session: The connection.
    ///   - scope: Which jobs.
    ///   - isLive: Whether the view is drawn all the time, so that also what moves without an event is shown.
    init(session: Session, scope: Scope, isLive: Bool) {
        self.session = session
        self.scope = scope
        if isLive {
            if case .everything = scope {
                refresh = ViewRefresh(wantsStatus: true)
            } else {
                refresh = ViewRefresh(wantsStatus: false)
            }
        }
        if case .jobs(let ids) = scope {
            self.ids = Set(ids)
        } else {
            ids = []
        }
    }

    /// Waits for changes.
    ///
    /// - Parameter timeout: How long; `nil` waits for ever.
    /// - Returns: The changes in their order; none when the time ran out.
    /// - Throws: `ControlClientError` when the daemon stays away.
    func next(timeout: Duration?) throws -> [JobChange] {
        do throws(ControlClientError) {
            return try changes(timeout: timeout)
        } catch {
            guard error.code == .disconnected else { throw error }
            session.disconnect()
            subscription = nil
            awaySince = SystemTime.monotonic
            pause = .milliseconds(50)
            // What came before the cut is told before it.
            defer { pending = [] }
            return pending + [.connectionLost(error.message)]
        }
    }

    private func changes(timeout: Duration?) throws(ControlClientError) -> [JobChange] {
        if subscription == nil, try !subscribe(timeout: timeout) {
            return []
        }
        if !pending.isEmpty {
            return try handOver()
        }
        let client = try session.client()
        var wait = timeout
        // What has arrived together is told together, so that a view draws once; bounded, so that it draws.
        while pending.count < 1000, let notification = try client.nextNotification(timeout: wait) {
            try take(notification)
            wait = .zero
        }
        return try handOver()
    }

    private func handOver() throws(ControlClientError) -> [JobChange] {
        pending.forEach { refresh?.note($0) }
        if let more = try refresh?.changes(session) {
            pending += more
        }
        defer { pending = [] }
        return pending
    }

    private func take(_ notification: ControlNotification) throws(ControlClientError) {
        let params = notification.params
        guard params["subscription"]?.intValue == subscription else { return }
        switch notification.method {
        case "events.event":
            if let seq = params["seq"], let epoch = since?["epoch"] {
                since = ["epoch": epoch, "seq": seq]
            }
            guard let job = Job(params["job"]) else {
                // It is about the daemon itself.
                refresh?.noteDaemon()
                return
            }
            guard ids.isEmpty || ids.contains(job.id) else { return }
            pending.append(params["kind"]?.stringValue == "job.removed" ? .gone(job.id) : .job(job))
        case "events.lost":
            // The daemon dropped us because we read too slowly; it kept what we missed for a while.
            if let resume = params["resume"], resume.objectValue != nil {
                since = resume
            }
            subscription = nil
            _ = try subscribe(timeout: nil)
        default: break
        }
    }

    // MARK: Subscribing

    /// Subscribes, after a cut connection for the second time.
    ///
    /// - Returns: Whether there is a subscription; `false` while the daemon is away.
    private func subscribe(timeout: Duration?) throws(ControlClientError) -> Bool {
        if let awaySince {
            do throws(ControlClientError) {
                _ = try session.client()
                self.awaySince = nil
                pending.append(.connectionBack)
            } catch let error where error.code != .notPermitted && error.code != .interrupted {
                guard SystemTime.monotonic - awaySince < Self.patience else { throw error }
                try session.wait(min(pause, timeout ?? pause))
                pause = min(pause * 2, .seconds(1))
                return false
            }
        }
        var params = JSONObject(["since": since])
        switch scope {
        case .jobs(let ids) where ids.count == 1:
            params["filter"] = ["id": .string(ids[0])]
        case .jobs: break
        case .everything(let finishedSeconds): params["finished_s"] = .integer(finishedSeconds)
        }
        let result = try session.call("events.subscribe", params)
        subscription = result["subscription"]?.intValue
        if let epoch = result["epoch"], let seq = result["seq"] {
            since = ["epoch": epoch, "seq": seq]
        }
        var missing = ids
        for json in result["snapshot"]?.arrayValue ?? [] {
            guard let job = Job(json), ids.isEmpty || ids.contains(job.id) else { continue }
            missing.remove(job.id)
            pending.append(.job(job))
        }
        // The snapshot shows live jobs; the others are over or gone, and no event will say so.
        for id in missing.sorted() {
            try ask(for: id)
        }
        return true
    }

    private func ask(for id: String) throws(ControlClientError) {
        do throws(ControlClientError) {
            let result = try session.call("jobs.get", JSONObject(["id": .string(id)]))
            if let job = Job(result["job"]) {
                pending.append(.job(job))
            }
        } catch let error where error.reply?.kind == "job.not_found" {
            pending.append(.gone(id))
        }
    }
}
