import ControlProtocol
import ControlTransport
import JSON
import JobCore
import JobEngine
import Synchronization

/// The committed state that readers see: jobs, counts, what holds things up; one lock around one value.
///
/// The engine's loop writes, the control socket's event loop reads; nobody holds the lock for longer than a look-up.
final class JobBoard: EngineObserver {
    struct Provider {
        var reachable = true
        var lastError: String?
        var lastErrorAt: Timestamp?
    }

    struct IDSource {
        var generator = JobID.Generator(after: nil)
        var random = SystemRandomNumberGenerator()
    }

    struct State {
        var isRestored = false
        var jobs: [String: JobText] = [:]
        /// Ascending, so that lists go backwards from the end.
        var order: [JobID] = []
        var counts: [JobState.Word: Int] = [:]
        /// Jobs that are not settled, by user.
        var unsettledByUID: [UInt32: [JobState.Word: Int]] = [:]
        /// Settled jobs in memory, by user; the journal has those and older ones.
        var settledByUID: [UInt32: [JobState.Word: Int]] = [:]
        var unpublished: Set<JobID> = []
        var waiting = WaitingLines()
        /// How many of the jobs are settled: counted, so that no change has to look through all of them.
        var settledCount = 0
        var holdUp: String?
        var drained = false
        var stopping = false
        var journalFault: JobFault?
        /// Why the newest configuration was refused.
        var configurationFault: String?
        var balances: [Money] = []
        var balancesAsOf: Timestamp?
        var provider = Provider()
        var output = OutputCondition(freeBytes: nil, fault: nil)
        var events: EventLog
        var restoreWaiters: [CheckedContinuation<Void, Never>] = []
        var ids = IDSource()
        var waiters: [String: [Int: CheckedContinuation<Void, Never>]] = [:]
        var nextWaiter = 0
    }

    let state: Mutex<State>
    private let wall: @Sendable () -> Timestamp
    /// Gets a value whenever something changed that the service manager is told.
    private let touch: AsyncStream<Void>.Continuation
    /// See ``touch``; only the newest value is kept.
    let changes: AsyncStream<Void>

    init(epoch: String, wall: @escaping @Sendable () -> Timestamp) {
        state = Mutex(State(events: EventLog(epoch: epoch)))
        self.wall = wall
        (changes, touch) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    // MARK: Written by the engine

    func restored(jobs: [Job], counts: [JobState.Word: Int], lastID: JobID?) {
        let texts = JobText.make(jobs)
        let waiting = state.withLock { state in
            for text in texts {
                state.insert(text)
            }
            state.order.sort()
            state.counts = counts
            state.isRestored = true
            state.ids.generator = JobID.Generator(after: lastID)
            defer { state.restoreWaiters = [] }
            return state.restoreWaiters
        }
        for continuation in waiting {
            continuation.resume()
        }
        touch.yield()
    }

    /// Returns when the journal has been read.
    func waitUntilRestored() async {
        await withCheckedContinuation { continuation in
            let isRestored = state.withLock { state in
                if !state.isRestored {
                    state.restoreWaiters.append(continuation)
                }
                return state.isRestored
            }
            if isRestored {
                continuation.resume()
            }
        }
    }

    /// Makes an identifier above every one that was ever given away.
    func makeID() -> JobID {
        state.withLock { state in
            state.ids.generator.next(at: wall(), using: &state.ids.random)
        }
    }

    func changed(_ notice: JobNotice, counts: [JobState.Word: Int]) {
        let text = JobText(notice.job)
        let id = notice.job.id.description
        let woken: [CheckedContinuation<Void, Never>] = state.withLock { state in
            state.counts = counts
            if notice.kind == .removed {
                state.remove(notice.job)
            } else {
                let isNew = state.jobs[id] == nil
                state.insert(text)
                if isNew {
                    state.sortIn(notice.job.id)
                }
                state.forgetOldest()
            }
            state.events.append(notice.kind.rawValue, text, holdUp: state.holdUp)
            guard notice.kind == .removed || notice.job.state.word.endsWait else { return [] }
            return state.waiters.removeValue(forKey: id).map { Array($0.values) } ?? []
        }
        for continuation in woken {
            continuation.resume()
        }
        touch.yield()
    }

    func gateChanged(reason: String?, drained: Bool) {
        state.withLock { state in
            state.holdUp = reason
            state.drained = drained
            let word = state.stateWord
            state.events.append(WireWords.EventKind.daemonState.rawValue) { writer in
                writer.member("state", word)
                writer.member("reason", reason)
            }
        }
        touch.yield()
    }

    func journalChanged(_ fault: JobFault?) {
        state.withLock { $0.journalFault = fault }
        touch.yield()
    }

    func balanceChanged(_ balances: [Money], at time: Timestamp) {
        state.withLock { state in
            for balance in balances {
                if let index = state.balances.firstIndex(where: { $0.currency == balance.currency }) {
                    state.balances[index] = balance
                } else {
                    state.balances.append(balance)
                }
            }
            state.balancesAsOf = time
        }
        touch.yield()
    }

    func providerReached(_ fault: JobFault?) {
        let now = wall()
        state.withLock { state in
            state.provider.reachable = fault == nil
            if let fault {
                state.provider.lastError = fault.message
                state.provider.lastErrorAt = now
            }
        }
    }

    /// The configuration was read again.
    func configurationChanged(refused reason: String?) {
        state.withLock { $0.configurationFault = reason }
        touch.yield()
    }

    func outputChanged(_ condition: OutputCondition) {
        state.withLock { $0.output = condition }
        touch.yield()
    }

    /// Who may see what has changed.
    func accessChanged(_ rules: AccessRules) {
        state.withLock { $0.events.updateAccess { rules.access(of: $0) } }
    }

    /// The daemon is stopping.
    func beginStopping() {
        state.withLock { $0.stopping = true }
    }

    // MARK: Waiting

    /// Returns when the job is where a wait ends, or is not there, or the task is cancelled.
    func waitForEnd(of id: String) async {
        let number = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let waits = state.withLock { state in
                    guard !Task.isCancelled, let job = state.jobs[id]?.job, !job.state.word.endsWait else {
                        return false
                    }
                    state.waiters[id, default: [:]][number] = continuation
                    return true
                }
                if !waits {
                    continuation.resume()
                }
            }
        } onCancel: {
            let continuation = state.withLock { state in
                let continuation = state.waiters[id]?.removeValue(forKey: number)
                if state.waiters[id]?.isEmpty == true {
                    state.waiters[id] = nil
                }
                return continuation
            }
            continuation?.resume()
        }
    }
}

