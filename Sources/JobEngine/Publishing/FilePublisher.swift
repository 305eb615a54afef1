import Glibc
public import JobCore
public import Logging

/// Publishes into a directory on disk through a staging directory on the same mount.
///
/// Both directories are opened anew for each call and every name in them is resolved on its own, links not followed.
public final class FilePublisher: VideoPublisher {
    private let configuration: FilePublisherConfiguration
    let context: PublishingContext

    /// Makes a publisher; nothing is touched before `prepare()`.
    ///
    /// - Parameters:
    ///   - configuration: Where and how.
    ///   - logger: For left-overs that cannot be removed and the like.
    ///   - hook: Asked before each effect, on the thread that has it; for tests.
    public init(
        configuration: FilePublisherConfiguration,
        logger: Logger,
        hook: PublishingHook? = nil
    ) {
        self.configuration = configuration
        context = PublishingContext(configuration: configuration, logger: logger, hook: hook)
    }

    /// Applies what a reload changed.
    ///
    /// - Parameter limits: The new limits, for all calls that begin later.
    public func apply(_ limits: FilePublisherConfiguration.Limits) {
        context.limits = limits
    }

    /// Makes the directories where they may be made, and tightens modes; called once, before anything else.
    ///
    /// An output directory that is missing, read-only or full is no error here: `condition()` tells.
    ///
    /// - Returns: What was found and put right, one sentence each.
    /// - Throws: `JobFault` `config.invalid` when the directories can never work together.
    public func prepare() async throws(JobFault) -> [String] {
        let preparation = DirectoryPreparation(configuration: configuration, directories: context.directories)
        return try await context.worker.run { () throws(JobFault) in try preparation.perform() }
    }

    /// Opens the staging file of one video; the SHA-256 of what came earlier is computed again.
    public func openStaging(_ key: StagingKey) async throws(DownloadSinkError) -> any StagingFile {
        try await context.worker.run { [context] () throws(DownloadSinkError) in
            try PublishingContext.sink { () throws(SystemCallError) in
                try FileStagingFile(key, context: context)
            }
        }
    }

    /// Looks whether a video came in completely before a crash, and finishes what was left to be done with it.
    ///
    /// To be called before a download is begun or gone on with: what this returns must not be fetched again.
    ///
    /// - Parameter key: Which video of which job.
    /// - Returns: The staged video, or nil when there is something to be downloaded.
    /// - Throws: `DownloadSinkError` as `StagingFile.finish()`.
    public func completeStaging(_ key: StagingKey) async throws(DownloadSinkError) -> StagedVideo? {
        try await context.worker.run { [context] () throws(DownloadSinkError) in
            try Self.completeStaging(key, context: context)
        }
    }

    private static func completeStaging(
        _ key: StagingKey,
        context: PublishingContext
    ) throws(DownloadSinkError) -> StagedVideo? {
        let names = StagingNames(key)
        let staging = try PublishingContext.sink { () throws(SystemCallError) in
            try context.directories.openStaging()
        }
        let found = try PublishingContext.sink { () throws(SystemCallError) in
            (video: try staging.status(of: names.video), record: try staging.status(of: names.record))
        }
        if let video = found.video, video.isRegularFile {
            return try describe(names, bytes: Int64(video.st_size), key, in: staging, context)
        }
        guard found.record != nil else { return nil }
        let file = try PublishingContext.sink { () throws(SystemCallError) in
            try FileStagingFile(key, context: context)
        }
        return file.isComplete ? try file.finishNow() : nil
    }

    /// Describes a video that was checked before, and repeats what follows its renaming.
    private static func describe(
        _ names: StagingNames,
        bytes: Int64,
        _ key: StagingKey,
        in staging: Descriptor,
        _ context: PublishingContext
    ) throws(DownloadSinkError) -> StagedVideo? {
        let (verdict, sha256) = try PublishingContext.sink { () throws(SystemCallError) in
            let file = try staging.open(names.video, O_RDONLY)
            let verdict = ContentCheck.verdict(
                prefix: try file.prefix(ContentCheck.prefixLength),
                length: bytes,
                totalBytes: nil,
                contentType: nil
            )
            return (verdict, try file.sha256(length: bytes))
        }
        switch verdict {
        case .video(let fileExtension):
            guard let sha256 else { return nil }
            try PublishingContext.sink { () throws(SystemCallError) in
                try context.before(.syncStaged)
                try staging.sync()
                try context.before(.removeRecord)
                try staging.remove(names.record)
            }
            return StagedVideo(bytes: bytes, sha256: sha256, fileExtension: fileExtension)
        case .rejected(let reason):
            let place = try PublishingContext.sink { () throws(SystemCallError) in
                try Quarantine.move(names.video, of: key, in: staging, context: context)
            }
            throw Quarantine.rejection(reason, place: place)
        }
    }

    /// Publishes one staged video and its receipt.
    public func publish(_ plan: PublicationPlan) async -> PublishOutcome {
        await context.worker.run { [context] in Publication(plan, context: context).perform() }
    }

    /// Removes what lies in the staging directory for a job that is over.
    public func removeStaging(of job: JobID) async {
        await context.worker.run { [context] in
            StagingRemoval(context: context).perform { $0 == job }
        }
    }

    /// Removes staging files of other jobs; names that are not ours, and the quarantine, stay.
    public func removeStaging(except live: Set<JobID>) async {
        await context.worker.run { [context] in
            StagingRemoval(context: context).perform { !live.contains($0) }
        }
    }

    /// Looks at both directories and at the free space.
    public func condition() async -> OutputCondition {
        await context.observer.run { [context] in
            var free: Int64?
            do throws(SystemCallError) {
                let volume = try context.directories.openOutput().volume()
                let bytes = Int64(
                    clamping: UInt64(volume.f_bavail).multipliedClamping(by: UInt64(volume.f_frsize))
                )
                free = bytes
                let (output, staging) = try context.directories.openBoth()
                try output.checkWritable()
                try staging.checkWritable()
                return OutputCondition(
                    freeBytes: bytes,
                    fault: Self.lack(
                        of: bytes,
                        isReported: volume.f_blocks > 0,
                        output.path,
                        context.limits
                    )
                )
            } catch {
                return OutputCondition(freeBytes: free, fault: error.outputFault(charged: .no))
            }
        }
    }

    private static func lack(
        of bytes: Int64,
        isReported: Bool,
        _ path: String,
        _ limits: FilePublisherConfiguration.Limits
    ) -> JobFault? {
        // A full disk is one whatever was configured; a file system that tells no numbers is not full.
        guard bytes < limits.minimumFree || bytes == 0 && isReported else { return nil }
        return JobFault(
            .outputNoSpace,
            "\(path) has \(bytes) bytes free, output.minimum_free is \(limits.minimumFree)",
            retryable: true,
            hint: limits.minimumFree == 0
                ? "free some space there; the daemon then goes on by itself"
                : "free some space there or lower output.minimum_free; the daemon then goes on by itself"
        )
    }
}

extension UInt64 {
    /// The product, or the largest number where it does not fit.
    fileprivate func multipliedClamping(by other: UInt64) -> UInt64 {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? .max : product
    }
}
