public import JobCore
public import JobEngine

/// The journal of a daemon that keeps nothing on disk (`state.directory: none`).
///
/// What the engine holds in memory is all there is: a commit is done at once, a restart starts empty.
public struct MemoryOnlyJobJournal: JobJournal {
    /// Makes a journal that forgets.
    public init() {}

    /// Says that there was nothing.
    ///
    /// - Returns: The state of a first start.
    /// - Throws: Never.
    public func restore() async throws -> RestoredState {
        RestoredState()
    }

    /// Takes note of nothing.
    ///
    /// - Parameter changes: The changes, which the engine has in memory.
    /// - Throws: Never.
    public func commit(_ changes: [JournalChange]) async throws {}

    /// Finds nothing: what is not in memory any more is forgotten.
    ///
    /// - Parameter query: Which.
    /// - Returns: No job.
    /// - Throws: Never.
    public func finishedJobs(_ query: FinishedJobsQuery) async throws -> [Job] {
        []
    }

    /// Refuses: there is nothing to copy.
    ///
    /// - Parameter now: For the copy's name.
    /// - Returns: Never.
    /// - Throws: `JobStoreError` `noJournal`.
    public func backup(at now: Timestamp) async throws -> String {
        throw JobStoreError(
            .noJournal,
            "there is no journal to copy: state.directory is none, so jobs are kept in memory only"
        )
    }

    /// Does nothing.
    public func close() async {}
}
