import Glibc
import JobCore
import JobEngine
import TestSupport
import Testing

@testable import JobStore

@Suite("The state directory is ours alone")
struct StateDirectoryTests {
    /// In a process of its own, since the umask is the whole process's.
    @Test func modesDoNotDependOnTheUmask() async throws {
        try await StateFolder.with { folder in
            for mask: UInt32 in [0, 0o777] {
                await #expect(processExitsWith: .success) {
                    [root = folder.root as String, mask = mask as UInt32] in
                    umask(mask)
                    let folder = StateFolder(root: root + "/a/\(mask)")
                    let journal = try folder.open()
                    try await journal.commit([.job(JobSample.job(0))])
                    let copy = try await journal.backup(at: StateFolder.now)
                    let names = try StateDirectory.names(in: folder.state)
                    try #require(
                        names == [
                            "backups", "journal.sqlite", "journal.sqlite-shm", "journal.sqlite-wal", "lock",
                        ]
                    )
                    for name in names where name != "backups" {
                        try #require(folder.mode(folder.state + "/" + name) == 0o600, "\(name)")
                    }
                    try #require(folder.mode(copy) == 0o600)
                    for directory in [folder.state, folder.state + "/backups", folder.root, root + "/a"] {
                        try #require(folder.mode(directory) == 0o700, "\(directory)")
                    }
                    try #require(journal.warnings.isEmpty)
                    await journal.close()
                }
            }
        }
    }

    /// The list of models lies there too, and whatever somebody copied there.
    @Test func otherFilesAreTightenedToo() async throws {
        try await StateFolder.with { folder in
            try await folder.leaveCrashed([[.job(JobSample.job(0))]])
            let file = folder.state + "/models.json"
            close(Glibc.open(file, O_CREAT | O_WRONLY, 0o644))
            chmod(file, 0o644)
            let elsewhere = folder.root + "/elsewhere"
            close(Glibc.open(elsewhere, O_CREAT | O_WRONLY, 0o644))
            chmod(elsewhere, 0o644)
            symlink(elsewhere, folder.state + "/link")
            let journal = try folder.open()
            #expect(folder.mode(file) == 0o600)
            #expect(journal.warnings.count { $0.contains(file + " was open to others") } == 1)
            #expect(folder.mode(elsewhere) == 0o644)
            await journal.close()
        }
    }

    @Test func widerModesAreTightenedAndReported() async throws {
        try await StateFolder.with { folder in
            try await folder.leaveCrashed([[.job(JobSample.job(0))]])
            let files = [folder.main, folder.wal, folder.state + "/lock"]
            for file in files {
                chmod(file, 0o664)
            }
            chmod(folder.state, 0o755)
            let journal = try folder.open()
            #expect(journal.warnings.count == 4)
            for path in [folder.state] + files {
                #expect(
                    journal.warnings.filter { $0.contains(path + " was open to others") }.count == 1,
                    "\(path)"
                )
            }
            for file in files {
                #expect(folder.mode(file) == 0o600)
            }
            #expect(folder.mode(folder.state) == 0o700)
            #expect(try await journal.restore().live.count == 1)
            await journal.close()
        }
    }

    @Test func secondDaemonIsRefused() async throws {
        try await StateFolder.with { folder in
            let journal = try folder.open()
            let error = #expect(throws: JobStoreError.self) { try folder.open() }
            #expect(error?.code == .locked)
            #expect(error?.message.contains("pid \(getpid())") == true)
            #expect(error?.message.contains(folder.state + "/lock") == true)
            try await journal.commit([.job(JobSample.job(0))])
            await journal.close()
            let next = try folder.open()
            #expect(try await next.restore().live.count == 1)
            await next.close()
        }
    }

    @Test func refusedStartLetsGoOfTheLock() async throws {
        try await StateFolder.with { folder in
            mkdir(folder.state, 0o700)
            mkdir(folder.main, 0o700)
            #expect(folder.refusal() == .foreignFile)
            rmdir(folder.main)
            let journal = try folder.open()
            await journal.close()
        }
    }

    @Test func fileInTheDirectorysPlaceIsNamed() async throws {
        try await StateFolder.with { folder in
            try folder.write([1], to: folder.state)
            let error = #expect(throws: JobStoreError.self) { try folder.open() }
            #expect(error?.code == .foreignFile)
            #expect(error?.message.contains(folder.state) == true)
        }
    }
}
