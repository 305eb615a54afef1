public import JobCore

/// The staging and output directories, as the engine sees them.
///
/// Every method may be repeated after a crash at any point within it.
public protocol VideoPublisher: Sendable {
    /// Opens (or goes on with) the staging file of one video.
    ///
    /// - Parameter key: Which video of which job.
    /// - Returns: The sink for the download.
    /// - Throws: `DownloadSinkError` when the staging directory cannot be used.
    func openStaging(_ key: StagingKey) async throws(DownloadSinkError) -> any StagingFile

    /// Looks whether a video was staged completely before the daemon stopped, so that it is not fetched again.
    ///
    /// - Parameter key: Which video of which job.
    /// - Returns: The staged video, or nil.
    /// - Throws: `DownloadSinkError` when the staging directory cannot be used.
    func completeStaging(_ key: StagingKey) async throws(DownloadSinkError) -> StagedVideo?

    /// Publishes one staged video and its receipt under a name, without ever replacing a file.
    ///
    /// Receipt first, then the video, then both directories are synced. What is already there and ours is kept.
    ///
    /// - Parameter plan: What to publish and under which name.
    /// - Returns: How it ended.
    func publish(_ plan: PublicationPlan) async -> PublishOutcome

    /// Removes what lies in the staging directory for a job that is over.
    ///
    /// - Parameter job: The job.
    func removeStaging(of job: JobID) async

    /// Removes staging files of jobs that are not in the set; called once at the start.
    ///
    /// - Parameter live: The jobs whose files are needed.
    func removeStaging(except live: Set<JobID>) async

    /// Looks at the output directory now.
    func condition() async -> OutputCondition
}

/// Which video of which job.
public struct StagingKey: Hashable, Sendable {
    /// The job.
    public let job: JobID
    /// The attempt's index in the job, from 0.
    public let attempt: Int
    /// The video's index in the run, from 0.
    public let item: Int

    /// Names a staging file.
    ///
    /// - Parameters:
    ///   - job: The job.
    ///   - attempt: The attempt's index, from 0.
    ///   - item: The video's index, from 0.
    public init(job: JobID, attempt: Int, item: Int) {
        self.job = job
        self.attempt = attempt
        self.item = item
    }

    /// The file's name in the staging directory, without extension.
    public var name: String {
        "\(job)-\(attempt)-\(item)"
    }
}

/// A video on its way into the staging directory.
public protocol StagingFile: DownloadSink {
    /// Checks the complete file (length, ISO media or WebM header, no HTML or JSON), syncs it, and describes it.
    ///
    /// What fails the check is moved to quarantine.
    ///
    /// - Returns: The staged video.
    /// - Throws: `DownloadSinkError`.
    func finish() async throws(DownloadSinkError) -> StagedVideo

    /// Keeps what has come for a later try and closes the file.
    func suspend() async
}

/// One video to be published.
public struct PublicationPlan: Hashable, Sendable {
    /// Which staging file.
    public let key: StagingKey
    /// What lies in it.
    public let video: StagedVideo
    /// The name relative to the output directory, without extension; `/` separates subdirectories.
    public let name: String
    /// The receipt's text without the members `file`, `bytes`, `sha256`, which the publisher adds: a JSON object.
    public let receipt: [UInt8]

    /// Makes a plan.
    ///
    /// - Parameters:
    ///   - key: Which staging file.
    ///   - video: What lies in it.
    ///   - name: The name relative to the output directory, without extension.
    ///   - receipt: A JSON object without `file`, `bytes`, `sha256`.
    public init(key: StagingKey, video: StagedVideo, name: String, receipt: [UInt8]) {
        self.key = key
        self.video = video
        self.name = name
        self.receipt = receipt
    }
}

/// How the output directory is.
public struct OutputCondition: Hashable, Sendable {
    /// Free bytes for us on its file system; nil when it is not there.
    public var freeBytes: Int64?
    /// What is wrong with it; nil when it can be written to.
    public var fault: JobFault?

    /// Describes the output directory.
    ///
    /// - Parameters:
    ///   - freeBytes: Free bytes for us.
    ///   - fault: What is wrong with it.
    public init(freeBytes: Int64?, fault: JobFault?) {
        self.freeBytes = freeBytes
        self.fault = fault
    }
}
