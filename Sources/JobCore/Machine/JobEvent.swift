/// What can happen to the jobs.
public enum JobEvent: Sendable {
    // MARK: Commands of clients

    /// A client hands in a job.
    case submit(JobSubmission, ReplyToken)
    /// Whether a client's key already stands for a job; what could not be handed in needs no second body then.
    case lookUpKey(JobSubmission, ReplyToken)
    /// A client wants a job to end; with `discard` also its paid run.
    case cancel(JobID, discard: Bool, ReplyToken)
    /// A client wants a job to go on; `stored` is the job as the journal has it, if it is not in memory.
    case retry(JobID, acceptCharge: Bool, stored: Job?, ReplyToken)
    /// A client wants a job to be forgotten; `stored` as for `retry`.
    case remove(JobID, stored: Job?, ReplyToken)
    /// An administrator wants a run of the provider to be followed as a job.
    case adopt(JobSubmission, runID: String, createdAt: Timestamp?, ReplyToken)
    /// An administrator wants to see the provider's recent runs.
    case listRuns(limit: Int, ReplyToken)
    /// An administrator stops submissions.
    case drain(ReplyToken)
    /// An administrator starts submissions.
    case resume(ReplyToken)

    // MARK: The daemon's own

    /// The daemon is stopping: nothing new is sent.
    case stop
    /// Limits have changed; with `credential` also the API key.
    case reconfigured(JobPolicy, credential: Bool)
    /// The output directory became usable (nil) or unusable.
    case outputChanged(JobFault?)
    /// A wake-up has come.
    case wakeUp

    // MARK: What became of actions

    /// See ``JobAction/submit(_:_:_:)``.
    case submitted(AttemptKey, SubmissionOutcome)
    /// See ``JobAction/look(_:_:)``.
    case looked(LookRequest, LookOutcome)
    /// See ``JobAction/poll(_:runID:model:)``.
    case polled(AttemptKey, StatusOutcome)
    /// See ``JobAction/fetch(_:item:url:)``.
    case fetched(AttemptKey, item: Int, FetchOutcome)
    /// See ``JobAction/publish(_:item:_:name:_:)``.
    case published(AttemptKey, item: Int, PublishOutcome)
    /// See ``JobAction/recount``: settled jobs by state.
    case recounted([JobState.Word: Int])
    /// See ``JobAction/checkBalance``.
    case balance(BalanceOutcome)
}
