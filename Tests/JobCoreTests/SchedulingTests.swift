import Testing

@testable import JobCore

/// The scheduler's parts, against models that are too simple to be wrong.
@Suite struct SchedulingTests {
    @Test(arguments: [
        (1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (100, 60), (0, 1), (-5, 1),
    ])
    func pausesGrowToTheLongest(_ failures: Int, _ seconds: Int) {
        let backoff = Backoff(first: .seconds(1), longest: .seconds(60))
        #expect(backoff.pause(after: failures) == .seconds(seconds))
    }

    @Test func aPauseOfFactorOneStays() {
        let backoff = Backoff(first: .seconds(5), factor: 1, longest: .seconds(60))
        #expect(backoff.pause(after: 1000) == .seconds(5))
    }

    /// Wherever between sending and answer the other side counts a request, no span ever holds more than the limit.
    @Test(arguments: 0..<20)
    func windowIsNeverExceeded(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let limit = Int.random(in: 1...6, using: &random)
        var window = SlidingWindow(limit: limit, span: .seconds(10))
        var now = Duration.zero
        var open: [Duration] = []
        var counted: [Duration] = []
        for _ in 0..<2000 {
            now += .milliseconds(Int.random(in: 0...3000, using: &random))
            if random.chance(0.4), let start = open.popLast() {
                counted.append(
                    .milliseconds(Int64.random(in: start.milliseconds...now.milliseconds, using: &random))
                )
                window.end(at: now)
            }
            let isFree = window.hasRoom(at: now)
            if let room = window.nextRoom, !isFree {
                #expect(room > now)
                var later = window
                let isEarly = later.hasRoom(at: room - .milliseconds(1))
                let isThere = later.hasRoom(at: room)
                #expect(!isEarly && isThere, "seed \(seed)")
            }
            if isFree, random.chance(0.8) {
                window.begin()
                open.append(now)
            }
        }
        counted.sort()
        for (index, time) in counted.enumerated() where index >= limit {
            #expect(time - counted[index - limit] >= .seconds(10), "seed \(seed)")
        }
        #expect(counted.count > 50)
    }

    @Test func canceledRequestGivesItsPlaceBack() {
        var window = SlidingWindow(limit: 1, span: .seconds(10))
        window.begin()
        let isFull = !window.hasRoom(at: .zero)
        #expect(isFull)
        #expect(window.nextRoom == nil, "only the answer frees the place")
        window.cancel()
        let isFree = window.hasRoom(at: .zero)
        #expect(isFree)
    }

    @Test(arguments: 0..<20)
    func timersComeInOrder(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var queue = TimerQueue<Int>()
        var model: [Int: (due: Int, order: Int)] = [:]
        var order = 0
        for _ in 0..<1500 {
            let key = Int.random(in: 0..<60, using: &random)
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<6:
                let due = Int.random(in: 0..<100, using: &random)
                order += 1
                queue.set(key, at: .seconds(due))
                model[key] = (due, order)
            case 6, 7:
                queue.cancel(key)
                model[key] = nil
            default:
                let now = Int.random(in: 0..<100, using: &random)
                let first = model.min { ($0.value.due, $0.value.order) < ($1.value.due, $1.value.order) }
                let expected = first.flatMap { $0.value.due <= now ? $0.key : nil }
                let popped = queue.popDue(at: .seconds(now))
                #expect(popped == expected, "seed \(seed)")
                if let expected { model[expected] = nil }
            }
            #expect(queue.count == model.count)
            let earliest = queue.earliest()
            #expect(earliest == model.values.map(\.due).min().map { .seconds($0) })
            #expect(queue.contains(key) == (model[key] != nil))
        }
    }

    /// The provider takes fewer extensions: who waits for one holds nobody up, and keeps its place.
    @Test func extensionsAreOvertakenWhereNoneMayBeSent() {
        var random = SplitMix64(seed: 1)
        var generator = JobID.Generator(after: nil)
        let ids = (0..<6).map { _ in generator.next(at: MachineBench.wallStart, using: &random) }
        var queue = SubmissionQueue()
        for (number, id) in ids.enumerated() {
            queue.append(id, of: number < 4 ? 1 : 2, isExtension: [0, 1, 4].contains(number))
        }
        #expect(queue.extensionCount == 3)
        #expect(queue.popFirst(extensions: false) == ids[2])
        #expect(queue.popFirst(extensions: false) == ids[5])
        #expect(queue.popFirst(extensions: false) == ids[3])
        #expect(queue.popFirst(extensions: false) == nil && queue.count == 3)
        #expect(Set([queue.popFirst(), queue.popFirst()]) == [ids[0], ids[4]])
        #expect(queue.popFirst() == ids[1])
        #expect(queue.count == 0 && queue.extensionCount == 0)
    }

