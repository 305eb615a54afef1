import Glibc
import JobCore
import JobEngine
import Logging
import Synchronization
import TestSupport
import Testing

@Suite("An output directory in trouble")
struct OutputTroubleTests {
    private static let bytes = SampleVideo.mp4(length: 20_000)

    private func expectUnavailable(
        _ outcome: PublishOutcome,
        _ words: String,
        kind: JobFault.Kind = .outputUnavailable,
        _ place: SourceLocation = #_sourceLocation
    ) {
        guard case .outputUnavailable(let fault) = outcome else {
            Issue.record("\(outcome)", sourceLocation: place)
            return
        }
        #expect(fault.kind == kind, sourceLocation: place)
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

    // MARK: At the start

    @Test("A configured directory that is missing at the start is not made, and all goes on when it comes")
    func missingAtTheStart() async throws {
        try await PublishingPlace.with { place in
            rmdir(place.output)
            let publisher = place.publisher()
            #expect(try await publisher.prepare() == [])
            #expect(Files.names(place.root) == [])
            let condition = await publisher.condition()
            #expect(condition.freeBytes == nil)
            #expect(condition.fault?.kind == .outputUnavailable)
            #expect(condition.fault?.message == "cannot open \(place.output): No such file or directory")
            #expect(condition.fault?.charged == .no)
            try #require(mkdir(place.output, 0o755) == 0)
            #expect(await publisher.condition().fault == nil)
            let video = try await Sample.stage(Self.bytes, try Sample.key(), with: publisher)
            try expectPublished(await publisher.publish(Sample.plan(try Sample.key(), video)))
        }
    }

    @Test("The default that nobody configured is made, with the directories above it")
    func madeAtTheStart() async throws {
        try await PublishingPlace.with { place in
            let configuration = FilePublisherConfiguration(
                outputDirectory: "\(place.root)/a/b/videos/",
                stagingDirectory: "\(place.root)/a/b/.staging",
                createsOutputDirectory: true,
                daemonVersion: "1",
                limits: .init(minimumFree: 0)
            )
            let publisher = FilePublisher(configuration: configuration, logger: .init(label: "test"))
            let warnings = try await publisher.prepare()
            #expect(warnings == [])
            #expect(await publisher.condition().fault == nil)
            #expect(Files.names("\(place.root)/a/b") == [".staging", "videos"])
        }
    }

    @Test("Directories on two mounts, or one in the other, are refused at the start and nothing is left")
    func impossibleDirectories() async throws {
        try await PublishingPlace.with { place in
            func message(_ output: String, _ staging: String) async -> String? {
                let configuration = FilePublisherConfiguration(
                    outputDirectory: output,
                    stagingDirectory: staging,
                    daemonVersion: "1"
                )
                let publisher = FilePublisher(configuration: configuration, logger: .init(label: "test"))
                do {
                    _ = try await publisher.prepare()
                    return nil
                } catch {
                    #expect(error.kind == .configInvalid)
                    return error.message
                }
            }
            let watcher = try Watcher(place.output)
            let elsewhere = "/dev/shm/publishing-\(getpid())-\(place.root.utf8.count)"
            #expect(
                await message(place.output, elsewhere)
                    == "cannot use \(place.output): it is not on one mount with the staging directory \(elsewhere)"
            )
            #expect(!Files.exists(elsewhere))
            try #require(mkdir(elsewhere, 0o700) == 0)
            defer { Files.remove(elsewhere) }
            #expect(await message(place.output, elsewhere)?.contains("not on one mount") == true)
            #expect(await message(place.output, place.output)?.contains("must not be") == true)
            #expect(await message("\(place.output)/a", place.output)?.contains("lie in") == true)
            #expect(await message("videos", place.staging)?.contains("absolute") == true)
            #expect(watcher.events() == [])
        }
    }

    // MARK: While running

    @Test("Removed and made again")
    func removed() async throws {
        try await PublishingPlace.with { place in
            let publisher = place.publisher()
            _ = try await publisher.prepare()
            let key = try Sample.key()
            let video = try await Sample.stage(Self.bytes, key, with: publisher)
            rmdir(place.output)
            expectUnavailable(await publisher.publish(Sample.plan(key, video)), "No such file or directory")
            #expect(!Files.exists(place.output))
            // Downloads of paid videos go on meanwhile.
            _ = try await Sample.stage(Self.bytes, try Sample.key(2), with: publisher)
            try #require(mkdir(place.output, 0o755) == 0)
            try expectPublished(await publisher.publish(Sample.plan(key, video)))
        }
    }

