import Glibc
import JSON
import JobCore
import JobEngine
import Synchronization
import TestSupport
import Testing

@Suite("FilePublisher")
struct FilePublisherTests {
    @Test("The real one does what every publisher does")
    func conformance() async throws {
        try await PublishingPlace.with { place in
            let publisher = place.publisher()
            #expect(try await publisher.prepare() == [])
            try await videoPublisherConformance(
                publisher,
                job: try Sample.job(),
                placeForeignFile: { try Files.write("\(place.output)/\($0)") },
                takeFile: { unlink("\(place.output)/\($0)") }
            )
            #expect(Files.names(place.output) == ["film.mp4"])
        }
    }

    @Test("The one in memory does what every publisher does")
    func conformanceInMemory() async throws {
        let publisher = InMemoryVideoPublisher()
        try await videoPublisherConformance(
            publisher,
            job: try Sample.job(),
            placeForeignFile: { publisher.place($0) },
            takeFile: { publisher.take($0) }
        )
        #expect(publisher.published.map(\.name) == ["film.mp4"])
        publisher.setFault(JobFault(.outputNoSpace, "full"))
        #expect(await publisher.condition().fault?.kind == .outputNoSpace)
        await #expect(throws: DownloadSinkError.outputUnavailable(JobFault(.outputNoSpace, "full"))) {
            _ = try await publisher.openStaging(try Sample.key())
        }
    }

    @Test("A watcher sees the receipt and then the video, and nothing else")
    func events() async throws {
        try await PublishingPlace.with { place in
            let publisher = place.publisher()
            _ = try await publisher.prepare()
            let watcher = try Watcher(place.output)
            let bytes = SampleVideo.mp4(length: 700_000)
            let key = try Sample.key()
            let video = try await Sample.stage(bytes, key, with: publisher)
            #expect(watcher.events() == [])
            let outcome = await publisher.publish(Sample.plan(key, video))
            let path = "\(place.output)/film"
            #expect(
                outcome
                    == .published(
                        JobOutput(
                            file: "\(path).mp4",
                            bytes: 700_000,
                            sha256: SampleVideo.sha256(bytes),
                            receipt: "\(path).json"
                        )
                    )
            )
            _ = await publisher.condition()
            #expect(watcher.events() == ["moved_to film.json", "moved_to film.mp4"])
            // Said again after a restart, it is not done again.
            #expect(await place.publisher().publish(Sample.plan(key, video)) == outcome)
            #expect(watcher.events() == [])
            #expect(try Files.read("\(path).mp4") == bytes)
            await publisher.removeStaging(of: key.job)
            #expect(Files.names(place.staging) == ["quarantine"])
        }
    }

    @Test("The receipt is readable JSON with what the publisher knows")
    func receipt() async throws {
        try await PublishingPlace.with { place in
            let publisher = place.publisher()
            let bytes = SampleVideo.webm(length: 100)
            let key = try Sample.key()
            let video = try await Sample.stage(bytes, key, with: publisher)
            let outcome = await publisher.publish(Sample.plan(key, video, name: "a/b c/film"))
            guard case .published(let output) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(output.file == "\(place.output)/a/b c/film.webm")
            let text = """
                {
                  "job_id": "\(key.job)",
                  "model": "m",
                  "request": {
                    "prompt": "a \\"b\\""
                  },
                  "file": "\(output.file)",
                  "bytes": 100,
                  "sha256": "\(SampleVideo.sha256(bytes))",
                  "daemon_version": "1.2.3"
                }

                """
            #expect(String(decoding: try Files.read(output.receipt), as: UTF8.self) == text)
            #expect(Files.names(place.output) == ["a"])
            #expect(Files.names("\(place.output)/a/b c") == ["film.json", "film.webm"])
        }
    }

    @Test("A subdirectory is one event in the folder above it")
    func subdirectoryEvents() async throws {
        try await PublishingPlace.with { place in
            let publisher = place.publisher()
            let video = try await Sample.stage(
                SampleVideo.mp4(length: 100),
                try Sample.key(),
                with: publisher
            )
            let watcher = try Watcher(place.output)
            _ = await publisher.publish(Sample.plan(try Sample.key(), video, name: "day/film"))
            #expect(watcher.events() == ["create_directory day"])
            let inner = try Watcher("\(place.output)/day")
            let second = try await Sample.stage(
                SampleVideo.mp4(length: 200),
                try Sample.key(2),
                with: publisher
            )
            _ = await publisher.publish(Sample.plan(try Sample.key(2), second, name: "day/film-2"))
            #expect(watcher.events() == [])
            #expect(inner.events() == ["moved_to film-2.json", "moved_to film-2.mp4"])
        }
    }

    @Test("Staged files are private, published ones have the mode asked for, whatever they had")
    func modes() async throws {
        try await PublishingPlace.with { place in
            try #require(mkdir(place.staging, 0o755) == 0)
            let old = "\(place.staging)/\(try Sample.key().name).part"
            try Files.write(old, [1], mode: 0o666)
            let publisher = place.publisher(limits: .init(fileMode: 0o604, minimumFree: 0))
            let warnings = try await publisher.prepare()
            #expect(
                warnings == [
                    "\(place.staging) had mode 0755, it now has 0700",
                    "\(old) had mode 0666, it now has 0600",
                ]
            )
            #expect(try Files.mode(place.staging) == 0o700)
            #expect(try Files.mode("\(place.staging)/quarantine") == 0o700)
            let key = try Sample.key()
            let video = try await Sample.stage(SampleVideo.mp4(length: 100), key, with: publisher)
            #expect(try Files.mode("\(place.staging)/\(key.name).video") == 0o600)
            _ = await publisher.publish(Sample.plan(key, video))
            #expect(try Files.mode("\(place.output)/film.mp4") == 0o604)
            #expect(try Files.mode("\(place.output)/film.json") == 0o604)
            publisher.apply(.init(fileMode: 0o640, minimumFree: 0))
            let second = try await Sample.stage(
                SampleVideo.mp4(length: 100),
                try Sample.key(2),
                with: publisher
            )
            _ = await publisher.publish(Sample.plan(try Sample.key(2), second, name: "second"))
            #expect(try Files.mode("\(place.output)/second.mp4") == 0o640)
        }
    }

    @Test("Published files have the group of a setgid directory", .enabled(if: PublishingPlace.isRoot))
    func group() async throws {
        try await PublishingPlace.with { place in
            try #require(chown(place.output, 0, 4711) == 0)
            try #require(chmod(place.output, 0o2755) == 0)
            let publisher = place.publisher()
            let video = try await Sample.stage(
                SampleVideo.mp4(length: 100),
                try Sample.key(),
                with: publisher
            )
            _ = await publisher.publish(Sample.plan(try Sample.key(), video, name: "day/film"))
            #expect(try Files.status("\(place.output)/day/film.mp4").st_gid == 4711)
            #expect(try Files.status("\(place.output)/day/film.json").st_gid == 4711)
            #expect(try Files.mode("\(place.output)/day/film.mp4") == 0o640)
        }
    }

    @Test("Names of 255 bytes are published, longer ones are a reason")
    func longNames() async throws {
        try await PublishingPlace.with { place in
            let publisher = place.publisher()
            let key = try Sample.key()
            let video = try await Sample.stage(SampleVideo.webm(length: 100), key, with: publisher)
            let name = String(repeating: "ü", count: 125)
            let tooLong = await publisher.publish(Sample.plan(key, video, name: name + "x"))
            guard case .outputUnavailable(let fault) = tooLong else {
                Issue.record("\(tooLong)")
                return
            }
            #expect(fault.message.contains("File name too long"))
            #expect(Files.names(place.output) == [])
            guard case .published = await publisher.publish(Sample.plan(key, video, name: name)) else {
                Issue.record("not published")
                return
            }
            #expect(Files.names(place.output) == ["\(name).json", "\(name).webm"])
        }
    }

    @Test("Removal of left-overs spares live jobs, the quarantine and what is not ours")
    func removal() async throws {
        try await PublishingPlace.with { place in
            let publisher = place.publisher()
            _ = try await publisher.prepare()
            for number in 1...2 {
                _ = try await Sample.stage(
                    SampleVideo.mp4(length: 50),
                    try Sample.key(number),
                    with: publisher
                )
            }
            try Files.write("\(place.staging)/notes.txt")
            try Files.write("\(place.staging)/quarantine/\(try Sample.key(2).name)-1.bin")
            await publisher.removeStaging(except: [try Sample.job(1)])
            #expect(
                Files.names(place.staging)
                    == ["\(try Sample.key(1).name).video", "notes.txt", "quarantine"]
            )
            #expect(Files.names("\(place.staging)/quarantine").count == 1)
            await publisher.removeStaging(of: try Sample.job(1))
            #expect(Files.names(place.staging) == ["notes.txt", "quarantine"])
        }
    }

    @Test("Many publications at once")
    func concurrency() async throws {
        try await PublishingPlace.with { place in
            let publisher = place.publisher()
            _ = try await publisher.prepare()
            let published = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 1...50 {
                    group.addTask {
                        let bytes = SampleVideo.mp4(length: 10_000, seed: UInt64(number))
                        let key = try Sample.key(number)
                        let video = try await Sample.stage(bytes, key, with: publisher)
                        let plan = Sample.plan(key, video, name: "sub/film-\(number)")
                        guard case .published(let output) = await publisher.publish(plan) else {
                            return false
                        }
                        return try Files.read(output.file) == bytes
                    }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(published == 50)
            #expect(Files.names("\(place.output)/sub").count == 100)
        }
    }
}
