public import JobCore
import Synchronization

/// Keeps request bodies in memory, for a daemon without a state directory.
public final class InMemoryRequestBodyStore: RequestBodyStore {
    private let capacity: BodyCapacity
    private let bodies = Mutex<[JobID: [UInt8]]>([:])

    /// Makes an empty store.
    ///
    /// - Parameter maximumBytes: `state.media_bytes`.
    public init(maximumBytes: Int64 = 64 << 20) {
        capacity = BodyCapacity(maximum: maximumBytes)
    }

    /// Keeps a body.
    public func store(_ body: [UInt8], for job: JobID) async throws(JobFault) {
        _ = try capacity.reserve(body.count, for: job)
        bodies.withLock { $0[job] = body }
    }

    /// Reads a body.
    public func load(for job: JobID) async throws(JobFault) -> [UInt8] {
        guard let body = bodies.withLock({ $0[job] }) else {
            throw JobFault(.stateUnavailable, "the request body of job \(job) is not there")
        }
        return body
    }

    /// Forgets a body.
    public func remove(for job: JobID) async {
        bodies.withLock { $0[job] = nil }
        capacity.restore(nil, for: job)
    }

    /// The jobs that have a body here.
    public func stored() async -> Set<JobID> {
        Set(capacity.jobs)
    }
}
