/// Names one attempt of one job.
public struct AttemptKey: Hashable, Sendable {
    /// The job.
    public let job: JobID
    /// The attempt's index in the job, from 0.
    public let index: Int

    /// Names an attempt.
    ///
    /// - Parameters:
    ///   - job: The job.
    ///   - index: The attempt's index in the job, from 0.
    public init(job: JobID, index: Int) {
        self.job = job
        self.index = index
    }
}
