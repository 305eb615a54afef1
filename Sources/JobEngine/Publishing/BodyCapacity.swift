import JobCore
import Synchronization

/// Counts the bytes of request bodies against `state.media_bytes`.
final class BodyCapacity: Sendable {
    private struct State {
        var sizes: [JobID: Int] = [:]
        var total = 0
    }

    private let maximum: Int64
    private let state: Mutex<State>

    init(maximum: Int64, present: [JobID: Int] = [:]) {
        self.maximum = maximum
        state = Mutex(State(sizes: present, total: present.values.reduce(0, +)))
    }

    /// How many bytes are counted.
    var total: Int {
        state.withLock { $0.total }
    }

    /// Counts a body in place of what the job had before.
    ///
    /// - Returns: What the job had before, for `restore`.
    func reserve(_ bytes: Int, for job: JobID) throws(JobFault) -> Int? {
        try state.withLock { state throws(JobFault) in
            let before = state.sizes[job]
            let total = state.total - (before ?? 0) + bytes
            guard Int64(total) <= maximum else {
                throw JobFault(
                    .limitsExceeded,
                    "inline media of \(bytes) bytes does not fit: \(state.total) of \(maximum) bytes"
                        + " (state.media_bytes) are taken by jobs that are not over",
                    retryable: true,
                    hint:
                        "wait until jobs are over, send a URL in place of the media, or raise state.media_bytes"
                )
            }
            state.sizes[job] = bytes
            state.total = total
            return before
        }
    }

    /// Counts what a job has now, or nothing.
    func restore(_ bytes: Int?, for job: JobID) {
        state.withLock { state in
            state.total += (bytes ?? 0) - (state.sizes[job] ?? 0)
            state.sizes[job] = bytes
        }
    }

    /// The jobs that have a body.
    var jobs: [JobID] {
        state.withLock { Array($0.sizes.keys) }
    }
}