    @Test(
        "A disk that is not mounted any more is not taken for its mount point",
        .enabled(if: PublishingPlace.isRoot)
    )
    func unmounted() async throws {
        try await PublishingPlace.with(tmpfs: "4m") { place in
            let publisher = place.publisher()
            _ = try await publisher.prepare()
            let key = try Sample.key()
            let video = try await Sample.stage(Self.bytes, key, with: publisher)
            try place.unmount()
            #expect(await publisher.condition().fault?.kind == .outputUnavailable)
            #expect(Files.names(place.root) == [])
            // Even with directories of these names below, left by a start without the disk.
            try #require(mkdir(place.output, 0o755) == 0)
            try #require(mkdir(place.staging, 0o700) == 0)
            expectUnavailable(
                await publisher.publish(Sample.plan(key, video)),
                "the file system at \(place.root) is not mounted"
            )
            await #expect(throws: DownloadSinkError.self) { _ = try await publisher.openStaging(key) }
            #expect(await publisher.condition().fault?.message.contains("is not mounted") == true)
            #expect(Files.names(place.output) == [])
            #expect(Files.names(place.staging) == [])
            // Another disk in the same place is fine; the staging directory is made on it once the output is there.
            try place.mount(size: "4m")
            #expect(await publisher.condition().fault != nil)
            #expect(Files.names(place.root) == [])
            try #require(mkdir(place.output, 0o755) == 0)
            #expect(await publisher.condition().fault == nil)
            #expect(await publisher.publish(Sample.plan(key, video)) == .stagedFileMissing)
            let again = try await Sample.stage(Self.bytes, key, with: publisher)
            try expectPublished(await publisher.publish(Sample.plan(key, again)))
        }
    }

    @Test("Another disk mounted over the output directory alone", .enabled(if: PublishingPlace.isRoot))
    func mountedOver() async throws {
        try await PublishingPlace.with { place in
            let publisher = place.publisher()
            let key = try Sample.key()
            let video = try await Sample.stage(Self.bytes, key, with: publisher)
            try #require(mount("tmpfs", place.output, "tmpfs", 0, "size=1m") == 0)
            defer { umount2(place.output, Int32(MNT_DETACH)) }
            expectUnavailable(await publisher.publish(Sample.plan(key, video)), "not on one mount")
            #expect(await publisher.condition().fault?.message.contains("not on one mount") == true)
            try #require(umount2(place.output, 0) == 0)
            // A bind mount of the very same file system is another mount, too.
            try #require(mount(place.output, place.output, nil, UInt(MS_BIND), nil) == 0)
            expectUnavailable(await publisher.publish(Sample.plan(key, video)), "not on one mount")
            #expect(Files.names(place.output) == [])
        }
    }

