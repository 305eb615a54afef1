import Glibc
import JobCore
import Synchronization
import TestSupport
import Testing

@testable import JobEngine

@Suite("FileStagingFile")
struct FileStagingFileTests {
    private func open(_ publisher: FilePublisher) async throws -> FileStagingFile {
        try #require(try await publisher.openStaging(try Sample.key()) as? FileStagingFile)
    }

    private func write(_ bytes: ArraySlice<UInt8>, _ file: FileStagingFile, by size: Int = .max) throws {
        var rest = bytes
        while !rest.isEmpty {
            let part = rest.prefix(size)
            try part.withUnsafeBytes { (buffer) throws in try file.write(buffer) }
            rest = rest.dropFirst(part.count)
        }
    }

    private func record(_ place: PublishingPlace) throws -> StagingRecord {
        try #require(StagingRecord(bytes: try Files.read("\(place.staging)/\(try Sample.key().name).json")))
    }

    @Test("Network chunks are gathered into large writes; large chunks are not copied")
    func gathering() async throws {
        try await PublishingPlace.with { place in
            let bytes = SampleVideo.mp4(length: 4 << 20)
            for (size, writes, copied) in [(8 << 10, 16, 4 << 20), (64 << 10, 64, 0), (1 << 20, 4, 0)] {
                let publisher = place.publisher()
                let file = try await open(publisher)
                try file.begin(Sample.head(bytes, validator: nil))
                try write(bytes[...], file, by: size)
                #expect(try await file.finish().sha256 == SampleVideo.sha256(bytes))
                #expect(file.statistics == .init(writes: writes, copiedBytes: copied))
            }
        }
    }

    @Test(
        "Chunks of every size end in the same file",
        arguments: [1, 7, 4095, 65_537, 262_143, 262_144, 262_145]
    )
    func chunkSizes(size: Int) async throws {
        try await PublishingPlace.with { place in
            let bytes = SampleVideo.mp4(length: size < 100 ? 3000 : 700_001)
            let publisher = place.publisher()
            let file = try await open(publisher)
            try file.begin(Sample.head(bytes))
            try write(bytes[...], file, by: size)
            #expect(try await file.finish().sha256 == SampleVideo.sha256(bytes))
            #expect(try Files.read("\(place.staging)/\(try Sample.key().name).video") == bytes)
        }
    }

    @Test("Killed in the middle: only bytes that are in the file count, and the hash covers all")
    func killed() async throws {
        try await PublishingPlace.with { place in
            let bytes = SampleVideo.mp4(length: 900_000)
            do {
                let file = try await open(place.publisher())
                try file.begin(Sample.head(bytes))
                try write(bytes[..<600_000], file, by: 10_000)
            }
            // 260 000 bytes are written at a time; the rest was in memory.
            let publisher = place.publisher()
            let file = try await open(publisher)
            #expect(file.resumePoint == DownloadResumePoint(offset: 520_000, validator: "\"a\""))
            try file.begin(Sample.head(bytes, offset: 520_000))
            try write(bytes[520_000...], file)
            #expect(try await file.finish().sha256 == SampleVideo.sha256(bytes))
        }
    }

    @Test("Without a validator, or when it changed, the download starts anew")
    func validators() async throws {
        try await PublishingPlace.with { place in
            let publisher = place.publisher()
            let bytes = SampleVideo.mp4(length: 10_000)
            var file = try await open(publisher)
            try file.begin(Sample.head(bytes, validator: nil))
            try write(bytes[..<5000], file)
            await file.suspend()
            file = try await open(publisher)
            #expect(file.resumePoint == nil)
            try file.begin(Sample.head(bytes, validator: "\"a\""))
            try write(bytes[..<5000], file)
            await file.suspend()
            file = try await open(publisher)
            #expect(file.resumePoint?.offset == 5000)
            // 200 in place of 206: another file.
            let other = SampleVideo.mp4(length: 3000, seed: 9)
            try file.begin(Sample.head(other, validator: "\"b\""))
            #expect(file.resumePoint == nil)
            try write(other[...], file)
            #expect(try await file.finish().sha256 == SampleVideo.sha256(other))
            #expect(try Files.read("\(place.staging)/\(try Sample.key().name).video") == other)
        }
    }

