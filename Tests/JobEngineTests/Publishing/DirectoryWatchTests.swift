import Glibc
import JobCore
import Synchronization
import TestSupport
import Testing

@testable import JobEngine

@Suite("DirectoryWatch", .timeLimit(.minutes(1)))
struct DirectoryWatchTests {
    /// Runs a body beside a watch; the body reads what the watch reports, one condition after the other.
    private func withWatch(
        _ place: PublishingPlace,
        _ publisher: any VideoPublisher,
        clock: PauseClock = PauseClock(),
        _ body: @escaping @Sendable (inout Reports) async throws -> Void
    ) async throws {
        let (conditions, reported) = AsyncStream.makeStream(of: OutputCondition.self)
        let watch = DirectoryWatch(directory: place.output, publisher: publisher, clock: clock)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await watch.run { reported.yield($0) }
            }
            group.addTask {
                var reports = Reports(iterator: conditions.makeAsyncIterator())
                try await body(&reports)
            }
            // The body ends first; the watch ends only when it is cancelled.
            try await group.next()
            group.cancelAll()
        }
    }

    @Test("Removed, made again, moved away and back: each is told at once")
    func changes() async throws {
        try await PublishingPlace.with { place in
            let publisher = place.publisher()
            _ = try await publisher.prepare()
            try await withWatch(place, publisher) { (conditions: inout Reports) async throws in
                #expect(try await conditions.next().fault?.message == nil)
                rmdir(place.output)
                #expect(try await conditions.next().fault?.kind == .outputUnavailable)
                mkdir(place.output, 0o755)
                #expect(try await conditions.next().fault?.message == nil)
                rename(place.output, place.output + "-away")
                #expect(try await conditions.next().fault?.kind == .outputUnavailable)
                rename(place.output + "-away", place.output)
                #expect(try await conditions.next().fault?.message == nil)
            }
        }
    }

    @Test("The directory above comes and goes")
    func parent() async throws {
        try await PublishingPlace.with { place in
            let publisher = place.publisher()
            _ = try await publisher.prepare()
            try await withWatch(place, publisher) { (conditions: inout Reports) async throws in
                #expect(try await conditions.next().fault?.message == nil)
                rename(place.root, place.root + "-away")
                #expect(try await conditions.next().fault?.kind == .outputUnavailable)
            }
            rename(place.root + "-away", place.root)
        }
    }

    @Test("A change of its mode is looked at, and told when it makes a difference")
    func mode() async throws {
        try await PublishingPlace.with { place in
            let publisher = InMemoryVideoPublisher()
            try await withWatch(place, publisher) { (conditions: inout Reports) async throws in
                #expect(try await conditions.next().fault?.message == nil)
                publisher.setFault(JobFault(.outputUnavailable, "not ours"))
                chmod(place.output, 0o500)
                #expect(try await conditions.next().fault?.message == "not ours")
            }
        }
    }

    @Test("Unmounted, mounted again, read-only: each is told at once", .enabled(if: PublishingPlace.isRoot))
    func mounts() async throws {
        try await PublishingPlace.with(tmpfs: "1m") { place in
            let publisher = place.publisher()
            _ = try await publisher.prepare()
            try await withWatch(place, publisher) { (conditions: inout Reports) async throws in
                #expect(try await conditions.next().fault?.message == nil)
                try place.remount(readOnly: true)
                #expect(try await conditions.next().fault?.message.contains("Read-only") == true)
                try place.remount(readOnly: false)
                #expect(try await conditions.next().fault?.message == nil)
                try place.unmount(lazily: true)
                #expect(try await conditions.next().fault?.kind == .outputUnavailable)
                try place.mount(size: "1m")
                mkdir(place.output, 0o755)
                #expect(try await conditions.next().fault?.message == nil)
                // Hidden by another disk, which inotify is silent about.
                try #require(mount("tmpfs", place.output, "tmpfs", 0, "size=1m") == 0)
                #expect(try await conditions.next().fault?.message.contains("not on one mount") == true)
                try #require(umount2(place.output, Int32(MNT_DETACH)) == 0)
                #expect(try await conditions.next().fault?.message == nil)
            }
        }
    }

    @Test("While something is wrong it looks again after growing pauses; when all is well it does not")
    func pauses() async throws {
        try await PublishingPlace.with { place in
            let publisher = InMemoryVideoPublisher()
            let clock = PauseClock()
            publisher.setFault(JobFault(.outputNoSpace, "full"))
            try await withWatch(place, publisher, clock: clock) { (conditions: inout Reports) async throws in
                #expect(try await conditions.next().fault?.kind == .outputNoSpace)
                var pauses = clock.pauses.makeAsyncIterator()
                for seconds in [1, 2, 4, 8, 16, 30, 30, 30] {
                    let pause = try #require(await pauses.next())
                    #expect(pause.duration == .seconds(seconds))
                    clock.end(pause)
                }
                let last = try #require(await pauses.next())
                publisher.setFault(nil)
                clock.end(last)
                #expect(try await conditions.next().fault?.message == nil)
                #expect(clock.sleepers == 0)
                // The next trouble begins with the shortest pause.
                publisher.setFault(JobFault(.outputUnavailable, "gone"))
                rmdir(place.output)
                #expect(try await conditions.next().fault?.kind == .outputUnavailable)
                #expect(await pauses.next()?.duration == .seconds(1))
            }
            #expect(clock.sleepers == 0)
        }
    }

    @Test("Our own publications and the neighbours are no reason to look")
    func quiet() async throws {
        try await PublishingPlace.with { place in
            let publisher = place.publisher()
            _ = try await publisher.prepare()
            // Without the mounts, which other programs change, too.
            let events = try DirectoryEvents(path: place.output, watchesMounts: false)
            events.refresh()
            let video = try await Sample.stage(
                SampleVideo.mp4(length: 100),
                try Sample.key(),
                with: publisher
            )
            _ = await publisher.publish(Sample.plan(try Sample.key(), video, name: "day/film"))
            try Files.write("\(place.output)/other")
            chmod("\(place.output)/other", 0o600)
            try Files.write("\(place.root)/other")
            #expect(events.wait(milliseconds: 10_000) == false)
            chmod(place.output, 0o700)
            #expect(events.wait(milliseconds: 10_000) == true)
            rename(place.output, "\(place.root)/away")
            #expect(events.wait(milliseconds: 10_000) == true)
            // The directory that was moved away is not watched any more.
            mkdir(place.output, 0o755)
            #expect(events.wait(milliseconds: 10_000) == true)
            events.refresh()
            // The end of the old watch is itself an event.
            #expect(events.wait(milliseconds: 10_000) == true)
            chmod("\(place.root)/away", 0o755)
            try Files.write("\(place.root)/third")
            #expect(events.wait(milliseconds: 10_000) == false)
            events.stop()
            #expect(events.wait(milliseconds: 10_000) == nil)
        }
    }
}

