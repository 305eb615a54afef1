import JobCore
import JobEngine
import TestSupport

/// The real journal, in a process that can die.
struct MortalJournal: JobJournal {
    struct Dead: Error {}

    let journal: any JobJournal
    let death: Death
    let executor: TestExecutor

    func restore() async throws -> RestoredState {
        try await executor.outside { try await journal.restore() }
    }

    func commit(_ changes: [JournalChange]) async throws {
        let step = CrashPoint.Step.commit(CrashPoint.words(changes))
        guard death.passes(.before(step)) else { throw Dead() }
        try await executor.outside { try await journal.commit(changes) }
        guard death.passes(.after(step)) else { throw Dead() }
    }

    func finishedJobs(_ query: FinishedJobsQuery) async throws -> [Job] {
        try await executor.outside { try await journal.finishedJobs(query) }
    }

    func backup(at now: Timestamp) async throws -> String {
        try await executor.outside { try await journal.backup(at: now) }
    }

    func close() async {
        await executor.outside { await journal.close() }
    }
}

/// A provider that a process which has died neither reaches nor hears.
struct MortalProvider: VideoProvider {
    let provider: ScriptedVideoProvider
    let death: Death

    private static let fault = JobFault(.providerUnreachable, "dead", charged: .unknown)

    func submit(_ request: SubmissionRequest) async -> SubmissionOutcome {
        guard death.passes(.before(.submit)) else { return .unknown(Self.fault) }
        let outcome = await provider.submit(request)
        return death.passes(.after(.submit)) ? outcome : .unknown(Self.fault)
    }

    func status(of run: RunReference) async -> StatusOutcome {
        guard death.passes(.before(.status)) else { return .unavailable(Self.fault) }
        let outcome = await provider.status(of: run)
        return death.passes(.after(.status)) ? outcome : .unavailable(Self.fault)
    }

    func recentRuns(uuid: AttemptUUID?, limit: Int) async -> LookOutcome {
        guard death.passes(.before(.look)) else { return .unavailable(Self.fault) }
        let outcome = await provider.recentRuns(uuid: uuid, limit: limit)
        return death.passes(.after(.look)) ? outcome : .unavailable(Self.fault)
    }

    func balance() async -> BalanceOutcome {
        await provider.balance()
    }

    func download(_ url: String, into sink: any DownloadSink) async -> DownloadOutcome {
        guard death.passes(.before(.download)) else { return .stopped }
        let outcome = await provider.download(url, into: sink)
        return death.passes(.after(.download)) ? outcome : .stopped
    }
}

/// The real publisher, in a process that can die; its hook dies between the calls to the disk.
struct MortalPublisher: VideoPublisher {
    let publisher: FilePublisher
    let death: Death
    let executor: TestExecutor

    private static let fault = JobFault(.outputUnavailable, "dead", charged: .yes)

    func openStaging(_ key: StagingKey) async throws(DownloadSinkError) -> any StagingFile {
        guard !death.isDead else { throw .outputUnavailable(Self.fault) }
        let file = try await executor.outside { () async throws(DownloadSinkError) in
            try await publisher.openStaging(key)
        }
        return MortalStagingFile(file: file, executor: executor)
    }

    func completeStaging(_ key: StagingKey) async throws(DownloadSinkError) -> StagedVideo? {
        guard !death.isDead else { throw .outputUnavailable(Self.fault) }
        return try await executor.outside { () async throws(DownloadSinkError) in
            try await publisher.completeStaging(key)
        }
    }

    func publish(_ plan: PublicationPlan) async -> PublishOutcome {
        guard !death.isDead else { return .outputUnavailable(Self.fault) }
        return await executor.outside { await publisher.publish(plan) }
    }

    func removeStaging(of job: JobID) async {
        guard death.passes(.before(.removeStaging)) else { return }
        await executor.outside { await publisher.removeStaging(of: job) }
        _ = death.passes(.after(.removeStaging))
    }

    func removeStaging(except live: Set<JobID>) async {
        guard !death.isDead else { return }
        await executor.outside { await publisher.removeStaging(except: live) }
    }

    func condition() async -> OutputCondition {
        await executor.outside { await publisher.condition() }
    }
}

private struct MortalStagingFile: StagingFile {
    let file: any StagingFile
    let executor: TestExecutor

    var resumePoint: DownloadResumePoint? {
        file.resumePoint
    }

    func begin(_ head: DownloadHead) throws(DownloadSinkError) {
        try file.begin(head)
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(DownloadSinkError) {
        try file.write(bytes)
    }

    func finish() async throws(DownloadSinkError) -> StagedVideo {
        try await executor.outside { () async throws(DownloadSinkError) in try await file.finish() }
    }

    func suspend() async {
        await executor.outside { await file.suspend() }
    }
}
