public import JobCore

/// Keeps request bodies that are too large for the registry and the database (inline media).
public protocol RequestBodyStore: Sendable {
    /// Writes a body and syncs it; counts against `state.media_bytes`.
    ///
    /// - Parameters:
    ///   - body: The JSON text.
    ///   - job: The job it belongs to.
    /// - Throws: `JobFault` `limits.exceeded` when there is no room, `state.unavailable` when it cannot be written.
    func store(_ body: [UInt8], for job: JobID) async throws(JobFault)

    /// Reads a body.
    ///
    /// - Parameter job: The job it belongs to.
    /// - Returns: The JSON text.
    /// - Throws: `JobFault` `state.unavailable` when it cannot be read.
    func load(for job: JobID) async throws(JobFault) -> [UInt8]

    /// Removes a body, if there is one.
    ///
    /// - Parameter job: The job it belongs to.
    func remove(for job: JobID) async

    /// The jobs that have a body here.
    func stored() async -> Set<JobID>
}
