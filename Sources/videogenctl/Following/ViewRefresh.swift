import ControlClient
import JSON

/// What a live view shows and no event tells: places in the queue, and the daemon's own condition.
///
/// It is asked for at most once in two seconds, and only when it may have changed.
struct ViewRefresh {
    private static let interval = Duration.seconds(2)
    /// How many places are asked for: more than fit on a screen need not be exact.
    private static let maximumQueued = 50

    /// Whether the daemon's condition is shown.
    let wantsStatus: Bool
    private var queued: Set<String> = []
    private var isStale = true
    private var lastTime: Duration?

    init(wantsStatus: Bool) {
        self.wantsStatus = wantsStatus
        // The snapshot that comes first holds the places.
        lastTime = wantsStatus ? nil : SystemTime.monotonic
    }

    /// Takes in what is told anyway.
    mutating func note(_ change: JobChange) {
        switch change {
        case .job(let job):
            if job.state == "queued" {
                queued.insert(job.id)
            } else {
                queued.remove(job.id)
            }
        case .gone(let id): queued.remove(id)
        case .connectionLost, .connectionBack, .status: break
        }
        isStale = true
    }

    /// Takes in that something is new with the daemon.
    mutating func noteDaemon() {
        isStale = true
    }

    /// Asks, if it is time to.
    mutating func changes(_ session: Session) throws(ControlClientError) -> [JobChange] {
        let now = SystemTime.monotonic
        if let lastTime, now - lastTime < Self.interval { return [] }
        guard wantsStatus && isStale || !queued.isEmpty else { return [] }
        lastTime = now
        isStale = false
        let client = try session.client()
        var calls: [ControlClient.PendingCall] = []
        for id in queued.sorted().prefix(Self.maximumQueued) {
            calls.append(try client.start("jobs.get", JSONObject(["id": .string(id)])))
        }
        var changes: [JobChange] = []
        if wantsStatus {
            changes.append(.status(try session.call("daemon.status")))
        }
        for call in calls {
            do throws(ControlClientError) {
                let result = try client.result(of: call, until: SystemTime.monotonic + Session.callTimeout)
                // A job that left the queue meanwhile is told by its event.
                if let job = Job(result?["job"]), job.state == "queued" {
                    changes.append(.job(job))
                }
            } catch let error where error.code == .remote {
                // It was removed meanwhile; its event says so.
            }
        }
        return changes
    }
}
