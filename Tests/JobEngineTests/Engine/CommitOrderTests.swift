import JobCore
import JobEngine
import TestSupport
import Testing

/// Commit, then act: nothing is seen or done of a change that is not durable.
@Suite struct CommitOrderTests {
    @Test func nothingHappensBeforeTheCommitReturns() {
        let bench = EngineBench.started()
        bench.journal.holdCommits()
        let submission = bench.submission()
        let reply = bench.call { .submit(submission, $0) }
        bench.advance(by: .seconds(60))
        #expect(reply.value == nil, "answered before the job was durable")
        #expect(bench.observer.seen.notices.isEmpty, "shown before it was durable")
        #expect(bench.provider.calls.isEmpty, "sent before the intent was durable")
        bench.journal.releaseCommits()
        bench.executor.runUntilQuiet()
        #expect(reply.value?.isSuccess == true)
        #expect(bench.observer.seen.notices.map(\.job.state.word) == [.queued, .submitting])
        bench.advance(by: .milliseconds(50))
        #expect(bench.submissions.count == 1)
    }

    /// What came while a commit was under way is one batch, and none of it overtakes.
    @Test func whatComesMeanwhileIsTheNextBatch() {
        let bench = EngineBench.started()
        bench.journal.holdCommits()
        let replies = (0..<40).map { _ in
            let submission = bench.submission()
            return bench.call { .submit(submission, $0) }
        }
        #expect(bench.journal.commits.isEmpty)
        bench.journal.releaseCommits()
        bench.executor.runUntilQuiet()
        #expect(replies.allSatisfy { $0.value?.isSuccess == true })
        #expect(bench.journal.commits.count == 2, "40 jobs took \(bench.journal.commits.count) commits")
    }

    @Test func failedCommitHoldsEverythingBackAndIsRepeated() {
        let bench = EngineBench.started()
        bench.journal.failNextCommits(4, with: JobFault(.stateUnavailable, "the disk is full"))
        let submission = bench.submission()
        let reply = bench.call { .submit(submission, $0) }
        #expect(bench.observer.seen.journalFault?.message.contains("the disk is full") == true)
        #expect(bench.observer.seen.journalFault?.charged == .no)
        let second = bench.submission()
        let later = bench.call { .submit(second, $0) }
        bench.advance(by: .milliseconds(2900))
        #expect(bench.observer.seen.journalFaults == 4)
        #expect(reply.value == nil && later.value == nil && bench.provider.calls.isEmpty)
        #expect(bench.observer.seen.notices.isEmpty)
        bench.advance(by: .milliseconds(200))
        #expect(bench.observer.seen.journalFault == nil)
        #expect(reply.value?.isSuccess == true && later.value?.isSuccess == true)
        #expect(bench.submissions.count == 2)
    }

    /// The run's name is in the journal before anybody asks for it, the file's name before it is published.
    @Test func eachStepIsDurableBeforeTheNext() {
        let bench = EngineBench.started()
        let id = bench.submit()
        var seen: [String] = []
        for _ in 0..<500 where bench.state(id) != .completed {
            let durable = bench.journal.jobs[id]
            for call in bench.provider.calls {
                switch call.kind {
                case .submit(let uuid):
                    #expect(durable?.attempts.first?.uuid == uuid)
                    seen.append("submit")
                case .status(let run):
                    #expect(durable?.runID == run)
                    seen.append("status")
                case .download: seen.append("download")
                default: break
                }
            }
            bench.provider.forgetCalls()
            if !bench.files.isEmpty, case .delivering(let delivery) = durable?.attempts.first?.phase {
                #expect(delivery.items.first?.name != nil)
            }
            bench.advance(by: .milliseconds(100))
        }
        #expect(Set(seen) == ["submit", "status", "download"])
        #expect(bench.files == ["\(id).json", "\(id).mp4"])
        #expect(bench.publisher.stagedKeys.isEmpty)
    }

    /// A crash loses what was not committed and nothing else, whether or not the last commit reached the disk.
    @Test(arguments: [0, 1])
    func crashWithACommitUnderWay(_ landing: Int) {
        let bench = EngineBench.started()
        bench.journal.holdCommits()
        let submission = bench.submission(key: "k")
        let reply = bench.call { .submit(submission, $0) }
        bench.kill(landing: landing)
        #expect(reply.value?.isSuccess != true)
        #expect(bench.provider.calls.isEmpty)
        bench.start()
        #expect(bench.observer.seen.jobs.count == landing)
        // The client repeats its call, as videogenctl does.
        let second = bench.submission(key: "k")
        let repeated = bench.call { .submit(second, $0) }
        guard case .success(.submitted(let job, let isDuplicate)) = repeated.value else {
            Issue.record("\(String(describing: repeated.value))")
            return
        }
        #expect(isDuplicate == (landing == 1))
        bench.advance(by: .seconds(120))
        if landing == 0 {
            #expect(bench.state(job.id) == .completed && bench.provider.runs.count == 1)
        } else {
            // The intent had reached the disk: nobody knows that nothing was sent.
            #expect(bench.state(job.id) == .held && bench.provider.runs.isEmpty)
        }
    }

    /// Readers begin with what is on disk, not with what the start is about to make of it.
    @Test func restoredJobsAreShownAsTheyAreOnDisk() {
        let bench = EngineBench.started()
        bench.call { .drain($0) }
        let id = bench.submit()
        bench.call { .resume($0) }
        bench.kill()
        #expect(bench.journal.jobs[id]?.state.word == .submitting)
        bench.journal.holdCommits()
        bench.start()
        #expect(bench.observer.seen.restored[id]?.state.word == .submitting)
        #expect(bench.observer.seen.counts[.submitting] == 1)
        #expect(bench.state(id) == .submitting, "shown before it was durable")
        bench.journal.releaseCommits()
        bench.executor.runUntilQuiet()
        #expect(bench.state(id) == .unconfirmed)
    }
}

extension Result where Success == JobReply, Failure == JobFault {
    var isSuccess: Bool {
        if case .success = self { true } else { false }
    }

    var fault: JobFault? {
        if case .failure(let fault) = self { fault } else { nil }
    }
}
