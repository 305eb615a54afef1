import JobCore
import JobEngine
import Synchronization
import TestSupport
import Testing

@Suite("Publishing after a crash at every point")
struct PublishingCrashTests {
    /// Lets so many effects happen and none after them, as a process that dies.
    private final class Death: Sendable {
        private let remaining: Mutex<Int>
        private let stopped = Mutex<PublishingEffect?>(nil)

        init(after effects: Int) {
            remaining = Mutex(effects)
        }

        var effect: PublishingEffect? {
            stopped.withLock { $0 }
        }

        func hook(_ effect: PublishingEffect) -> Int32 {
            let mayHappen = remaining.withLock { remaining in
                remaining -= 1
                return remaining >= 0
            }
            guard !mayHappen else { return 0 }
            stopped.withLock { $0 = $0 ?? effect }
            return 5
        }
    }

    private static let name = "day/film"
    private static let bytes = SampleVideo.mp4(length: 300_000)

    /// What the engine has committed: the staged video is, before it is published.
    private struct Journal {
        var staged: StagedVideo?
    }

    private func run(_ publisher: FilePublisher, _ journal: inout Journal) async throws -> PublishOutcome {
        let key = try Sample.key()
        let video: StagedVideo
        if let staged = journal.staged {
            video = staged
        } else {
            video = try await Sample.stage(Self.bytes, key, with: publisher)
            journal.staged = video
        }
        return await publisher.publish(Sample.plan(key, video, name: Self.name))
    }

    @Test("Wherever it dies, the repetition ends in the same two files, seen once")
    func everyEffect() async throws {
        var seen: Set<PublishingEffect> = []
        var isThrough = false
        for effects in 0..<100 where !isThrough {
            try await PublishingPlace.with { place in
                let death = Death(after: effects)
                let dying = place.publisher { death.hook($0) }
                // How the dying process ended is what it cannot tell any more.
                var journal = Journal()
                _ = try? await run(dying, &journal)
                guard let effect = death.effect else {
                    isThrough = true
                    return
                }
                seen.insert(effect)
                try await checkRepetition(place, &journal, after: effect)
            }
        }
        #expect(isThrough)
        // The way of one video that is good and meets nobody.
        let others: Set<PublishingEffect> = [.moveToQuarantine, .takeReceiptBack]
        #expect(seen == Set(PublishingEffect.allCases).subtracting(others))
    }

    private func checkRepetition(
        _ place: PublishingPlace,
        _ journal: inout Journal,
        after effect: PublishingEffect
    ) async throws {
        let folder = "\(place.output)/day"
        let before = Files.names(folder)
        let watcher = before.isEmpty ? nil : try Watcher(folder)
        let publisher = place.publisher()
        _ = try await publisher.prepare()
        let outcome = try await run(publisher, &journal)
        guard case .published(let output) = outcome else {
            Issue.record("after \(effect): \(outcome)")
            return
        }
        #expect(output.sha256 == SampleVideo.sha256(Self.bytes))
        #expect(try Files.read(output.file) == Self.bytes, "after \(effect)")
        #expect(try Files.mode(output.file) == 0o640, "after \(effect)")
        #expect(Files.names(folder) == ["film.json", "film.mp4"], "after \(effect)")
        let missing = ["film.json", "film.mp4"].filter { !before.contains($0) }
        if let watcher {
            #expect(watcher.events() == missing.map { "moved_to \($0)" }, "after \(effect)")
        }
        await publisher.removeStaging(of: try Sample.job())
        #expect(Files.names(place.staging) == ["quarantine"], "after \(effect)")
    }

    @Test("A consumer who is quick between rename and crash does not cause a second publication")
    func consumer() async throws {
        try await PublishingPlace.with { place in
            let dying = place.publisher { $0 == .syncOutput || $0 == .syncStaging ? 5 : 0 }
            var journal = Journal()
            guard case .outputUnavailable = try await run(dying, &journal) else {
                Issue.record("it did not die")
                return
            }
            Files.remove("\(place.output)/day")
            let publisher = place.publisher()
            #expect(try await publisher.completeStaging(try Sample.key()) == nil)
            guard case .published = try await run(publisher, &journal) else {
                Issue.record("not known as published")
                return
            }
            #expect(Files.names(place.output) == [])
        }
    }

    @Test("A video that is fetched again is lost again when its staged file is lost")
    func fetchedAgain() async throws {
        try await PublishingPlace.with { place in
            let publisher = place.publisher()
            var journal = Journal()
            guard case .published = try await run(publisher, &journal) else {
                Issue.record("not published")
                return
            }
            journal.staged = nil
            #expect(try await run(publisher, &journal) == .nameTaken)
            try Files.remove(file: "\(place.staging)/\(try Sample.key().name).video")
            let video = try #require(journal.staged)
            #expect(
                await publisher.publish(Sample.plan(try Sample.key(), video, name: "other"))
                    == .stagedFileMissing
            )
        }
    }

    @Test("States made by hand: what is ours is kept, what is lost is said", arguments: [true, false])
    func byHand(receiptIsThere: Bool) async throws {
        try await PublishingPlace.with { place in
            let publisher = place.publisher()
            _ = try await publisher.prepare()
            let key = try Sample.key()
            let video = StagedVideo(
                bytes: Int64(Self.bytes.count),
                sha256: SampleVideo.sha256(Self.bytes),
                fileExtension: "mp4"
            )
            #expect(await publisher.publish(Sample.plan(key, video)) == .stagedFileMissing)

            // No note in the staging directory: the video's content decides.
            try Files.write("\(place.output)/film.mp4", Self.bytes)
            if receiptIsThere {
                try Files.write(
                    "\(place.output)/film.json",
                    Array("{\"job_id\":\"\(key.job)\",\"sha256\":\"\(video.sha256)\"}".utf8)
                )
            }
            guard case .published = await publisher.publish(Sample.plan(key, video)) else {
                Issue.record("not known as ours")
                return
            }

            // Another video of the same size, or another job's receipt beside the same video: not ours.
            try Files.write("\(place.output)/film.mp4", SampleVideo.mp4(length: Self.bytes.count, seed: 2))
            #expect(await publisher.publish(Sample.plan(key, video)) == .stagedFileMissing)
            try Files.write("\(place.output)/film.mp4", Self.bytes)
            try Files.write("\(place.output)/film.json", Array("{\"job_id\":\"other\"}".utf8))
            #expect(await publisher.publish(Sample.plan(key, video)) == .stagedFileMissing)
        }
    }

    @Test("A staged file of another size is not published")
    func truncatedStagedFile() async throws {
        try await PublishingPlace.with { place in
            let publisher = place.publisher()
            let key = try Sample.key()
            let video = try await Sample.stage(Self.bytes, key, with: publisher)
            try Files.write("\(place.staging)/\(key.name).video", Array(Self.bytes[..<100]))
            try Files.write("\(place.staging)/\(key.name).moving")
            #expect(await publisher.publish(Sample.plan(key, video)) == .stagedFileMissing)
            #expect(Files.names(place.output) == [])
        }
    }
}