    @Test("Two files are never joined, whatever the server says", arguments: ["validator", "size", "offset"])
    func joining(what: String) async throws {
        try await PublishingPlace.with { place in
            let publisher = place.publisher()
            let bytes = SampleVideo.mp4(length: 10_000)
            var file = try await open(publisher)
            try file.begin(Sample.head(bytes))
            try write(bytes[..<5000], file)
            await file.suspend()
            file = try await open(publisher)
            let head = DownloadHead(
                offset: what == "offset" ? 4000 : 5000,
                totalBytes: what == "size" ? 10_001 : 10_000,
                contentType: nil,
                validator: what == "validator" ? "\"b\"" : "\"a\""
            )
            let error = #expect(throws: DownloadSinkError.self) { try file.begin(head) }
            #expect(throws: DownloadSinkError.self) { try write(bytes[..<10], file) }
            // One server's mistake is no reason to take the directory for broken and to hold everybody up.
            guard case .interrupted(let fault) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(fault.charged == .yes)
            await file.suspend()
            file = try await open(publisher)
            #expect(file.resumePoint == nil)
            #expect(try Files.status("\(place.staging)/\(try Sample.key().name).part").st_size == 0)
        }
    }

    @Test("After a power cut only what was synced counts")
    func powerCut() async throws {
        try await PublishingPlace.with { place in
            let publisher = place.publisher()
            let bytes = SampleVideo.mp4(length: 900_000)
            var file = try await open(publisher)
            try file.begin(Sample.head(bytes))
            try write(bytes[..<300_000], file)
            await file.suspend()
            #expect(try record(place).syncedBytes == 300_000)
            file = try await open(publisher)
            try file.begin(Sample.head(bytes, offset: 300_000))
            try write(bytes[300_000..<600_000], file)
            // The machine goes down: the file kept its length, but not what had not been synced.
            var earlier = try record(place)
            earlier.boot = "another boot"
            let path = "\(place.staging)/\(try Sample.key().name)"
            try Files.write("\(path).json", earlier.bytes)
            file = try await open(publisher)
            #expect(file.resumePoint?.offset == 300_000)
            #expect(try Files.status("\(path).part").st_size == 300_000)
            try file.begin(Sample.head(bytes, offset: 300_000))
            try write(bytes[300_000...], file)
            #expect(try await file.finish().sha256 == SampleVideo.sha256(bytes))
        }
    }

    @Test("A record that cannot be read means a new start", arguments: ["", "{", "[]", "{\"boot\":1}"])
    func brokenRecord(text: String) async throws {
        try await PublishingPlace.with { place in
            let publisher = place.publisher()
            let bytes = SampleVideo.mp4(length: 1000)
            let file = try await open(publisher)
            try file.begin(Sample.head(bytes))
            try write(bytes[..<500], file)
            await file.suspend()
            try Files.write("\(place.staging)/\(try Sample.key().name).json", Array(text.utf8))
            let again = try await open(publisher)
            #expect(again.resumePoint == nil)
            #expect(try await publisher.completeStaging(try Sample.key()) == nil)
        }
    }