    @Test("Read-only and back", .enabled(if: PublishingPlace.isRoot))
    func readOnly() async throws {
        try await PublishingPlace.with(tmpfs: "4m") { place in
            let publisher = place.publisher()
            _ = try await publisher.prepare()
            let key = try Sample.key()
            let video = try await Sample.stage(Self.bytes, key, with: publisher)
            try place.remount(readOnly: true)
            expectUnavailable(await publisher.publish(Sample.plan(key, video)), "Read-only file system")
            let condition = await publisher.condition()
            #expect(condition.fault?.message == "cannot write to \(place.output): Read-only file system")
            #expect(condition.freeBytes != nil)
            await #expect(throws: DownloadSinkError.self) {
                _ = try await publisher.openStaging(try Sample.key(2))
            }
            try place.remount(readOnly: false)
            try expectPublished(await publisher.publish(Sample.plan(key, video)))
        }
    }

    @Test("Full while a download runs: what came is kept and goes on", .enabled(if: PublishingPlace.isRoot))
    func full() async throws {
        try await PublishingPlace.with(tmpfs: "1m") { place in
            let publisher = place.publisher(limits: .init(minimumFree: 200 << 10))
            _ = try await publisher.prepare()
            let filler = "\(place.root)/filler"
            try Files.write(filler, [UInt8](repeating: 0, count: 600 << 10))
            #expect(await publisher.condition().fault == nil)
            let bytes = SampleVideo.mp4(length: 700 << 10)
            let key = try Sample.key()
            do {
                _ = try await Sample.stage(bytes, key, with: publisher)
                Issue.record("700 KiB fit into 400")
            } catch let error as DownloadSinkError {
                guard case .outputUnavailable(let fault) = error else {
                    Issue.record("\(error)")
                    return
                }
                #expect(fault.kind == .outputNoSpace)
                #expect(fault.message.contains("No space left on device"))
            }
            let condition = await publisher.condition()
            #expect(condition.fault?.kind == .outputNoSpace)
            #expect(condition.fault?.message.contains("output.minimum_free is 204800") == true)
            #expect((condition.freeBytes ?? .max) < 200 << 10)
            // Also with no limit of its own, a disk without a free byte is full.
            publisher.apply(.init(minimumFree: 0))
            let rest = "\(place.root)/rest"
            let descriptor = Glibc.open(rest, O_WRONLY | O_CREAT, 0o600)
            let block = [UInt8](repeating: 0, count: 4096)
            while Glibc.write(descriptor, block, block.count) > 0 {}
            close(descriptor)
            #expect(await publisher.condition().fault?.kind == .outputNoSpace)
            unlink(rest)
            publisher.apply(.init(minimumFree: 200 << 10))
            unlink(filler)
            #expect(await publisher.condition().fault == nil)
            let file = try await publisher.openStaging(key)
            #expect((file.resumePoint?.offset ?? 0) > 0)
            await file.suspend()
            let video = try await Sample.stage(bytes, key, with: publisher)
            #expect(video.sha256 == SampleVideo.sha256(bytes))
        }
    }

    @Test("A quota that is used up is no space either", arguments: [EDQUOT, ENOSPC])
    func quota(number: Int32) async throws {
        try await PublishingPlace.with { place in
            let isFull = Mutex(true)
            let publisher = place.publisher { effect in
                effect == .writeReceipt && isFull.withLock { $0 } ? number : 0
            }
            let key = try Sample.key()
            let video = try await Sample.stage(Self.bytes, key, with: publisher)
            expectUnavailable(await publisher.publish(Sample.plan(key, video)), "", kind: .outputNoSpace)
            #expect(Files.names(place.output) == [])
            isFull.withLock { $0 = false }
            try expectPublished(await publisher.publish(Sample.plan(key, video)))
        }
    }

    @Test("A directory that is not ours to write to")
    func wrongOwner() async throws {
        try await PublishingPlace.with { place in
            let publisher = place.publisher()
            _ = try await publisher.prepare()
            let key = try Sample.key()
            let video = try await Sample.stage(Self.bytes, key, with: publisher)
            // Root may write everywhere but to what is immutable.
            try Immutable.set(true, place.output)
            defer { try? Immutable.set(false, place.output) }
            let fault = await publisher.condition().fault
            #expect(fault?.kind == .outputUnavailable)
            #expect(fault?.message.hasPrefix("cannot write to \(place.output)") == true)
            expectUnavailable(await publisher.publish(Sample.plan(key, video)), "\(place.output)/film.json")
            try Immutable.set(false, place.output)
            #expect(await publisher.condition().fault == nil)
            try expectPublished(await publisher.publish(Sample.plan(key, video)))
        }
    }
}

/// Makes a directory one that we cannot write to, also as root (ioctl_iflags(2)).
enum Immutable {
    static func set(_ isImmutable: Bool, _ path: String) throws {
        guard PublishingPlace.isRoot else {
            try #require(chmod(path, isImmutable ? 0o555 : 0o755) == 0)
            return
        }
        let directory = open(path, O_RDONLY)
        try #require(directory >= 0)
        defer { close(directory) }
        // FS_IOC_GETFLAGS, FS_IOC_SETFLAGS, FS_IMMUTABLE_FL of <linux/fs.h>.
        var flags = 0
        try #require(ioctl(directory, 0x8008_6601, &flags) == 0, "errno \(errno)")
        flags = isImmutable ? flags | 0x10 : flags & ~0x10
        try #require(ioctl(directory, 0x4008_6602, &flags) == 0, "errno \(errno)")
    }
}
