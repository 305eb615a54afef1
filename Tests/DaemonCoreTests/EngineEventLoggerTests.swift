import JobCore
import JobEngine
import Logging
import Synchronization
import Systemd
import TestSupport
import Testing

@testable import DaemonCore

@Suite("What is logged about jobs")
struct EngineEventLoggerTests {
    private let record = RecordingLogHandler.Record()
    private let observer = CountingObserver()

    private var eventLogger: EngineEventLogger {
        let record = record
        return EngineEventLogger(
            passingOnTo: observer,
            logger: Logger(label: "test") { _ in RecordingLogHandler(record: record) }
        )
    }

    private static func job(_ state: JobState, runID: String? = nil) -> Job {
        let open = runID.map { JobSample.attempt(1, .running(Run()), runID: $0) }
        return JobSample.job(1, state, attempts: open.map { [$0] } ?? [])
    }

    @Test("submitted, completed, failed and held carry their ids and the job's fields")
    func identifiers() throws {
        let ends: [(JobState, JournalMessageID, Logger.Level)] = [
            (.completed, .jobCompleted, .info),
            (.failed(JobFault(.providerError, "no")), .jobFailed, .warning),
            (.held(HoldReason(.unconfirmed, "who knows")), .jobHeld, .error),
        ]
        for (end, id, level) in ends {
            let logger = eventLogger
            logger.changed(JobNotice(.created, Self.job(.queued(reason: nil))), counts: [:])
            logger.changed(JobNotice(.state, Self.job(.submitting)), counts: [:])
            #expect(record.take().allSatisfy { $0.metadata["message.id"] == nil })
            let accepted = Self.job(.inQueue, runID: "vid_1")
            logger.changed(JobNotice(.state, accepted), counts: [:])
            let submitted = try #require(record.take().first)
            #expect(submitted.metadata["message.id"] == JournalMessageID.jobSubmitted.rawValue)
            #expect(submitted.metadata["job.id"] == "\(accepted.id)")
            #expect(submitted.metadata["run.id"] == "vid_1")
            #expect(submitted.metadata["model"] == accepted.request.model)
            #expect(submitted.metadata["uid"] == "1000")
            logger.changed(JobNotice(.state, Self.job(end, runID: "vid_1")), counts: [:])
            let entries = record.take()
            #expect(entries.count == 1)
            #expect(entries.first?.metadata["message.id"] == id.rawValue)
            #expect(entries.first?.level == level)
        }
    }

    @Test("the id of the paid request stands in the entry of its submission, and only there")
    func requestID() throws {
        let logger = eventLogger
        var attempt = JobSample.attempt(1, .running(Run()), runID: "vid_1")
        attempt.requestID = "req-7"
        logger.changed(JobNotice(.state, JobSample.job(1, .inQueue, attempts: [attempt])), counts: [:])
        logger.changed(JobNotice(.state, JobSample.job(1, .inProgress, attempts: [attempt])), counts: [:])
        #expect(record.take().map { $0.metadata["request.id"] } == ["req-7", nil])
        // A run that was found in the list has none.
        logger.changed(JobNotice(.state, Self.job(.inQueue, runID: "vid_2")), counts: [:])
        let found = try #require(record.take().first)
        #expect(found.message == "job submitted" && found.metadata["request.id"] == nil)
    }

    @Test("a record that changes in the same state is no second alarm; progress is not logged")
    func onlyNews() {
        let logger = eventLogger
        let held = Self.job(.held(HoldReason(.unconfirmed, "a")))
        logger.changed(JobNotice(.state, held), counts: [:])
        #expect(record.take().map(\.message) == ["job is held"])
        logger.changed(JobNotice(.state, held), counts: [:])
        #expect(record.take().allSatisfy { $0.level == .debug })
        logger.changed(JobNotice(.progress, Self.job(.inProgress, runID: "vid_2")), counts: [:])
        #expect(record.take().isEmpty)
    }

    @Test("runs of an earlier start are not submitted once more")
    func restored() {
        let logger = eventLogger
        logger.restored(jobs: [Self.job(.inQueue, runID: "vid_3")], counts: [:], lastID: nil)
        logger.changed(JobNotice(.state, Self.job(.inProgress, runID: "vid_3")), counts: [:])
        #expect(record.take().map(\.message) == ["job changed"])
    }

    @Test("a refused key is told with its id, and everything is passed on")
    func credential() {
        let logger = eventLogger
        logger.credentialChanged(JobFault(.providerUnauthorized, "invalid key"))
        logger.credentialChanged(nil)
        logger.gateChanged(reason: nil, drained: false)
        logger.journalChanged(nil)
        logger.balanceChanged([], at: Timestamp(milliseconds: 0))
        logger.providerReached(nil)
        logger.restored(jobs: [], counts: [:], lastID: nil)
        logger.changed(JobNotice(.progress, Self.job(.submitting)), counts: [:])
        let entries = record.take()
        #expect(entries.first?.metadata["message.id"] == JournalMessageID.credentialRejected.rawValue)
        #expect(entries.first?.level == .error)
        #expect(entries.dropFirst().allSatisfy { $0.metadata["message.id"] == nil })
        #expect(observer.calls.withLock { $0 } == 8)
    }
}

/// Counts what it is told.
private final class CountingObserver: EngineObserver {
    let calls = Mutex(0)

    private func count() {
        calls.withLock { $0 += 1 }
    }

    func restored(jobs: [Job], counts: [JobState.Word: Int], lastID: JobID?) { count() }
    func changed(_ notice: JobNotice, counts: [JobState.Word: Int]) { count() }
    func gateChanged(reason: String?, drained: Bool) { count() }
    func credentialChanged(_ fault: JobFault?) { count() }
    func journalChanged(_ fault: JobFault?) { count() }
    func balanceChanged(_ balances: [Money], at: Timestamp) { count() }
    func providerReached(_ fault: JobFault?) { count() }
}