    @Test(arguments: 0..<20)
    func queueTakesTurns(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var generator = JobID.Generator(after: nil)
        var queue = SubmissionQueue()
        var lines: [UInt32: [JobID]] = [:]
        for _ in 0..<1500 {
            let owner = UInt32.random(in: 0..<4, using: &random)
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<4:
                let id = generator.next(at: MachineBench.wallStart, using: &random)
                queue.append(id, of: owner)
                queue.append(id, of: owner)
                lines[owner, default: []].append(id)
            case 4:
                let id = generator.next(at: MachineBench.wallStart, using: &random)
                queue.prepend(id, of: owner)
                lines[owner, default: []].insert(id, at: 0)
            case 5:
                guard let id = lines[owner]?.randomElement(using: &random) else { break }
                queue.remove(id, of: owner)
                lines[owner]?.removeAll { $0 == id }
            default:
                let id = queue.popFirst()
                let heads = lines.values.compactMap(\.first)
                #expect(id.map(heads.contains) ?? heads.isEmpty, "seed \(seed)")
                for owner in lines.keys { lines[owner]?.removeAll { $0 == id } }
            }
            #expect(queue.count == lines.values.map(\.count).reduce(0, +))
        }
        // Nobody waits for more than one job of each other owner.
        var waiting: [UInt32: Int] = [:]
        while let id = queue.popFirst() {
            guard let owner = lines.first(where: { $0.value.first == id })?.key else {
                Issue.record("seed \(seed): not the first of its owner")
                return
            }
            lines[owner]?.removeFirst()
            for (other, line) in lines where other != owner && !line.isEmpty {
                waiting[other, default: 0] += 1
                #expect(waiting[other, default: 0] <= 3, "seed \(seed)")
            }
            waiting[owner] = 0
        }
        #expect(!lines.values.contains { !$0.isEmpty })
    }

    @Test func pollingIntervalsGrowWithTheWait() {
        var random = SplitMix64(seed: 1)
        func interval(_ seconds: Int, _ random: inout SplitMix64) -> Double {
            PollingPolicy.interval(
                elapsed: .seconds(seconds),
                minimum: .seconds(1),
                maximum: .seconds(30),
                using: &random
            ).seconds
        }
        for _ in 0..<200 {
            let intervals = [0, 100, 100_000].map { interval($0, &random) }
            #expect(intervals[0] == 1 && (5.3...6.7).contains(intervals[1]) && intervals[2] == 30)
        }
        let spread = Set((0..<20).map { _ in interval(100, &random) })
        #expect(spread.count > 10, "jobs submitted together spread out")
        let odd = PollingPolicy.interval(
            elapsed: .seconds(100),
            minimum: .seconds(10),
            maximum: .seconds(5),
            using: &random
        )
        #expect(odd == .seconds(10))
    }

    /// Before the shortest run of a model could be over, a question brings little.
    @Test func modelsThatAreKnownToTakeLongAreAskedForLessOftenAtFirst() {
        var durations = ModelDurations()
        for seconds in [100, 120, 110] {
            #expect(durations.shortest("kling") == nil, "too few are known")
            durations.record("kling", took: .seconds(seconds))
        }
        var random = SplitMix64(seed: 1)
        func interval(_ elapsed: Int) -> Double {
            PollingPolicy.interval(
                elapsed: .seconds(elapsed),
                shortest: durations.shortest("kling"),
                minimum: .seconds(1),
                maximum: .seconds(60),
                using: &random
            ).seconds
        }
        for _ in 0..<200 {
            #expect(
                (27...33.6).contains(interval(1)),
                "a part of the shortest: progress and failures are seen"
            )
            #expect((13...17).contains(interval(66)), "up to the time at which it may be over")
            #expect((4.5...5.7).contains(interval(85)), "from then on a share of the wait")
        }
        #expect(durations.shortest("veo") == nil)
        durations.record("kling", took: .seconds(40))
        #expect(durations.shortest("kling") == .seconds(40), "a shorter one counts at once")
        for _ in 0..<200 {
            durations.record("kling", took: .seconds(200))
        }
        #expect(durations.shortest("kling").map { $0 > .seconds(150) } == true, "longer ones in time")
    }
}
