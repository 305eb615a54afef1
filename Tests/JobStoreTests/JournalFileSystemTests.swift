import Glibc
import JobCore
import JobEngine
import TestSupport
import Testing

@testable import JobStore

/// A file system in memory, of a size of its own.
///
/// Only root may mount one.
private enum SmallFileSystem {
    static func mount(at path: String, options: String, flags: UInt = 0) -> Bool {
        Glibc.mount("none", path, "tmpfs", flags, options) == 0
    }

    static let isPossible: Bool = {
        var template = Array("/tmp/mount-XXXXXX".utf8CString)
        guard let path = mkdtemp(&template).map({ String(cString: $0) }) else { return false }
        defer { rmdir(path) }
        guard mount(at: path, options: "size=4k") else { return false }
        return umount2(path, 0) == 0
    }()

    static func with(
        _ options: String,
        _ body: (StateFolder) async throws -> Void
    ) async throws {
        try await StateFolder.with { folder in
            mkdir(folder.state, 0o700)
            try #require(mount(at: folder.state, options: options + ",mode=700"))
            do {
                try await body(folder)
                umount2(folder.state, Int32(MNT_DETACH))
            } catch {
                umount2(folder.state, Int32(MNT_DETACH))
                throw error
            }
        }
    }
}

@Suite(
    "A file system that takes no more is named, and nothing is lost",
    .enabled(if: SmallFileSystem.isPossible, "mounting a small file system needs root")
)
struct JournalFileSystemTests {
    /// Takes up the room that is left.
    private func fill(_ folder: StateFolder) throws -> String {
        let path = folder.state + "/ballast"
        let file = open(path, O_WRONLY | O_CREAT, 0o600)
        try #require(file >= 0)
        defer { close(file) }
        let block = [UInt8](repeating: 1, count: 4096)
        while write(file, block, block.count) > 0 {}
        try #require(errno == ENOSPC)
        return path
    }

    @Test func fullDiskFailsTheCommitAndTheSameOneWorksLater() async throws {
        try await SmallFileSystem.with("size=1m") { folder in
            let journal = try folder.open()
            try await journal.commit([.job(JobSample.job(0))])
            let ballast = try fill(folder)
            // More than what is left in the last page of the log.
            let changes = (1..<200).map { JournalChange.job(JobSample.job($0)) } + [.drained(true)]
            for _ in 0..<3 {
                let error = await #expect(throws: JobStoreError.self) { try await journal.commit(changes) }
                #expect(error?.code == .diskFull)
                #expect(error?.message.contains(folder.main) == true)
            }
            #expect(try await journal.restore().live.count == 1)
            unlink(ballast)
            try await journal.commit(changes)
            await journal.close()

            let next = try folder.open()
            let state = try await next.restore()
            #expect(state.live == (0..<200).map { JobSample.job($0) })
            #expect(state.drained)
            await next.close()
        }
    }

    @Test func fullDiskFailsTheCopyAndLeavesNothingBehind() async throws {
        try await SmallFileSystem.with("size=1m") { folder in
            let journal = try folder.open()
            try await journal.commit((0..<100).map { .job(JobSample.job($0)) })
            let ballast = try fill(folder)
            let error = await #expect(throws: JobStoreError.self) {
                try await journal.backup(at: StateFolder.now)
            }
            #expect(error?.code == .diskFull)
            unlink(ballast)
            #expect(try StateDirectory.names(in: folder.state + "/backups").isEmpty)
            #expect(try await journal.restore().live.count == 100)
            await journal.close()
        }
    }

    @Test func fullDiskAtTheStart() async throws {
        try await SmallFileSystem.with("size=512k") { folder in
            let ballast = try fill(folder)
            #expect(folder.refusal() == .diskFull)
            unlink(ballast)
            let journal = try folder.open()
            #expect(try await !journal.restore().drained)
            await journal.close()
        }
    }

    @Test func readOnlyDirectory() async throws {
        try await SmallFileSystem.with("size=1m") { folder in
            let journal = try folder.open()
            try await journal.commit([.job(JobSample.job(0))])
            await journal.close()
            let before = try folder.contents()
            let readOnly = UInt(MS_REMOUNT | MS_RDONLY)
            try #require(SmallFileSystem.mount(at: folder.state, options: "size=1m", flags: readOnly))
            #expect(folder.refusal() == .readOnly)
            #expect(try folder.contents() == before)
        }
    }
}
