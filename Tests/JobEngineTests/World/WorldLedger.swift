import JobCore
import JobEngine
import Synchronization
import TestSupport

/// What the world checks while it runs: nothing is sent that was not intended.
final class WorldLedger: Sendable {
    private struct State {
        var journal = InMemoryJobJournal()
        var intents: Set<AttemptUUID> = []
        var sent: Set<AttemptUUID> = []
        var problems: [String] = []
    }

    private let state = Mutex(State())

    var problems: [String] {
        state.withLock { $0.problems }
    }

    func report(_ problem: String) {
        state.withLock { $0.problems.append(problem) }
    }

    /// The journal that the present process writes.
    func follow(_ journal: InMemoryJobJournal) {
        state.withLock { $0.journal = journal }
    }

    /// A paid request has reached the provider.
    func sent(_ uuid: AttemptUUID) {
        state.withLock { state in
            for changes in state.journal.commits.suffix(40) {
                for change in changes {
                    guard case .job(let job) = change else { continue }
                    state.intents.formUnion(job.attempts.map(\.uuid))
                }
            }
            for job in state.journal.jobs.values {
                state.intents.formUnion(job.attempts.map(\.uuid))
            }
            if !state.intents.contains(uuid) {
                state.problems.append("\(uuid) was sent, and no durable record intends it")
            }
            if !state.sent.insert(uuid).inserted {
                state.problems.append("\(uuid) was sent twice")
            }
        }
    }
}
