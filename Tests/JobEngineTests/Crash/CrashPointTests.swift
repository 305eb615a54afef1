import Glibc
import JobCore
import JobEngine
import TestSupport
import Testing

/// Every point at which the process can die, with the real journal and the real publisher.
@Suite(.serialized) struct CrashPointTests {
    /// What the job meets on its way.
    enum Way: String, CaseIterable {
        /// Nothing.
        case plain
        /// The answer to the submission is lost.
        case answerLost
        /// The download breaks off once, and the link expires once.
        case brokenDownload
        /// The name belongs to somebody else, and the run has two videos.
        case nameTaken
    }

    private func bench(_ place: PublishingPlace, _ way: Way) throws -> CrashBench {
        let bench = try CrashBench(place)
        let first = SampleVideo.mp4(length: 40_000)
        let second = SampleVideo.mp4(length: 30_000, seed: 2)
        let calls = Calls()
        bench.provider.change { script in
            let plan = RunPlan(ending: .done(way == .nameTaken ? [first, second] : [first]))
            script.submission = { _, _ in way == .answerLost ? .answerLost(plan) : .accepted(plan) }
            guard way == .brokenDownload else { return }
            script.download = { _, _ in
                switch calls.next() {
                case 1: .breaksOff(after: 15_000)
                case 2: .expired
                default: .whole
                }
            }
        }
        if way == .nameTaken {
            try #require(mkdir("\(place.output)/day", 0o755) == 0)
            try Files.write("\(place.output)/day/film-1.mp4", [1, 2, 3])
        }
        return bench
    }

    /// The run without a crash: what is left of it, and the points it passes.
    private func reference(_ way: Way) async throws -> (CrashBench.Result, [CrashPoint]) {
        try await PublishingPlace.with { place in
            let bench = try bench(place, way)
            try bench.start()
            bench.submit()
            bench.finish()
            let result = try bench.result()
            #expect(result.state == .completed && result.charges == 1 && result.staging == ["quarantine"])
            bench.bury()
            return (result, bench.death.points)
        }
    }

    @Test func theListIsComplete() async throws {
        let (_, points) = try await reference(.plain)
        var first: [CrashPoint] = []
        for point in points where !first.contains(point) { first.append(point) }
        #expect(Set(first) == Set(CrashPoint.plainWay), "\(first)")
    }

    @Test(arguments: Way.allCases)
    func whereverItDies(_ way: Way) async throws {
        let (expected, points) = try await reference(way)
        for limit in points.indices {
            try await PublishingPlace.with { place in
                try check(bench(place, way), dyingAfter: limit, expected)
            }
        }
        #expect(points.count > 40)
    }

    private func check(_ bench: CrashBench, dyingAfter limit: Int, _ expected: CrashBench.Result) throws {
        try bench.start(dyingAfter: limit)
        bench.submit()
        bench.finish()
        try #require(bench.death.isDead)
        let point = try #require(bench.death.points.last)
        bench.bury()
        #expect(bench.provider.runs.count <= 1, "\(point)")

        try bench.start()
        if bench.observer.seen.jobs[bench.id] == nil {
            bench.submit()
        }
        bench.finish()
        #expect(bench.provider.runs.count <= 1, "paid twice: \(point)")
        if bench.state == .held {
            #expect(point.leavesTheSubmissionUnknown, "held: \(point)")
            #expect(bench.provider.runs.isEmpty, "paid and not found: \(point)")
            bench.retry()
            bench.finish()
        } else {
            #expect(!point.leavesTheSubmissionUnknown, "not held: \(point)")
        }
        let told = bench.observer.seen.notices.filter { $0.job.state == .completed }
        let isNews = bench.observer.seen.restored[bench.id]?.state != .completed
        #expect(told.count == (isNews ? 1 : 0), "told \(told.count) times: \(point)")
        bench.endSearch()
        #expect(try bench.result() == expected, "\(point)")
        bench.bury()
    }

    /// Two crashes, at every point of the way and then at every fifth of the way that follows.
    @Test func diesTwice() async throws {
        let (expected, points) = try await reference(.plain)
        for first in stride(from: 2, to: points.count, by: 3) {
            for second in stride(from: first % 5, to: 40, by: 5) {
                try await PublishingPlace.with { place in
                    let bench = try bench(place, .plain)
                    try bench.start(dyingAfter: first)
                    bench.submit()
                    bench.finish()
                    bench.bury()
                    try bench.start(dyingAfter: second)
                    if bench.observer.seen.jobs[bench.id] == nil { bench.submit() }
                    bench.finish()
                    bench.bury()
                    try bench.start()
                    if bench.observer.seen.jobs[bench.id] == nil { bench.submit() }
                    bench.finish()
                    #expect(bench.provider.runs.count <= 1, "paid twice: \(first), \(second)")
                    if bench.state == .held {
                        bench.retry()
                        bench.finish()
                        bench.endSearch()
                    }
                    #expect(try bench.result() == expected, "\(points[first]), then \(second)")
                    bench.bury()
                }
            }
        }
    }
}

/// Counts calls.
final class Calls: Sendable {
    private let count = Pending<Int>()

    func next() -> Int {
        let next = (count.value ?? 0) + 1
        count.set(next)
        return next
    }
}
