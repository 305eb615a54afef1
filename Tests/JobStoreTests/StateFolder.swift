import GRDB
import Glibc
import JobCore
import JobEngine
import Logging
import Testing

@testable import JobStore

/// A directory of a test's own, removed with everything in it at the end.
struct StateFolder {
    let root: String

    /// The state directory in it, which is not made yet.
    var state: String { root + "/state" }
    /// The database.
    var main: String { state + "/journal.sqlite" }
    /// The write-ahead log.
    var wal: String { main + "-wal" }

    static func with<T>(_ body: (StateFolder) async throws -> T) async throws -> T {
        var template = Array("/tmp/journal-XXXXXX".utf8CString)
        let path = try #require(mkdtemp(&template).map { String(cString: $0) })
        let folder = StateFolder(root: path)
        do {
            let value = try await body(folder)
            remove(path)
            return value
        } catch {
            remove(path)
            throw error
        }
    }

    /// 2026-01-17T12:34:56.789Z.
    static let now = Timestamp(milliseconds: 1_768_653_296_789)

    func open(
        at now: Timestamp = StateFolder.now,
        erasureDelay: Duration = .seconds(3600)
    ) throws -> SQLiteJobJournal {
        try SQLiteJobJournal.open(state, at: now, erasureDelay: erasureDelay, logger: Self.quiet)
    }

    static var quiet: Logger {
        Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    }

    /// What opening throws.
    func refusal() -> JobStoreError.Code? {
        do throws(JobStoreError) {
            _ = try SQLiteJobJournal.open(state, at: Self.now, logger: Self.quiet)
            return nil
        } catch {
            return error.code
        }
    }

    /// Commits to a journal and leaves the files as a process leaves them that is killed.
    func leaveCrashed(_ batches: [[JournalChange]]) async throws {
        let journal = try open()
        for batch in batches {
            try await journal.commit(batch)
        }
        let database = try read(main)
        let log = try read(wal)
        await journal.close()
        try write(database, to: main)
        try write(log, to: wal)
    }

    /// Names and contents of the state directory, without the lock file.
    func contents() throws -> [String: [UInt8]] {
        var contents: [String: [UInt8]] = [:]
        for name in try StateDirectory.names(in: state) where name != "lock" && name != "backups" {
            contents[name] = try read(state + "/" + name)
        }
        return contents
    }

    func mode(_ path: String) -> mode_t? {
        FileStatus(path)?.permissions
    }

    func read(_ path: String) throws -> [UInt8] {
        let file = Glibc.open(path, O_RDONLY)
        try #require(file >= 0, "\(path): \(errnoText(errno))")
        defer { Glibc.close(file) }
        var bytes = [UInt8](repeating: 0, count: Int(FileStatus(path)?.size ?? 0))
        let count = Glibc.read(file, &bytes, bytes.count)
        try #require(count == bytes.count)
        return bytes
    }

    func write(_ bytes: some Collection<UInt8>, to path: String) throws {
        let file = Glibc.open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        try #require(file >= 0, "\(path): \(errnoText(errno))")
        defer { Glibc.close(file) }
        let bytes = Array(bytes)
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            try #require(count > 0, "\(path): \(errnoText(errno))")
            done += count
        }
    }

    /// Overwrites part of a file.
    func damage(_ path: String, at range: Range<Int>) throws {
        var bytes = try read(path)
        for index in range where index < bytes.count {
            bytes[index] = 0xA5
        }
        try write(bytes, to: path)
    }

    /// Runs SQL on a database that nobody has open.
    func execute(_ sql: String, on path: String? = nil) throws {
        let database = try DatabaseQueue(path: path ?? main)
        try database.writeWithoutTransaction { try $0.execute(sql: sql) }
        try database.close()
    }

    static func remove(_ path: String) {
        guard let status = FileStatus(path) else { return }
        if status.kind == S_IFDIR {
            // What cannot be listed cannot be removed either; the system clears /tmp.
            for name in (try? StateDirectory.names(in: path)) ?? [] {
                remove(path + "/" + name)
            }
            rmdir(path)
        } else {
            unlink(path)
        }
    }
}
