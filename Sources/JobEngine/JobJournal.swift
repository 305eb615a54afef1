public import JobCore

/// The durable shadow of the machine.
public protocol JobJournal: Sendable {
    /// Reads what the last run left.
    ///
    /// Records that cannot be read are kept in the journal and reported in the result.
    ///
    /// - Returns: The state to go on from.
    /// - Throws: When the journal cannot be read at all.
    func restore() async throws -> RestoredState

    /// Makes changes durable, all or none; returns after the sync.
    ///
    /// - Parameter changes: The changes in order.
    /// - Throws: When they are not durable; the caller tries again.
    func commit(_ changes: [JournalChange]) async throws

    /// Reads jobs that are not in memory any more.
    ///
    /// - Parameter query: Which.
    /// - Returns: Newest first.
    /// - Throws: When the journal cannot be read.
    func finishedJobs(_ query: FinishedJobsQuery) async throws -> [Job]

    /// Counts the settled jobs by state.
    ///
    /// - Parameter uid: Whose; nil counts those of all users.
    /// - Returns: The counts, or nil when the journal keeps no finished jobs.
    /// - Throws: When the journal cannot be read.
    func finishedCounts(of uid: UInt32?) async throws -> [JobState.Word: Int]?

    /// Writes a consistent copy of the journal into the state directory.
    ///
    /// - Parameter now: For the copy's name.
    /// - Returns: The copy's absolute path.
    /// - Throws: When it cannot be written, or there is no journal on disk.
    func backup(at now: Timestamp) async throws -> String

    /// Closes the journal after the last commit.
    func close() async
}

extension JobJournal {
    /// A journal that keeps no finished jobs counts none.
    public func finishedCounts(of uid: UInt32?) async throws -> [JobState.Word: Int]? {
        nil
    }
}

/// A change to be made durable.
public enum JournalChange: Hashable, Sendable {
    /// A job as it is now.
    case job(Job)
    /// A job is forgotten; its client key stays known until it expires.
    case forget(JobID)
    /// Finished jobs that ended before this are forgotten, and client keys that are older than 30 days with them.
    case purge(before: Timestamp)
    /// A POST was intended at this time: the sliding window is restored from these.
    case sent(Timestamp)
    /// Whether submissions are stopped by an administrator.
    case drained(Bool)
}

/// What the journal held.
public struct RestoredState: Sendable {
    /// Jobs that are not over, oldest first.
    public var live: [Job]
    /// The newest finished jobs, at most 1 000, newest first.
    public var finished: [Job]
    /// Every client key that is remembered.
    public var clientKeys: [ClientKeyRecord]
    /// When POSTs were intended within the last minutes.
    public var sent: [Timestamp]
    /// Whether submissions are stopped by an administrator.
    public var drained: Bool
    /// Why the daemon has to start drained (set aside, restored from a backup), for people.
    public var drainReason: String?
    /// The highest identifier that was ever given away.
    public var lastID: JobID?
    /// How many finished jobs there are by state.
    public var finishedCounts: [JobState.Word: Int]
    /// Records that could not be read and stay where they are, one sentence each.
    public var unreadable: [String]

    /// Makes the state of a first start.
    public init() {
        live = []
        finished = []
        clientKeys = []
        sent = []
        drained = false
        finishedCounts = [:]
        unreadable = []
    }
}

/// Which finished jobs to read.
public struct FinishedJobsQuery: Hashable, Sendable {
    /// Only this one.
    public var id: JobID?
    /// Only jobs below this identifier.
    public var before: JobID?
    /// Only jobs of this user.
    public var uid: UInt32?
    /// Only jobs with this label.
    public var label: String?
    /// Only jobs in these states; empty means all.
    public var states: Set<JobState.Word>
    /// How many, 1 or more.
    public var limit: Int

    /// Makes a query.
    ///
    /// - Parameter limit: How many, 1 or more.
    public init(limit: Int) {
        states = []
        self.limit = limit
    }
}
