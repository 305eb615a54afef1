/// What has to be done after an event, in this order: first everything that becomes durable, in one commit, then
/// the rest.
public enum JobAction: Sendable {
    // MARK: Durable

    /// Write a job as it is now.
    case persist(Job)
    /// Forget a job.
    case forget(JobID)
    /// Forget jobs that ended before a time.
    case purge(before: Timestamp)
    /// Remember that a submission goes out.
    case recordSent(Timestamp)
    /// Remember whether submissions are stopped.
    case recordDrained(Bool)

    // MARK: After the commit

    /// Answer a client.
    case reply(ReplyToken, Result<JobReply, JobFault>)
    /// Tell readers and subscribers.
    case announce(JobNotice)
    /// What holds up all queued jobs has changed.
    case announceGate(reason: String?)
    /// Send a paid request.
    case submit(AttemptKey, AttemptUUID, JobRequest)
    /// Look at the provider's list.
    case look(LookRequest, AttemptUUID?)
    /// Ask for a run.
    case poll(AttemptKey, runID: String, model: String)
    /// Fetch one video into the staging directory.
    case fetch(AttemptKey, item: Int, url: String)
    /// Stop a fetch, if one runs.
    case stopFetch(AttemptKey)
    /// Publish one staged video of a job under a name.
    case publish(AttemptKey, item: Int, StagedVideo, name: String, Job)
    /// Remove what a job has in the staging directory.
    case removeStaging(JobID)
    /// Remove a job's stored request body.
    case removeBody(JobID)
    /// Remove the stored request bodies of jobs that ended before a time.
    case removeBodies(endedBefore: Timestamp)
    /// Ask for the account's balance.
    case checkBalance
    /// Look at the output directory.
    case checkOutput
    /// Count the finished jobs of the journal.
    case recount
}

/// What a client is told.
public enum JobReply: Sendable {
    /// The job was accepted, or the client key names an earlier one.
    case submitted(Job, duplicate: Bool)
    /// The client key names a job that is only in the journal.
    case submittedEarlier(JobID)
    /// The job as it is now; `savesMoney` answers a cancel.
    case job(Job, savesMoney: SavesMoney?)
    /// Done.
    case done
    /// The provider's recent runs; `known` are those that belong to a job.
    case runs([RecentRun], known: [String: JobID])
}

/// Whether a cancel came before the money was spent.
public enum SavesMoney: String, Sendable {
    /// Nothing was sent.
    case yes
    /// The run is paid.
    case no
    /// Nobody knows yet.
    case unknown
}

/// What readers and subscribers are told about one job.
public struct JobNotice: Sendable {
    /// The kinds of notice.
    public enum Kind: String, Sendable {
        /// A job was accepted.
        case created = "job.created"
        /// A job is in another state, or its record changed otherwise.
        case state = "job.state"
        /// The provider tells of progress, or has another word for the run.
        case progress = "job.progress"
        /// A job is forgotten.
        case removed = "job.removed"
    }

    /// The kind.
    public var kind: Kind
    /// The job as it is now.
    public var job: Job

    /// Makes a notice.
    ///
    /// - Parameters:
    ///   - kind: The kind.
    ///   - job: The job as it is now.
    public init(_ kind: Kind, _ job: Job) {
        self.kind = kind
        self.job = job
    }
}
