import Glibc
import JobCore
import JobEngine
import TestSupport
import Testing

@Suite("Other people's files in the output directory")
struct ForeignFileTests {
    private static let bytes = SampleVideo.mp4(length: 20_000)

    private func expectUnavailable(
        _ outcome: PublishOutcome,
        _ words: String,
        _ place: SourceLocation = #_sourceLocation
    ) {
        guard case .outputUnavailable(let fault) = outcome else {
            Issue.record("\(outcome)", sourceLocation: place)
            return
        }
        #expect(fault.kind == .outputUnavailable, sourceLocation: place)
        #expect(fault.message.contains(words), "\(fault.message)", sourceLocation: place)
        #expect(fault.charged == .yes, sourceLocation: place)
        #expect(fault.retryable, sourceLocation: place)
    }

    private func expectPublished(
        _ outcome: PublishOutcome,
        _ place: SourceLocation = #_sourceLocation
    ) throws {
        guard case .published(let output) = outcome else {
            Issue.record("\(outcome)", sourceLocation: place)
            return
        }
        #expect(try Files.read(output.file) == Self.bytes, sourceLocation: place)
    }

    @Test(
        "A name that is taken is left alone, whatever took it",
        arguments: ["film.mp4", "film.json"],
        ["file", "link", "dangling", "directory", "fifo"]
    )
    func taken(name: String, by what: String) async throws {
        try await PublishingPlace.with { place in
            let publisher = place.publisher()
            let key = try Sample.key()
            let video = try await Sample.stage(Self.bytes, key, with: publisher)
            let path = "\(place.output)/\(name)"
            let target = "\(place.root)/target"
            try Files.write(target, [1, 2, 3])
            switch what {
            case "file": try Files.write(path, [7])
            case "link": symlink(target, path)
            case "dangling": symlink("\(place.root)/nowhere", path)
            case "directory": mkdir(path, 0o755)
            default: mkfifo(path, 0o644)
            }
            let before = try Files.status(path)
            let watcher = try Watcher(place.output)
            #expect(await publisher.publish(Sample.plan(key, video)) == .nameTaken)
            #expect(watcher.events() == [])
            #expect(try Files.status(path).st_ino == before.st_ino)
            #expect(try Files.read(target) == [1, 2, 3])
            #expect(!Files.exists("\(place.root)/nowhere"))
            try expectPublished(await publisher.publish(Sample.plan(key, video, name: "film-2")))
        }
    }

    @Test("A name taken between look and rename: the receipt is taken back")
    func race() async throws {
        try await PublishingPlace.with { place in
            for (effect, name) in [(PublishingEffect.moveReceipt, "a.json"), (.moveVideo, "b.mp4")] {
                let publisher = place.publisher { current in
                    if current == effect {
                        // The other's file comes at the worst moment.
                        try? Files.write("\(place.output)/\(name)", [9])
                    }
                    return 0
                }
                let key = try Sample.key()
                let video = try await Sample.stage(Self.bytes, key, with: publisher)
                let plan = Sample.plan(key, video, name: String(name.prefix(1)))
                #expect(await publisher.publish(plan) == .nameTaken)
                #expect(try Files.read("\(place.output)/\(name)") == [9])
            }
            #expect(Files.names(place.output) == ["a.json", "b.mp4"])
            try expectPublished(
                await place.publisher().publish(
                    Sample.plan(
                        try Sample.key(),
                        StagedVideo(
                            bytes: 20_000,
                            sha256: SampleVideo.sha256(Self.bytes),
                            fileExtension: "mp4"
                        ),
                        name: "b-2"
                    )
                )
            )
        }
    }

    @Test("A receipt of ours beside a video that another put there meanwhile is taken back")
    func raceAcrossCrash() async throws {
        try await PublishingPlace.with { place in
            let dying = place.publisher { $0 == .moveVideo ? EIO : 0 }
            let key = try Sample.key()
            let video = try await Sample.stage(Self.bytes, key, with: dying)
            expectUnavailable(await dying.publish(Sample.plan(key, video)), "film.mp4: Input/output error")
            #expect(Files.names(place.output) == ["film.json"])
            try Files.write("\(place.output)/film.mp4", [9])
            #expect(await place.publisher().publish(Sample.plan(key, video)) == .nameTaken)
            #expect(Files.names(place.output) == ["film.mp4"])
        }
    }

    @Test("Two jobs with the same content and the same name do not share a file")
    func sameContent() async throws {
        try await PublishingPlace.with { place in
            let publisher = place.publisher()
            for (number, expected) in [(1, "film"), (2, "film-2")] {
                let key = try Sample.key(number)
                let video = try await Sample.stage(Self.bytes, key, with: publisher)
                var outcome = await publisher.publish(Sample.plan(key, video))
                if number == 2 {
                    #expect(outcome == .nameTaken)
                    outcome = await publisher.publish(Sample.plan(key, video, name: "film-2"))
                }
                guard case .published(let output) = outcome else {
                    Issue.record("\(outcome)")
                    return
                }
                #expect(output.file == "\(place.output)/\(expected).mp4")
            }
        }
    }