extension JobBoard.State {
    /// The word for `daemon.status.state`.
    var stateWord: String {
        drained || stopping ? "draining" : "running"
    }

    /// The job's text with what is true at this moment and for who asks.
    func bytes(_ text: JobText, brief: Bool, for access: Access) -> [UInt8] {
        let isQueued = text.job.state.word == .queued
        return text.bytes(
            brief: brief,
            holdUp: holdUp,
            position: isQueued ? waiting.position(of: text.job, for: access) : nil
        )
    }

    /// The places of those of the jobs that are queued.
    func places(of texts: some Sequence<JobText>, for access: Access) -> [JobID: Int] {
        var places: [JobID: Int] = [:]
        for text in texts where text.job.state.word == .queued {
            places[text.job.id] = waiting.position(of: text.job, for: access)
        }
        return places
    }

    mutating func insert(_ text: JobText) {
        let job = text.job
        let old = jobs.updateValue(text, forKey: job.id.description)?.job
        if old == nil {
            order.append(job.id)
        }
        settledCount += (job.isSettled ? 1 : 0) - (old?.isSettled == true ? 1 : 0)
        waiting.update(job, waited: old?.state.word == .queued, waits: job.state.word == .queued)
        if let old {
            count(old, -1)
        }
        count(job, 1)
        if job.isPaidAndUnpublished {
            unpublished.insert(job.id)
        } else {
            unpublished.remove(job.id)
        }
    }

    private mutating func count(_ job: Job, _ change: Int) {
        let uid = job.owner.uid
        if job.isSettled {
            settledByUID[uid, default: [:]][job.state.word, default: 0] += change
        } else {
            unsettledByUID[uid, default: [:]][job.state.word, default: 0] += change
        }
    }

    /// A job that was read back from the journal takes its place among the older ones.
    mutating func sortIn(_ id: JobID) {
        guard order.count > 1, order[order.count - 2] > id else { return }
        order.removeLast()
        order.insert(id, at: place(of: id))
    }

    mutating func remove(_ job: Job) {
        guard let old = jobs.removeValue(forKey: job.id.description)?.job else { return }
        count(old, -1)
        unpublished.remove(job.id)
        waiting.update(old, waited: old.state.word == .queued, waits: false)
        if old.isSettled {
            settledCount -= 1
        }
        let place = place(of: job.id)
        if place < order.count, order[place] == job.id {
            order.remove(at: place)
        }
    }

    /// Where a job stands in the ascending order, or would.
    private func place(of id: JobID) -> Int {
        var low = 0
        var high = order.count
        while low < high {
            let middle = (low + high) / 2
            if order[middle] < id { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Settled jobs beyond the newest leave the memory as they leave the machine's; the journal has them.
    mutating func forgetOldest() {
        guard settledCount > JobMachine.finishedInMemory * 2 else { return }
        let settled = order.filter { jobs[$0.description]?.job.isSettled ?? true }
        let oldest = Set(settled.prefix(settled.count - JobMachine.finishedInMemory))
        for id in oldest {
            if let job = jobs.removeValue(forKey: id.description)?.job {
                count(job, -1)
            }
        }
        settledCount -= oldest.count
        order.removeAll(where: oldest.contains)
    }
}
