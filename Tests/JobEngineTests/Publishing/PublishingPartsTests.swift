import Glibc
import JSON
import JobCore
import Synchronization
import TestSupport
import Testing

@testable import JobEngine

@Suite("Parts of the publisher", .timeLimit(.minutes(1)))
struct PublishingPartsTests {
    private final class Tally: Sendable {
        private struct State {
            var running = 0
            var highest = 0
            var done = 0
        }

        private let state = Mutex(State())

        var highest: Int {
            state.withLock { $0.highest }
        }

        var done: Int {
            state.withLock { $0.done }
        }

        func begin() {
            state.withLock { state in
                state.running += 1
                state.highest = max(state.highest, state.running)
            }
        }

        func end() {
            state.withLock { state in
                state.running -= 1
                state.done += 1
            }
        }
    }

    @Test("At most so many blocking calls run at a time, and all of them run")
    func worker() async throws {
        let worker = FileWorker(label: "test", limit: 3)
        let tally = Tally()
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        let (gate, opener) = (ends[0], ends[1])
        defer { ends.forEach { close($0) } }
        let (starts, started) = AsyncStream.makeStream(of: Void.self)
        await withDiscardingTaskGroup { group in
            for _ in 0..<60 {
                group.addTask {
                    await worker.run {
                        tally.begin()
                        started.yield()
                        var byte: UInt8 = 0
                        _ = read(gate, &byte, 1)
                        tally.end()
                    }
                }
            }
            var iterator = starts.makeAsyncIterator()
            for _ in 0..<3 {
                await iterator.next()
            }
            _ = write(opener, [UInt8](repeating: 0, count: 60), 60)
        }
        #expect(tally.highest == 3)
        #expect(tally.done == 60)
    }

    @Test("A worker passes errors on")
    func workerErrors() async throws {
        let worker = FileWorker(label: "test", limit: 1)
        await #expect(throws: SystemCallError(number: 5, operation: "a", path: "b")) {
            try await worker.run { () throws(SystemCallError) in
                throw SystemCallError(number: 5, operation: "a", path: "b")
            }
        }
    }

    @Test("Which content is a video")
    func content() {
        func verdict(_ bytes: [UInt8], type: String? = nil, total: Int64? = nil) -> ContentCheck.Verdict {
            ContentCheck.verdict(
                prefix: Array(bytes.prefix(64)),
                length: Int64(bytes.count),
                totalBytes: total,
                contentType: type
            )
        }
        let mp4 = SampleVideo.mp4(length: 100)
        #expect(verdict(mp4) == .video(fileExtension: "mp4"))
        #expect(verdict(mp4, type: "application/octet-stream", total: 100) == .video(fileExtension: "mp4"))
        #expect(verdict(SampleVideo.webm(length: 4)) == .video(fileExtension: "webm"))
        #expect(verdict(Array(mp4.prefix(7))) == .rejected("has neither an ISO media nor a WebM header"))
        #expect(verdict(mp4, total: 99) == .rejected("has 100 bytes of 99"))
        #expect(
            verdict([0xEF, 0xBB, 0xBF] + Array("\n<!doctype".utf8)) == .rejected("is HTML or XML, no video")
        )
    }

    @Test("A record says what can be trusted")
    func record() {
        var record = StagingRecord(
            validator: "W\"\n",
            totalBytes: 9,
            contentType: nil,
            syncedBytes: 5,
            boot: "a"
        )
        #expect(StagingRecord(bytes: record.bytes) == record)
        #expect(record.trustedBytes(of: 8, boot: "a") == 8)
        #expect(record.trustedBytes(of: 8, boot: "b") == 5)
        #expect(record.trustedBytes(of: 3, boot: "b") == 3)
        record.boot = ""
        #expect(record.trustedBytes(of: 8, boot: "") == 5)
        #expect(StagingRecord.currentBoot.count == 36)
    }

    @Test("A file system that cannot rename without replacing is named", arguments: [EINVAL, ENOSYS])
    func noReplace(number: Int32) async throws {
        try await PublishingPlace.with { place in
            let publisher = place.publisher { $0 == .moveReceipt ? number : 0 }
            let key = try Sample.key()
            let video = try await Sample.stage(SampleVideo.mp4(length: 100), key, with: publisher)
            let outcome = await publisher.publish(Sample.plan(key, video))
            guard case .outputUnavailable(let fault) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(fault.kind == .outputUnavailable)
            #expect(
                fault.message
                    == "cannot publish to \(place.output): its file system cannot rename without replacing"
                    + " (RENAME_NOREPLACE)"
            )
            #expect(Files.names(place.output) == [])
        }
    }

    @Test("A receipt that is no object is a fault of ours, not a file", arguments: ["", "[]", "{"])
    func receiptText(text: String) async throws {
        try await PublishingPlace.with { place in
            let publisher = place.publisher()
            let key = try Sample.key()
            let video = try await Sample.stage(SampleVideo.mp4(length: 100), key, with: publisher)
            let plan = PublicationPlan(key: key, video: video, name: "film", receipt: Array(text.utf8))
            guard case .outputUnavailable(let fault) = await publisher.publish(plan) else {
                Issue.record("published")
                return
            }
            #expect(fault.kind == .internal)
            #expect(Files.names(place.output) == [])
        }
    }

    @Test("The version that the engine wrote stays")
    func version() throws {
        let output = JobOutput(file: "/a.mp4", bytes: 1, sha256: "0", receipt: "/a.json")
        let members = Array("{\"daemon_version\":\"9\",\"file\":\"x\",\"empty\":{},\"list\":[1,[]]}".utf8)
        let bytes = try #require(ReceiptText.bytes(members, output: output, daemonVersion: "1"))
        let value = try JSONParser.parse(bytes)
        #expect(value["daemon_version"] == "9")
        #expect(value["file"] == "/a.mp4")
        #expect(value.objectValue?.names == ["empty", "list", "file", "bytes", "sha256", "daemon_version"])
        #expect(value["list"] == [1, []])
    }

    @Test("Which paths lie below which")
    func below() {
        #expect(MountMemory.path("/a/b", isBelow: "/a"))
        #expect(MountMemory.path("/a", isBelow: "/"))
        #expect(!MountMemory.path("/", isBelow: "/"))
        #expect(!MountMemory.path("/a", isBelow: "/a"))
        #expect(!MountMemory.path("/ab", isBelow: "/a"))
        #expect(!MountMemory.path("/a", isBelow: "/a/b"))
    }
}