    @Test("A symbolic link planted in place of a subdirectory leads nowhere", arguments: ["day", "day/hour"])
    func plantedLink(planted: String) async throws {
        try await PublishingPlace.with { place in
            let publisher = place.publisher()
            let outside = "\(place.root)/outside"
            try #require(mkdir(outside, 0o755) == 0)
            if planted != "day" {
                try #require(mkdir("\(place.output)/day", 0o755) == 0)
            }
            try #require(symlink(outside, "\(place.output)/\(planted)") == 0)
            let key = try Sample.key()
            let video = try await Sample.stage(Self.bytes, key, with: publisher)
            expectUnavailable(
                await publisher.publish(Sample.plan(key, video, name: "day/hour/film")),
                "symbolic link"
            )
            #expect(Files.names(outside) == [])
            unlink("\(place.output)/\(planted)")
            try expectPublished(await publisher.publish(Sample.plan(key, video, name: "day/hour/film")))
        }
    }

    @Test(
        "A name that leads out of the directory is not published",
        arguments: ["../film", "/film", "a//b", "a/../../b", "", ".", "a/", "x\0y"]
    )
    func escapingNames(name: String) async throws {
        try await PublishingPlace.with { place in
            let publisher = place.publisher()
            let key = try Sample.key()
            let video = try await Sample.stage(Self.bytes, key, with: publisher)
            let outcome = await publisher.publish(Sample.plan(key, video, name: name))
            guard case .outputUnavailable(let fault) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(fault.kind == .internal)
            #expect(Files.names(place.output) == [])
            #expect(Files.names(place.root) == [".staging", "videos"])
        }
    }

    @Test("Another job's receipt beside a video that its consumer has taken is not ours")
    func receiptOfAnother() async throws {
        try await PublishingPlace.with { place in
            let publisher = place.publisher()
            for number in 1...2 {
                let key = try Sample.key(number)
                let video = try await Sample.stage(Self.bytes, key, with: publisher)
                let outcome = await publisher.publish(Sample.plan(key, video))
                if number == 2 {
                    #expect(outcome == .nameTaken)
                }
                unlink("\(place.output)/film.mp4")
            }
            #expect(Files.names(place.output) == ["film.json"])
        }
    }

    @Test("A staging file that is no plain file of its own is not written to", arguments: [true, false])
    func foreignStagingFile(isLinked: Bool) async throws {
        try await PublishingPlace.with { place in
            let publisher = place.publisher()
            _ = try await publisher.prepare()
            let target = "\(place.root)/target"
            try Files.write(target, [1, 2, 3], mode: 0o600)
            let part = "\(place.staging)/\(try Sample.key().name).part"
            try #require((isLinked ? link(target, part) : mkfifo(part, 0o600)) == 0)
            do {
                _ = try await publisher.openStaging(try Sample.key())
                Issue.record("opened")
            } catch DownloadSinkError.outputUnavailable(let fault) {
                #expect(fault.message == "cannot use \(part): it is not a plain file of its own")
            }
            #expect(try Files.read(target) == [1, 2, 3])
        }
    }

    @Test("Links planted in the staging directory are not followed", arguments: ["part", "json", "video"])
    func plantedInStaging(suffix: String) async throws {
        try await PublishingPlace.with { place in
            let publisher = place.publisher()
            _ = try await publisher.prepare()
            let target = "\(place.root)/target"
            try Files.write(target, [1, 2, 3], mode: 0o600)
            let key = try Sample.key()
            try #require(symlink(target, "\(place.staging)/\(key.name).\(suffix)") == 0)
            if suffix == "part" {
                await #expect(throws: DownloadSinkError.self) {
                    _ = try await Sample.stage(Self.bytes, key, with: publisher)
                }
            } else {
                let video = try await Sample.stage(Self.bytes, key, with: publisher)
                try expectPublished(await publisher.publish(Sample.plan(key, video)))
            }
            #expect(try Files.read(target) == [1, 2, 3])
        }
    }

    @Test("Neighbours whose names are not UTF-8 disturb nobody")
    func neighbours() async throws {
        try await PublishingPlace.with { place in
            for directory in [place.output, place.staging] {
                mkdir(directory, 0o700)
                let path = Array(directory.utf8CString.dropLast()) + [0x2F, -1, -2, 0]
                let file = open(path, O_WRONLY | O_CREAT, 0o600)
                try #require(file >= 0)
                close(file)
            }
            let publisher = place.publisher()
            _ = try await publisher.prepare()
            let key = try Sample.key()
            let video = try await Sample.stage(Self.bytes, key, with: publisher)
            try expectPublished(await publisher.publish(Sample.plan(key, video)))
            await publisher.removeStaging(except: [])
            #expect(Files.names(place.output).count == 3)
            #expect(Files.names(place.staging).count == 2)
        }
    }
}