/// What a watch reports.
private struct Reports {
    var iterator: AsyncStream<OutputCondition>.Iterator

    mutating func next() async throws -> OutputCondition {
        let condition = await iterator.next(isolation: #isolation)
        return try #require(condition)
    }
}

/// A clock whose sleepers wake only when the test says so.
private final class PauseClock: Clock {
    struct Instant: InstantProtocol {
        var offset: Duration

        func advanced(by duration: Duration) -> Instant {
            Instant(offset: offset + duration)
        }

        func duration(to other: Instant) -> Duration {
            other.offset - offset
        }

        static func < (left: Instant, right: Instant) -> Bool {
            left.offset < right.offset
        }
    }

    struct Pause {
        let duration: Duration
        let number: Int
    }

    private struct State {
        var next = 0
        var sleepers: [Int: CheckedContinuation<Void, any Error>] = [:]
        var cancelled: Set<Int> = []
    }

    let now = Instant(offset: .zero)
    let minimumResolution = Duration.zero
    let pauses: AsyncStream<Pause>
    private let began: AsyncStream<Pause>.Continuation
    private let state = Mutex(State())

    init() {
        (pauses, began) = AsyncStream.makeStream()
    }

    var sleepers: Int {
        state.withLock { $0.sleepers.count }
    }

    func end(_ pause: Pause) {
        state.withLock { $0.sleepers.removeValue(forKey: pause.number) }?.resume()
    }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let number = state.withLock { state in
            state.next += 1
            return state.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isCancelled = state.withLock { state in
                    guard !state.cancelled.contains(number) else { return true }
                    state.sleepers[number] = continuation
                    return false
                }
                if isCancelled {
                    continuation.resume(throwing: CancellationError())
                } else {
                    began.yield(Pause(duration: deadline.offset, number: number))
                }
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                state.cancelled.insert(number)
                return state.sleepers.removeValue(forKey: number)
            }
            sleeper?.resume(throwing: CancellationError())
        }
    }
}