    @Test(
        "Complete but not finished: no byte is fetched again, with and without a validator",
        arguments: ["\"a\"", nil]
    )
    func completeButUnfinished(validator: String?) async throws {
        try await PublishingPlace.with { place in
            let publisher = place.publisher()
            let bytes = SampleVideo.mp4(length: 1000)
            let file = try await open(publisher)
            try file.begin(Sample.head(bytes, validator: validator))
            try write(bytes[...], file)
            await file.suspend()
            let video = try await place.publisher().completeStaging(try Sample.key())
            #expect(video?.sha256 == SampleVideo.sha256(bytes))
            #expect(
                Files.names(place.staging).filter { $0 != "quarantine" } == ["\(try Sample.key().name).video"]
            )
        }
    }

    @Test("output.maximum_bytes holds for what is announced and for what comes")
    func maximumBytes() async throws {
        try await PublishingPlace.with { place in
            let publisher = place.publisher(limits: .init(maximumBytes: 1000, minimumFree: 0))
            let bytes = SampleVideo.mp4(length: 1001)
            func message(_ body: () throws -> Void) -> String? {
                do {
                    try body()
                } catch DownloadSinkError.rejected(let fault) {
                    #expect(fault.kind == .outputRejected)
                    return fault.message
                } catch {
                    Issue.record("\(error)")
                }
                return nil
            }
            let expected = "the video has 1001 bytes or more, output.maximum_bytes is 1000"
            let file = try await open(publisher)
            #expect(message { try file.begin(Sample.head(bytes)) } == expected)
            try file.begin(DownloadHead(offset: 0, totalBytes: nil, contentType: nil, validator: "\"a\""))
            try write(bytes[..<1000], file)
            #expect(message { try write(bytes[1000...], file) } == expected)
            await file.suspend()
            // The paid bytes are still there for a higher limit.
            publisher.apply(.init(maximumBytes: 2000, minimumFree: 0))
            let again = try await open(publisher)
            #expect(again.resumePoint?.offset == 1000)
        }
    }

    @Test(
        "What is no video goes to quarantine, every time under a name of its own",
        arguments: [
            ("<html>no</html>", nil, nil, "is HTML or XML, no video"),
            (" \n{\"error\":1}", nil, nil, "is JSON, no video"),
            ("", nil, nil, "is empty"),
            ("GIF89a..........", nil, nil, "has neither an ISO media nor a WebM header"),
            ("....ftypisom....", "text/html", nil, "came as text/html"),
            ("....ftypisom....", "application/problem+json", nil, "came as application/problem+json"),
            ("....ftypisom....", "video/mp4", 17, "has 16 bytes of 17"),
        ] as [(String, String?, Int64?, String)]
    )
    func quarantine(text: String, type: String?, total: Int64?, reason: String) async throws {
        try await PublishingPlace.with { place in
            let publisher = place.publisher()
            for number in 1...2 {
                let file = try await open(publisher)
                try file.begin(
                    DownloadHead(offset: 0, totalBytes: total, contentType: type, validator: "\"a\"")
                )
                try write(Array(text.utf8)[...], file)
                let path = "\(place.staging)/quarantine/\(try Sample.key().name)-\(number).bin"
                do {
                    _ = try await file.finish()
                    Issue.record("taken for a video")
                } catch DownloadSinkError.rejected(let fault) {
                    #expect(fault.kind == .outputRejected)
                    #expect(fault.charged == .yes)
                    #expect(fault.message == "the download \(reason); it is kept as \(path)")
                }
                #expect(try Files.read(path) == Array(text.utf8))
                #expect(try Files.mode(path) == 0o600)
            }
            #expect(Files.names(place.staging) == ["quarantine"])
            #expect(Files.names(place.output) == [])
        }
    }

    @Test("A staged video that was spoilt behind our back goes to quarantine")
    func spoilt() async throws {
        try await PublishingPlace.with { place in
            let publisher = place.publisher()
            let key = try Sample.key()
            _ = try await Sample.stage(SampleVideo.mp4(length: 100), key, with: publisher)
            try Files.write("\(place.staging)/\(key.name).video", Array("nothing".utf8))
            await #expect(throws: DownloadSinkError.self) { _ = try await publisher.completeStaging(key) }
            #expect(Files.names("\(place.staging)/quarantine") == ["\(key.name)-1.bin"])
            #expect(try await publisher.completeStaging(key) == nil)
        }
    }

    @Test("After a failed write no byte is taken until the download begins anew")
    func failedWrite() async throws {
        try await PublishingPlace.with { place in
            let isBroken = Mutex(false)
            let publisher = place.publisher { effect in
                effect == .writePart && isBroken.withLock { $0 } ? EIO : 0
            }
            let bytes = SampleVideo.mp4(length: 1 << 20)
            let file = try await open(publisher)
            try file.begin(Sample.head(bytes))
            try write(bytes[..<(300 << 10)], file)
            isBroken.withLock { $0 = true }
            #expect(throws: DownloadSinkError.self) { try write(bytes[(300 << 10)..<(600 << 10)], file) }
            isBroken.withLock { $0 = false }
            #expect(file.resumePoint == nil)
            #expect(throws: DownloadSinkError.self) { try write(bytes[..<10], file) }
            await #expect(throws: DownloadSinkError.self) { _ = try await file.finish() }
            try file.begin(Sample.head(bytes))
            try write(bytes[...], file)
            #expect(try await file.finish().sha256 == SampleVideo.sha256(bytes))
        }
    }
}
