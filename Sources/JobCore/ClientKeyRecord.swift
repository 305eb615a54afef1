/// A caller's key against double submission, remembered as long as its job and at least 30 days.
public struct ClientKeyRecord: Hashable, Sendable, Codable {
    /// The caller.
    public var uid: UInt32
    /// The caller's key.
    public var key: String
    /// The job it stands for.
    public var job: JobID
    /// The hash of the request it stands for.
    public var fingerprint: String
    /// When it was first used.
    public var createdAt: Timestamp

    /// Makes a record.
    ///
    /// - Parameters:
    ///   - uid: The caller.
    ///   - key: The caller's key.
    ///   - job: The job it stands for.
    ///   - fingerprint: The hash of the request.
    ///   - createdAt: When it was first used.
    public init(uid: UInt32, key: String, job: JobID, fingerprint: String, createdAt: Timestamp) {
        self.uid = uid
        self.key = key
        self.job = job
        self.fingerprint = fingerprint
        self.createdAt = createdAt
    }
}
