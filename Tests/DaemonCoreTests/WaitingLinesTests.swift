import JobCore
import TestSupport
import Testing

@testable import DaemonCore

@Suite("Places in the queue")
struct WaitingLinesTests {
    private let all = Access(uid: 0, isAdmin: true, seesAll: true)
    private let own = Access(uid: 1000, isAdmin: false, seesAll: false)

    private func lines(_ jobs: [Job]) -> WaitingLines {
        var lines = WaitingLines()
        jobs.forEach { lines.update($0, waited: false, waits: true) }
        return lines
    }

    @Test("within one owner it is first in first out")
    func fifo() {
        let jobs = (0..<5).map { JobSample.job($0) }
        var lines = lines(jobs)
        #expect(jobs.map { lines.position(of: $0, for: own) } == [1, 2, 3, 4, 5])
        lines.update(jobs[0], waited: true, waits: false)
        lines.update(jobs[2], waited: true, waits: false)
        #expect(jobs.map { lines.position(of: $0, for: own) } == [nil, 1, nil, 2, 3])
    }

    @Test("a job that comes back stands behind the others, whatever its id")
    func again() {
        let jobs = (0..<3).map { JobSample.job($0) }
        var lines = lines(jobs)
        lines.update(jobs[0], waited: true, waits: false)
        lines.update(jobs[0], waited: false, waits: true)
        #expect(jobs.map { lines.position(of: $0, for: all) } == [3, 1, 2])
    }

    @Test("owners take turns; who may not see the others' jobs counts their own only")
    func turns() {
        let mine = (0..<3).map { JobSample.job($0) }
        let theirs = (3..<103).map { JobSample.job($0, uid: 2000) }
        let lines = lines(theirs + mine)
        #expect(mine.map { lines.position(of: $0, for: all) } == [2, 4, 6])
        #expect(mine.map { lines.position(of: $0, for: own) } == [1, 2, 3])
        #expect(lines.position(of: theirs[99], for: all) == 103)
    }

    @Test("a change that is none leaves all as it is")
    func unchanged() {
        let job = JobSample.job(0)
        var lines = lines([job])
        lines.update(job, waited: true, waits: true)
        #expect(lines.position(of: job, for: all) == 1)
        lines.update(job, waited: false, waits: false)
        #expect(lines.position(of: job, for: all) == 1)
        lines.update(job, waited: true, waits: false)
        #expect(lines.position(of: job, for: all) == nil)
    }
}
