import ControlClient

/// Follows jobs until they are over, the time runs out or Ctrl-C comes.
struct JobWait {
    /// How a wait ended.
    struct Outcome {
        /// The jobs as they were seen last.
        var jobs: [String: Job] = [:]
        /// Jobs that the daemon forgot meanwhile.
        var gone: Set<String> = []
        /// Whether Ctrl-C ended it.
        var interrupted = false
    }

    let session: Session
    /// Until when, by the monotonic clock; `nil` waits for ever.
    let deadline: Duration?

    /// Waits until none of the jobs is at work any more.
    ///
    /// - Parameters:
    ///   - ids: The jobs.
    ///   - view: Shows them meanwhile.
    ///   - onEnd: Called once for each job that is over, in the order in which they end.
    /// - Returns: How the wait ended.
    /// - Throws: `ControlClientError` when the daemon stays away.
    func run(_ ids: [String], view: some JobView, onEnd: (Job) -> Void = { _ in }) throws -> Outcome {
        var view = view
        var outcome = Outcome()
        let follower = JobFollower(session: session, scope: .jobs(ids), isLive: view.tick != nil)
        var open = Set(ids)
        defer { view.finish(now: SystemTime.unixMilliseconds) }
        do {
            while !open.isEmpty {
                let rest = deadline.map { max(.zero, $0 - SystemTime.monotonic) }
                let changes = try follower.next(timeout: [rest, view.tick].compactMap(\.self).min())
                let now = SystemTime.unixMilliseconds
                for change in changes {
                    view.apply(change, now: now)
                    switch change {
                    case .job(let job):
                        outcome.jobs[job.id] = job
                        if job.isOver, open.remove(job.id) != nil {
                            onEnd(job)
                        }
                    case .gone(let id):
                        open.remove(id)
                        outcome.gone.insert(id)
                    case .connectionLost, .connectionBack, .status: break
                    }
                }
                view.draw(now: now)
                // Asked at the end: the state is seen once, however short the time is.
                if let rest, rest == .zero {
                    break
                }
            }
        } catch let error as ControlClientError where error.code == .interrupted {
            outcome.interrupted = true
        }
        return outcome
    }

    /// Follows everything until Ctrl-C comes.
    func runForever(finishedSeconds: Int, view: some JobView) throws {
        var view = view
        let follower = JobFollower(
            session: session,
            scope: .everything(finishedSeconds: finishedSeconds),
            isLive: view.tick != nil
        )
        defer { view.finish(now: SystemTime.unixMilliseconds) }
        do {
            while true {
                let changes = try follower.next(timeout: view.tick)
                let now = SystemTime.unixMilliseconds
                for change in changes {
                    view.apply(change, now: now)
                }
                view.draw(now: now)
            }
        } catch let error as ControlClientError where error.code == .interrupted {
            return
        }
    }
}
